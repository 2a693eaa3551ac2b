"""Reminders in bulk: starting with 100,000 pending, adding one, 1,000 due in the same second. Half of them recur.

`python -m bench.reminders [--json] [--pending N]`. Delivering takes 20 ms here, as to a server nearby. The floor of an
addition is a bare sqlite3 INSERT with a commit into a table with one index.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import insert

from chat.clock import utc_now
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from reminders.alarm import AlarmClock
from reminders.occasions import Occasion
from reminders.plans import When
from reminders.retiming import retime
from reminders.rows import to_row
from reminders.schedule import Cron
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.tables import reminders
from reminders.values import Limits, Reminder, new_id
from storage.database import Database
from storage.migrations import upgrade

LINK = "https://discord.com/channels/1/2/3"
ADDED = 200
BURST = 1_000
CHANNELS = 200
DAILY, ZONE = "0 9 * * *", "Europe/Berlin"
NO_LIMITS = Limits(per_person=10**9, per_guild=10**9)


class NearbyDiscord:
    def __init__(self) -> None:
        self.handed_over: list[datetime] = []
        self.first, self.full = asyncio.Event(), asyncio.Event()

    async def deliver(self, occasion: Occasion) -> MessageId:
        self.handed_over.append(utc_now())
        self.first.set()
        await asyncio.sleep(0.02)
        if len(self.handed_over) == BURST:
            self.full.set()
        return MessageId(int(occasion.reminder.channel_id))

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        del reminder
        return None


def made(number: int, due_at: datetime) -> Reminder:
    owner = Person(UserId(number % 1_000), "Ada")
    place = ChannelId(number % CHANNELS)
    schedule, zone = (None, None) if number % 2 else (Cron(DAILY, ZONE), ZONE)
    return Reminder(
        id=new_id(),
        owner=owner,
        guild_id=GuildId(number % 50),
        channel_id=place,
        text="stretch",
        due_at=due_at,
        created_at=utc_now(),
        request_link=LINK,
        source_key=f"{number}/x",
        wake_at=due_at,
        schedule=schedule,
        zone=zone,
    )


async def fill(database: Database, made_ones: list[Reminder]) -> None:
    rows = [to_row(reminder) for reminder in made_ones]
    await database.write(lambda connection: connection.execute(insert(reminders), rows))


@asynccontextmanager
async def ringing(alarm: AlarmClock) -> AsyncGenerator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(alarm.run())
        try:
            yield
        finally:
            running.cancel()


async def start(path: Path) -> tuple[float, float]:
    """Seconds and megabytes until a reminder that is due at start is handed over."""
    process, discord = psutil.Process(), NearbyDiscord()
    memory, began = process.memory_info().rss, time.perf_counter()
    async with Database(f"sqlite:///{path}") as database:
        await fill(database, [made(-1, utc_now())])
        async with ringing(AlarmClock(database=database, deliver=discord, clock=utc_now)):
            await discord.first.wait()
            took = time.perf_counter() - began
    return took, (process.memory_info().rss - memory) / 2**20


async def retiming(path: Path) -> float:
    """Seconds for looking whether new zone data move any of them: beside the running bot, after the start."""
    async with Database(f"sqlite:///{path}") as database:
        began = time.perf_counter()
        await retime(database)
        return time.perf_counter() - began


async def add(path: Path, when: Callable[[], When]) -> list[float]:
    took: list[float] = []
    async with Database(f"sqlite:///{path}") as database:
        alarm = AlarmClock(database=database, deliver=NearbyDiscord(), clock=utc_now)
        service = Reminders(ReminderStore(database), utc_now, limits=NO_LIMITS, promised=alarm.notice)
        async with ringing(alarm):
            for number in range(ADDED):
                began = time.perf_counter()
                await service.schedule(
                    owner=Person(UserId(7), "Ada"),
                    guild_id=GuildId(1),
                    channel_id=ChannelId(2),
                    text="stretch",
                    when=when(),
                    source_key=f"add/{when()}/{number}",
                    request_link=LINK,
                )
                took.append(time.perf_counter() - began)
    return took


def bare_inserts(folder: Path) -> list[float]:
    took: list[float] = []
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE r (id TEXT PRIMARY KEY, due TEXT, text TEXT)")
    for number in range(ADDED):
        began = time.perf_counter()
        connection.execute("INSERT INTO r VALUES (?, ?, ?)", (str(number), "2026", "stretch"))
        took.append(time.perf_counter() - began)
    connection.close()
    return took


async def burst(path: Path) -> tuple[float, float]:
    """Seconds from due until the last of 1,000 is handed over; p99 of the event loop's lag meanwhile."""
    lags: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - began - 0.005)

    discord = NearbyDiscord()
    async with Database(f"sqlite:///{path}") as database:
        due = utc_now() + timedelta(seconds=1.5)
        await fill(database, [made(10**9 + number, due) for number in range(BURST)])
        async with ringing(AlarmClock(database=database, deliver=discord, clock=utc_now)):
            watching = asyncio.create_task(watch())
            await asyncio.wait_for(discord.full.wait(), 60)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    return (max(discord.handed_over) - due).total_seconds(), statistics.quantiles(lags, n=100)[98]


async def prepare(path: Path, pending: int) -> None:
    async with Database(f"sqlite:///{path}") as database:
        await asyncio.to_thread(upgrade, database.engine)
        soon = utc_now() + timedelta(days=1)
        await fill(database, [made(number, soon + timedelta(seconds=number)) for number in range(pending)])


async def measure(pending: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "digmbot.db"
        # In a process of its own: the memory that making them takes is not the bot's.
        arguments = ["--fill", str(path), "--pending", str(pending)]
        subprocess.run([sys.executable, "-m", "bench.reminders", *arguments], check=True)  # noqa: ASYNC221
        start_s, start_mb = await start(path)
        retime_s = await retiming(path)
        once = await add(path, lambda: utc_now() + timedelta(hours=1))
        recurring = await add(path, lambda: Cron(DAILY, ZONE))
        add_ms, recurring_ms, floor_ms = (
            statistics.median(took) * 1000 for took in (once, recurring, bare_inserts(folder))
        )
        last_s, lag = await burst(path)
    return {
        "pending": pending,
        "start_s": round(start_s, 3),
        "start_mb": round(start_mb, 1),
        "retime_s": round(retime_s, 2),
        "add_ms_p50": round(add_ms, 2),
        "add_recurring_ms_p50": round(recurring_ms, 2),
        "add_floor_ms_p50": round(floor_ms, 3),
        "burst": BURST,
        "burst_last_s": round(last_s, 2),
        "burst_loop_lag_ms_p99": round(lag * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reminders")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pending", type=int, default=100_000)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        asyncio.run(prepare(options.fill, options.pending))
        return
    figures = asyncio.run(measure(options.pending))
    if options.json:
        print(json.dumps(figures))
        return
    print(
        f"start, {figures['pending']:,} pending     {figures['start_s']} s, {figures['start_mb']} MB (goal 2 s, 100 MB)"
    )
    print(f"add one, p50               {figures['add_ms_p50']} ms, floor {figures['add_floor_ms_p50']} ms (goal 5 ms)")
    print(f"add a recurring one, p50   {figures['add_recurring_ms_p50']} ms (goal 5 ms)")
    print(f"looking at all their zones {figures['retime_s']} s, beside the running bot")
    print(f"{BURST:,} due at once, last one  {figures['burst_last_s']} s after due (goal 2 s)")
    print(f"event-loop lag, p99        {figures['burst_loop_lag_ms_p99']} ms (goal 20 ms)")


if __name__ == "__main__":
    main()
