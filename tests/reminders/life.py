"""A bot's life in steps, on a clock that only the test moves: it runs, is away, crashes, and its clock is set."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from chat.ids import MessageId
from reminders.alarm import AlarmClock
from reminders.delivery import Pace
from reminders.occasions import Occasion, Ran, TaskOutcome
from reminders.tables import reminders
from reminders.values import Reminder
from storage.database import Database
from tests.reminders.parts import House

PACE = Pace(
    lease=timedelta(seconds=30),
    sweep=timedelta(seconds=0.01),
    grace=timedelta(),
    catch_up_per_second=1000,
)


@dataclass(frozen=True)
class Step:
    """What happens next. The clock is moved first, while the bot is as it was."""

    moved: timedelta
    running: bool
    crashing: bool = False
    """What is said in this step is not written down: the bot dies in between."""


class FakeClock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Heard:
    """Keeps what was said, for which time and when; may then hang, as a dying process does."""

    def __init__(self, clock: FakeClock) -> None:
        self.said: dict[str, tuple[datetime, datetime, str]] = {}
        self.order: list[tuple[str, str]] = []
        self.hangs = False
        self.hanging = set[str]()
        self._clock = clock

    async def deliver(self, occasion: Occasion) -> MessageId:
        return await self._hear(occasion, "skipped" if occasion.reason else "late" if occasion.late_by else "said")

    async def run_task(self, occasion: Occasion) -> TaskOutcome:
        return Ran(await self._hear(occasion, "ran"))

    async def _hear(self, occasion: Occasion, how: str) -> MessageId:
        reminder = occasion.reminder
        assert reminder.nonce not in self.said, "Discord would have refused it, but why was it sent again?"
        self.said[reminder.nonce] = (reminder.due_at, self._clock(), how)
        self.order.append((reminder.text, reminder.nonce))
        if self.hangs:
            self.hanging.add(reminder.nonce)
            await asyncio.Event().wait()
        return MessageId(1)

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        return MessageId(1) if reminder.nonce in self.said else None


class Life:
    """One database over all of it."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.here = House(database, clock)
        self.heard = Heard(clock)
        self._clock = clock
        self._running = AsyncExitStack()
        self._is_running = False

    async def go(self, step: Step) -> None:
        self._clock.now += step.moved
        self.heard.hangs = step.crashing
        self.heard.hanging.clear()
        if step.running != self._is_running:
            await (self.start() if step.running else self.stop())
        if step.running:
            await self._quiet()
        if step.crashing:
            await self.stop()

    async def start(self) -> None:
        alarm = AlarmClock(
            database=self.here.database,
            deliver=self.heard,
            clock=self._clock,
            run_task=self.heard.run_task,
            pace=PACE,
        )
        tasks = await self._running.enter_async_context(asyncio.TaskGroup())
        running = tasks.create_task(alarm.run())
        self._running.callback(running.cancel)
        self._is_running = True

    async def stop(self) -> None:
        await self._running.aclose()
        self._is_running = False

    async def _quiet(self) -> None:
        """Wait until nothing is due any more, or all that is due hangs."""
        c = reminders.c
        open_ = select(c.id, c.turn).where((c.wake_at <= self._clock.now) | (c.status == "claimed"))
        async with asyncio.timeout(5):
            while True:
                rows = await self.here.database.read(lambda connection: connection.execute(open_).all())
                if all(f"r-{id_}-{turn}" in self.heard.hanging for id_, turn in rows):
                    return
