"""Killed again and again around the times that reminders are due, the bot loses none and says none twice."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from reminders.values import Limits
from tests.reminders.parts import House, house

KILLS = 15
REMINDERS = 150
SPAN = 4.0  # seconds over which they are due


async def test_fifteen_kills_around_due_times_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    dice = random.Random(seed)
    said = tmp_path / "channel.txt"
    said.touch()
    async with house(tmp_path, limits=Limits(per_person=REMINDERS)) as here:
        made = [await here.promise(f"r{n}", 0.5 + dice.uniform(0, SPAN)) for n in range(REMINDERS)]
        async with _bots(tmp_path) as bots:
            for _ in range(KILLS):
                child = await _start(bots)
                await asyncio.sleep(dice.uniform(0.02, 0.5))  # the moment of the kill is what is random here
                os.kill(child, signal.SIGKILL)
                assert await _line(bots) == "gone"
            child = await _start(bots)
            await _all_settled(here)
            os.kill(child, signal.SIGKILL)

    times = Counter(line.split()[0] for line in said.read_text().splitlines())
    assert set(times) == {reminder.nonce for reminder in made}, f"lost some, seed {seed}"
    assert max(times.values()) == 1, f"said some twice, seed {seed}"


@asynccontextmanager
async def _bots(folder: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.reminders.mortal",
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 5)


async def _start(bots: asyncio.subprocess.Process) -> int:
    assert bots.stdin is not None
    bots.stdin.write(b"\n")
    return int(await _line(bots))


async def _line(bots: asyncio.subprocess.Process) -> str:
    assert bots.stdout is not None
    return (await asyncio.wait_for(bots.stdout.readline(), 20)).decode().strip()


async def _all_settled(here: House) -> None:
    async with asyncio.timeout(10):
        while await here.reminders.upcoming(limit=1):
            pass
