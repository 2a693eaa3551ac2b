"""A process that takes in, edits and deletes messages until it is killed. `python -m tests.memory.mortal FOLDER ROUND`.

It prints a line when it has begun to write.
"""

import asyncio
import sys
from pathlib import Path

from tests.memory.parts import message, opened

PER_ROUND = 3_000


async def live(folder: Path, round_: int) -> None:
    async with opened(folder) as memory:
        first = round_ * PER_ROUND
        for number in range(first, first + PER_ROUND):
            memory.intake.saw(message(number, f"line {number}"))
            if number % 7 == 0:
                memory.intake.saw(message(number, f"line {number}, corrected", edited=number + 1))
            if number % 5 == 0:
                memory.intake.gone([message(number, "").id])
            if number % 10 == 0:
                await memory.intake.settled()
            if number == first + 50:
                print("writing", flush=True)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2])))
