"""How long an answer takes to be planned into messages, for ordinary and for hostile text. `python -m bench.split`.

The floor is one pass over the same text by a regular expression that finds its lines.
"""

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable

from bot.text.split import plan

SIZE = 100_000
ROUNDS = 9
UNITS = {
    "words": "word ",
    "one word": "x",
    "fences": "```\na\n",
    "marks": "**",
    "families": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "lines": "a\n",
    "half mentions": "[<@`",
}
LINE = re.compile(r"[^\n]*\n?")


def milliseconds(work: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    rows: list[dict[str, object]] = []
    for name, unit in UNITS.items():
        text = unit * (SIZE // len(unit))
        floor = milliseconds(lambda text=text: LINE.findall(text))
        rows.append({"text": name, "plan_ms": round(milliseconds(lambda text=text: plan(text)), 1), "floor_ms": floor})
    if parser.parse_args().json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['text']!s:15} {row['plan_ms']!s:>6} ms for {SIZE:,} characters")


if __name__ == "__main__":
    main()
