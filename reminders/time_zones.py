"""The time zones that people have set, and what moving to another means for their recurring reminders."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chat.ids import UserId
from reminders.errors import ReminderError
from reminders.schedule import moved as moved_to
from reminders.schedule import next_after
from reminders.store import ReminderStore
from reminders.values import Reminder, Status
from reminders.wall import zone_of


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """What setting a zone has done."""

    zone: ZoneInfo
    kept: int
    """Recurring reminders that go by the wall time of another zone."""
    moved: int
    """Recurring reminders that go by the new zone from now on."""


class TimeZones:
    """Raises `sqlalchemy.exc.SQLAlchemyError` where the database cannot be used."""

    def __init__(self, store: ReminderStore) -> None:
        self._store = store

    async def of(self, person: UserId) -> ZoneInfo | None:
        name = await self._store.zone_of(person)
        try:
            return zone_of(name) if name else None
        except ReminderError:  # the zone has left the zone data
            return None

    async def set(
        self, person: UserId, name: str, *, now: datetime, move: bool, moved: Callable[[Reminder], None]
    ) -> ZoneSet:
        """`moved` hears of each reminder that comes at another time now. Raises ReminderError for what is no zone."""
        zone = zone_of(name)
        await self._store.set_zone(person, zone.key, now)
        others = [
            each
            for each in await self._store.open_of(person)
            if each.schedule is not None and each.zone is not None and each.zone != zone.key
        ]
        done = [each for each in others if move and await self._move(each, zone, now, moved)]
        return ZoneSet(zone, len(others) - len(done), len(done))

    async def forget(self, person: UserId) -> None:
        await self._store.forget_zone(person)

    async def _move(self, reminder: Reminder, zone: ZoneInfo, now: datetime, moved: Callable[[Reminder], None]) -> bool:
        if (
            reminder.schedule is None
            or reminder.status is not Status.PENDING
            or reminder.attempts
            or reminder.due_at <= now
        ):
            return False
        schedule = moved_to(reminder.schedule, zone.key)
        due = next_after(schedule, now)
        if due is None:
            return False
        after = replace(reminder, schedule=schedule, zone=zone.key, due_at=due, wake_at=due)
        done = await self._store.change(reminder, after)
        if done:
            moved(after)
        return done
