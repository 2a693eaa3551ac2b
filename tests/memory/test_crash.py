"""After a `kill -9` in the middle of everything, the indexes equal the archive."""

import asyncio
import random
import sys
from pathlib import Path

from chat.ids import MessageId
from memory import full_text
from memory.scopes import scope_of
from tests.memory.parts import GENERAL, GUILD, found, message, open_database, opened, vector_ids

ROUNDS = 3


async def die_writing(folder: Path, round_: int, seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.memory.mortal", str(folder), str(round_), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"writing\n"
    try:
        async with asyncio.timeout(seconds):  # the moment of death, not a wait for anything
            await process.wait()
    except TimeoutError:
        process.kill()
    await process.wait()


async def with_word(word: str, folder: Path) -> set[MessageId]:
    """What the full text finds."""
    async with open_database(folder) as database:
        found = await database.read(lambda c: full_text.search(c, scope_of(GUILD, None), word, limit=10_000))
    return {id_ for id_, _ in found}


async def test_killed_while_writing_the_indexes_equal_the_archive(tmp_path: Path) -> None:
    chance = random.Random(11)
    for round_ in range(ROUNDS):
        await die_writing(tmp_path, round_, chance.uniform(0, 0.7))

    async with opened(tmp_path) as memory:
        await memory.settled()
        kept = await memory.archive.recent(GENERAL, 100_000)

        assert len(kept) > 50
        assert await vector_ids(memory) == {m.id for m in kept}
        assert len({m.id for m in kept}) == len(kept)
        corrected = {m.id for m in kept if "corrected" in m.text}
        assert corrected == await with_word("corrected", tmp_path)
        memory.intake.saw(message(999_999, "still alive"))
        await memory.settled()
        assert (await found(memory, "still alive"))[0] == "still alive"
