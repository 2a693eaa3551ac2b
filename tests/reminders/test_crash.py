"""Killed again and again around the times that reminders are due, the bot loses none and says none twice.

Of recurring ones each turn is said once, for the newest time that had come by then; and the next is never lost.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from reminders.schedule import Every, next_after
from reminders.values import Limits, Reminder, new_id
from tests.reminders.parts import ADA, CHANNEL, GUILD, LINK, House, house

KILLS = 15
REMINDERS = 150
SERIES = 10
SPAN = 4.0  # seconds over which they are due
SLACK = timedelta(seconds=0.5)  # from looking at the clock until it is heard


async def test_fifteen_kills_around_due_times_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    dice = random.Random(seed)
    said = tmp_path / "channel.txt"
    said.touch()
    async with house(tmp_path, limits=Limits(per_person=REMINDERS)) as here:
        made = [await here.promise(f"r{n}", 0.5 + dice.uniform(0, SPAN)) for n in range(REMINDERS)]
        series = [await _series(here, number) for number in range(SERIES)]
        async with _bots(tmp_path) as bots:
            for _ in range(KILLS):
                child = await _start(bots)
                await asyncio.sleep(dice.uniform(0.02, 0.5))  # the moment of the kill is what is random here
                os.kill(child, signal.SIGKILL)
                assert await _line(bots) == "gone"
            child = await _start(bots)
            await _all_settled(here)
            os.kill(child, signal.SIGKILL)

    lines = [line.split() for line in said.read_text().splitlines()]
    times = Counter(nonce for nonce, _, _ in lines)
    assert set(times) >= {reminder.nonce for reminder in made}, f"lost some, seed {seed}"
    assert max(times.values()) == 1, f"said some twice, seed {seed}"
    for each in series:
        heard = [(_moment(due), _moment(at)) for nonce, due, at in lines if nonce.startswith(f"r-{each.id}-")]
        assert _is_whole(each, heard), f"a series has a gap or a pile, seed {seed}: {each.due_at} {heard}"


def _is_whole(reminder: Reminder, heard: Sequence[tuple[datetime, datetime]]) -> bool:
    """From its first time to its last nothing is missing that is not covered by a catch-up, which came later."""
    assert reminder.schedule is not None
    times = [reminder.due_at]
    while (following := next_after(reminder.schedule, times[-1])) is not None:
        times.append(following)
    said = dict(heard)
    dues = [due for due, _ in heard]
    covered = all(any(later > at and said[later] >= later for later in dues) for at in times if at not in said)
    newest = all(not any(due < at < said[due] - SLACK for at in times) for due in dues)
    return dues == sorted(set(dues)) and set(dues) <= set(times) and dues[-1] == times[-1] and covered and newest


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


async def _series(here: House, number: int) -> Reminder:
    """Every second or so: more often than the service would promise."""
    now = here.clock()
    schedule = Every(timedelta(seconds=0.7 + number / 10), now, until=now + timedelta(seconds=SPAN))
    due, key = now + schedule.interval, f"32/{number}"
    made = Reminder(
        new_id(), ADA, GUILD, CHANNEL, f"series {number}", due, now, LINK, key, wake_at=due, schedule=schedule
    )
    return await here.store.add(made, Limits(per_person=10_000))


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
