"""What can be copied from the documents works: commands exist, the sandbox's snippets run, its world file loads."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.cli import main
from sandbox import load_world

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SANDBOX = ROOT / "docs" / "sandbox.md"


def blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


def written(pattern: str) -> set[str]:
    """What stands as code in any document."""
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    code = [found for text in texts for found in re.findall(r"```\w*\n.*?```|`[^`\n]+`", text, re.DOTALL)]
    return {found for each in code for found in re.findall(pattern, each)}


def test_every_make_target_that_is_written_of_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert written(r"(?:^|[`\n])make ([a-z]+)") <= targets


def test_every_command_that_is_written_of_exists() -> None:
    commands = written(r"(?<!/)\bdigmbot ((?:config|memory|reminders) [a-z]+|[a-z-]+)\b")
    assert {"run", "demo", "sandbox", "doctor", "config init", "memory search", "reminders list"} <= commands
    for command in sorted(commands):
        with pytest.raises(SystemExit) as exit_:
            main([*command.split(), "--help"])
        assert not exit_.value.code, command


async def test_the_sandbox_conversation_happens() -> None:
    _, example = blocks(SANDBOX, "python")
    namespace: dict[str, Callable[[], Awaitable[str]]] = {}
    exec(compile(example, "docs/sandbox.md", "exec"), namespace)
    assert await namespace["conversation"]() == "I am."


def test_the_world_in_the_document_is_whole(tmp_path: Path) -> None:
    (example,) = blocks(SANDBOX, "toml")
    file = tmp_path / "world.toml"
    file.write_text(example, encoding="utf-8")
    (guild,) = load_world(file).guilds
    assert (guild.name, len(guild.channels), len(guild.messages)) == ("Workshop", 4, 1)


@pytest.mark.parametrize("name", ["demo-mia", "1100000033554432011"])
def test_what_the_curl_lines_take_for_granted_holds(name: str) -> None:
    (lines,) = blocks(SANDBOX, "sh")
    assert name in lines
    assert name in (ROOT / "sandbox" / "worlds" / "demo.toml").read_text(encoding="utf-8")
