"""What the reminder tests share: a place that records what is said, a clock to move, an alarm clock that runs."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from chat.clock import utc_now
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from reminders.alarm import AlarmClock
from reminders.delivery import Pace
from reminders.occasions import DeliveryFailed, Occasion, RunTask
from reminders.plans import When
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.values import Kind, Limits, Reminder, new_id
from storage.database import Database
from storage.migrations import upgrade

ADA, BOB = Person(UserId(1), "Ada"), Person(UserId(2), "Bob")
GUILD, CHANNEL = GuildId(10), ChannelId(20)
LINK = "https://discord.com/channels/10/20/30"
BRISK = Pace(
    lease=timedelta(seconds=0.6),
    first_wait=timedelta(seconds=0.02),
    longest_wait=timedelta(seconds=0.1),
    tries=4,
    sweep=timedelta(seconds=0.1),
    grace=timedelta(seconds=2),
)


class Channel:
    """Keeps what was said, and refuses a nonce it has seen, as Discord does."""

    def __init__(self) -> None:
        self.said: dict[str, MessageId] = {}
        self.late: dict[str, timedelta | None] = {}
        self.occasions: list[Occasion] = []
        self.calls = 0
        self.looked = 0
        self.troubles: list[Exception] = []
        """Raised one by one, in place of saying."""
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()

    async def deliver(self, occasion: Occasion) -> MessageId:
        reminder = occasion.reminder
        async with self._changed:
            self.calls += 1
            self._changed.notify_all()
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        async with self._changed:
            if reminder.nonce not in self.said:
                self.occasions.append(occasion)
            self.late.setdefault(reminder.text, occasion.late_by)
            message_id = self.said.setdefault(reminder.nonce, MessageId(1000 + len(self.said)))
            self._changed.notify_all()
        return message_id

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        self.looked += 1
        return self.said.get(reminder.nonce)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(true)


class MovableClock:
    def __init__(self) -> None:
        self.moved = timedelta()
        self._reads = 0

    def __call__(self) -> datetime:
        self._reads += 1
        return utc_now() + self.moved

    async def read_again(self, times: int) -> None:
        """Wait until somebody looked at the clock so often."""
        enough = self._reads + times
        async with asyncio.timeout(5):
            while self._reads < enough:
                await asyncio.to_thread(int)  # a turn of the loop, without keeping it busy


class House:
    """A database with reminders, as one process has it."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = utc_now, limits: Limits | None = None
    ) -> None:
        self.database = database
        self.clock = clock
        self.store = ReminderStore(database)
        self.reminders = Reminders(self.store, clock, limits=limits, promised=self._promised)
        self._alarms: list[AlarmClock] = []
        self._asked = 0

    @asynccontextmanager
    async def ringing(
        self, channel: Channel, pace: Pace = BRISK, run_task: RunTask | None = None
    ) -> AsyncGenerator[None]:
        alarm = AlarmClock(database=self.database, deliver=channel, clock=self.clock, pace=pace, run_task=run_task)
        self._alarms.append(alarm)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(alarm.run())
            try:
                yield
            finally:
                running.cancel()

    async def promise(self, text: str, seconds: float, *, owner: Person = ADA, source_key: str = "") -> Reminder:
        return await self.plan(text, self.clock() + timedelta(seconds=seconds), owner=owner, source_key=source_key)

    async def plan(
        self, text: str, when: When, *, owner: Person = ADA, source_key: str = "", kind: Kind = Kind.TEXT
    ) -> Reminder:
        self._asked += 1
        return await self.reminders.schedule(
            owner=owner,
            guild_id=GUILD,
            channel_id=CHANNEL,
            text=text,
            when=when,
            source_key=source_key or f"30/{self._asked}",
            request_link=LINK,
            kind=kind,
        )

    async def overdue(self, text: str, seconds: float) -> Reminder:
        """One that came due while nobody was there to say it."""
        now = self.clock()
        due, key = now - timedelta(seconds=seconds), f"31/{text}"
        made = Reminder(new_id(), ADA, GUILD, CHANNEL, text, due, due, LINK, key, wake_at=due)
        return await self.store.add(made, Limits(per_person=10_000))

    async def now_of(self, reminder: Reminder) -> Reminder:
        found = await self.store.get(reminder.id)
        assert found is not None
        return found

    async def in_turn(self, reminder: Reminder, turn: int) -> Reminder:
        """The reminder once it waits for that turn."""
        async with asyncio.timeout(5):
            found = await self.now_of(reminder)
            while found.turn < turn or not found.status.is_open:
                found = await self.now_of(reminder)
        return found

    async def settled(self, reminder: Reminder) -> Reminder:
        """The reminder once it is closed."""
        async with asyncio.timeout(5):
            found = await self.now_of(reminder)
            while found.status.is_open:
                found = await self.now_of(reminder)
        return found

    def _promised(self, reminder: Reminder) -> None:
        for alarm in self._alarms:
            alarm.notice(reminder)


@asynccontextmanager
async def house(
    folder: Path, clock: Callable[[], datetime] = utc_now, limits: Limits | None = None
) -> AsyncGenerator[House]:
    async with Database(f"sqlite:///{folder}/digmbot.db") as database:
        await asyncio.to_thread(upgrade, database.engine)
        yield House(database, clock, limits)


def refused() -> DeliveryFailed:
    return DeliveryFailed("the channel is gone", retry=False)


def unreachable() -> DeliveryFailed:
    return DeliveryFailed("Discord does not answer", retry=True)


def impatient(here: House) -> None:
    """SQLite waits 10 s for another process: too long for a test."""

    def hurry(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    here.database.engine.dispose()
    event.listen(here.database.engine, "connect", hurry)
