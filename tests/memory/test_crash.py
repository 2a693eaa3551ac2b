"""After a `kill -9` in the middle of everything, the indexes equal the archive."""

import asyncio
import random
import sys
from pathlib import Path

from tests.memory.parts import GENERAL, everywhere, found, message, opened, vector_ids

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


async def test_killed_while_writing_the_indexes_equal_the_archive(tmp_path: Path) -> None:
    chance = random.Random(11)
    for round_ in range(ROUNDS):
        await die_writing(tmp_path, round_, chance.uniform(0, 0.7))

    async with opened(tmp_path) as memory:
        await memory.settled()
        kept = await memory.archive.recent(GENERAL, 100_000)

        assert len(kept) > 50
        assert vector_ids(memory) == {m.id for m in kept}
        assert len({m.id for m in kept}) == len(kept)
        by_words = await memory.recall.recall("corrected", guild_id=kept[0].guild_id, may_show=everywhere, limit=10_000)
        corrected = {m.id for m in kept if "corrected" in m.text}
        assert corrected <= {hit.message.id for hit in by_words}
        memory.intake.saw(message(999_999, "still alive"))
        await memory.settled()
        assert (await found(memory, "still alive"))[0] == "still alive"
