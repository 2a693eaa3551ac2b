"""A deleted message's words are in no file of the database afterwards."""

from pathlib import Path

import pytest

from chat.messages import Attachment
from tests.memory.parts import GENERAL, GUILD, message, opened

CANARY = "quetzalcoatl"  # a word that stemming leaves alone


def files_with(word: str, folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes().lower()]


@pytest.mark.parametrize("way", ["delete", "bulk", "edit", "channel", "server"])
async def test_erased_words_leave_every_file(way: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        # Enough other lines that the word gets into segments of its own, and pages are split and freed.
        await memory.archive.archive_many([message(n, f"some other line {n}") for n in range(600)])
        file = Attachment(f"{CANARY}.png", "image/png", 1, f"https://cdn.example/{CANARY}.png")
        said = message(1_000, f"a {CANARY} sang to {CANARY}s", attachments=(file,))
        await memory.archive.archive_many([said, *(message(n, f"{CANARY} line {n}") for n in range(1_001, 1_050))])
        await memory.settled()
        assert files_with(CANARY, tmp_path)

        match way:
            case "delete" | "bulk":
                for n in range(1_000, 1_050):
                    memory.intake.gone([message(n, "").id])
            case "edit":
                for n in range(1_000, 1_050):
                    memory.intake.saw(message(n, "a bird", edited=2_000))
            case "channel":
                memory.intake.channel_gone(GENERAL)
            case _:
                memory.intake.guild_gone(GUILD)
        await memory.settled()

        assert files_with(CANARY, tmp_path) == []


async def test_an_interrupted_wipe_is_done_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(1, CANARY), message(2, "hello")])
        await memory.settled()
        await memory.archive.erase([message(1, "").id])  # and at once the end

    async with opened(tmp_path) as memory:
        await memory.settled()

        assert files_with(CANARY, tmp_path) == []
