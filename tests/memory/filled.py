"""A process that keeps and indexes some messages, and ends in good order. `python -m tests.memory.filled FOLDER`."""

import asyncio
import sys
from pathlib import Path

from tests.memory.parts import message, opened

FLAMINGOS = [message(n, f"flamingo {n}") for n in range(1_100)]  # beyond Chroma's first sync to the index's files


async def fill(folder: Path) -> None:
    async with opened(folder) as memory:
        await memory.archive.archive_many(FLAMINGOS)
        await memory.settled()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
