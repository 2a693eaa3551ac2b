"""The size gate of `make check`: files under 300 lines, functions under 40. `python -m tests.gates` lists what is over.

Small things that grow a line at a time are how good code went bad elsewhere; no one decided it, no gate stopped it.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE = 300
MAX_FUNCTION = 40
ROOT = Path(__file__).parent.parent
GATED = {".py", ".js", ".css", ".html"}


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if Path(name).suffix in GATED)
    found = [problem for path in sorted(paths) if path.exists() for problem in problems(path)]
    print("\n".join(found) or "all files and functions are within size")
    return 1 if found else 0


def problems(path: Path) -> Iterator[str]:
    """What in this file is longer than it may be, as `file:line: sentence`."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    if (lines := text.count("\n")) > MAX_FILE:
        yield f"{name}:{lines}: {lines} lines; a file has one reason to change, in at most {MAX_FILE}"
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines; at most {MAX_FUNCTION}"


if __name__ == "__main__":
    sys.exit(main())
