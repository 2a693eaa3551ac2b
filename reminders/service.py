"""Reminders as people use them: promised, listed, changed, cancelled, forgotten. `reminders.alarm` keeps them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from reminders.checks import checked_text
from reminders.managers import Managers
from reminders.plans import When, plan
from reminders.store import ReminderStore, in_guild, made_by, owned_by, with_id
from reminders.storing import storage
from reminders.time_zones import TimeZones, ZoneSet
from reminders.values import TASK_GRACE, Kind, Limits, Reminder, ReminderError, Status, new_id
from reminders.wording import full_time

logger = logging.getLogger(__name__)


_ENDS = {Status.DELIVERED: "was delivered", Status.CANCELLED: "was cancelled", Status.FAILED: "failed"}


def _nobody(_: Reminder) -> None:
    """For a process that makes reminders and leaves the ringing to another."""


class Reminders:
    """Every method raises ReminderError, one plain sentence, when it cannot do what it was asked."""

    def __init__(
        self,
        store: ReminderStore,
        clock: Clock,
        *,
        limits: Limits | None = None,
        promised: Callable[[Reminder], None] = _nobody,
    ) -> None:
        """`promised` hears of each reminder that is stored anew or for another time: `AlarmClock.notice`."""
        self._store = store
        self._clock = clock
        self._limits = limits or Limits()
        self._promised = promised
        self._zones = TimeZones(store)
        self.managers = Managers(store, clock)

    async def schedule(
        self,
        *,
        owner: Person,
        guild_id: GuildId | None,
        channel_id: ChannelId,
        text: str,
        when: When,
        source_key: str,
        request_link: str,
        kind: Kind = Kind.TEXT,
        grace: timedelta = TASK_GRACE,
    ) -> Reminder:
        """Promise it: committed when this returns. The same `source_key` answers what it made before, whatever its
        state now, so that a request carried out twice promises once. `grace`: how late a task is still carried out.
        """
        now = self._clock()  # the time was right when they asked, however long the database takes
        async with storage():
            before = await self._store.by_source(source_key)
        if before is not None:
            return before
        planned = await asyncio.to_thread(plan, when, now=now, limits=self._limits)
        reminder = Reminder(
            id=new_id(),
            owner=owner,
            guild_id=guild_id,
            channel_id=channel_id,
            text=checked_text(text),
            due_at=planned.first,
            created_at=now,
            request_link=request_link,
            source_key=source_key,
            wake_at=planned.first,
            kind=kind,
            schedule=planned.recurring,
            zone=planned.zone,
            grace=grace if kind is Kind.TASK else None,
        )
        return await self._keep(reminder)

    async def pending(self, owner: UserId) -> Sequence[Reminder]:
        """What is still to be said to this person, soonest first."""
        async with storage():
            return await self._store.open_of(owner)

    async def find(self, reminder_id: str, owner: UserId) -> Reminder | None:
        """One of theirs, open or closed."""
        async with storage():
            reminder = await self._store.get(reminder_id)
        return reminder if reminder is not None and reminder.owner.id == owner else None

    async def edit(
        self, reminder_id: str, owner: UserId, *, text: str | None = None, when: When | None = None
    ) -> Reminder | None:
        """Change what is said, or when, or both; answers it as it is then. None: no such reminder of theirs."""
        now = self._clock()
        before = await self.find(reminder_id, owner)
        if before is None:
            return None
        match before.status:
            case Status.PENDING:
                pass
            case Status.CLAIMED:
                raise ReminderError(f"Reminder {before.id} is being delivered just now; try again in a moment.")
            case closed:
                raise ReminderError(
                    f"Reminder {before.id} is not waiting any more: it {_ENDS.get(closed, 'was delivered')}."
                )
        after = before if text is None else replace(before, text=checked_text(text))
        if when is not None:
            planned = await asyncio.to_thread(plan, when, now=now, limits=self._limits)
            after = replace(
                after,
                due_at=planned.first,
                wake_at=planned.first,
                schedule=planned.recurring,
                zone=planned.zone,
                turn=before.turn + (before.attempts > 0),  # what was tried may have been seen: this is another
                attempts=0,
                failure="",
            )
        return await self._change(before, after)

    async def snooze(
        self, reminder_id: str, owner: UserId, until: datetime, *, turn: int | None = None
    ) -> Reminder | None:
        """Say it once more, then. One that was delivered waits again; of a recurring one this makes a single one beside
        it. None: no such reminder of theirs. `turn`: which one they saw, by default the last. Each is snoozed once.
        """
        before = await self.find(reminder_id, owner)
        if before is None:
            return None
        due = plan(until, now=self._clock(), limits=self._limits).first
        if before.schedule is not None and before.delivered_message_id is not None:
            kept = await self._keep(_once_more(before, due, f"{before.source_key}/snoozed/{turn or before.turn}"))
            if kept.due_at != due:
                raise ReminderError(f"It was snoozed already, until {full_time(kept.due_at)}.")
            return kept
        _check_waits_for_an_answer(before, turn)
        again = replace(
            before, status=Status.PENDING, due_at=due, wake_at=due, zone=None, turn=before.turn + 1, attempts=0
        )
        return await self._change(before, replace(again, closed_at=None, acknowledged_at=None))

    async def done(self, reminder_id: str, owner: UserId, *, turn: int | None = None) -> Reminder | None:
        """Note that they saw the last turn, or `turn`, where that is the last. None: no such reminder of theirs, or it
        was never delivered.
        """
        before = await self.find(reminder_id, owner)
        if before is None:
            return None
        if before.schedule is None and turn is not None:
            _check_waits_for_an_answer(before, turn)
        if turn is not None and turn + before.status.is_open < before.turn:
            return before
        if turn is not None and before.acknowledged_at is not None:
            raise ReminderError("You have said already that this is done.")
        async with storage():
            noted = await self._store.acknowledge(with_id(reminder_id, owner), self._clock())
        return noted[0] if noted else None

    async def cancel(self, reminder_id: str, owner: UserId) -> Reminder | None:
        """Close it, with all its turns; answers it as it stands then. `status` tells what became of it: CANCELLED, or
        DELIVERED or FAILED when it was too late; `may_still_appear` when it was being said just then. None: no such
        reminder of theirs.
        """
        async with storage():
            closed = await self._store.cancel(with_id(reminder_id, owner), self._clock())
        return closed[0] if closed else await self.find(reminder_id, owner)

    async def cancel_from(self, message_id: MessageId, *, but_not: str | None = None) -> Sequence[Reminder]:
        """Cancel all that a request made, for when it is edited or withdrawn; answers what was cancelled.

        `but_not` is the version of the request (`Message.version`) whose reminders stay.
        """
        async with storage():
            return await self._store.cancel(made_by(message_id, but_not=but_not), self._clock())

    async def withdraw(self, reminder_id: str) -> Reminder | None:
        """The operator's cancel, whoever owns it; None when no such reminder is open."""
        async with storage():
            closed = await self._store.cancel(with_id(reminder_id), self._clock())
        return closed[0] if closed else None

    async def upcoming(self, *, guild_id: GuildId | None = None, limit: int = 100) -> Sequence[Reminder]:
        """What is still to be said, to anybody (of one server), soonest first: for the operator, not for members."""
        async with storage():
            return await self._store.open_ones(guild_id, limit)

    async def unheard_of(self, person: UserId) -> Sequence[Reminder]:
        """What could not be said to them, neither here nor privately, and they were not told of since."""
        async with storage():
            return await self._store.unheard_of(person)

    async def heard(self, told: Sequence[Reminder]) -> None:
        """They have been told of these now."""
        async with storage():
            await self._store.heard(told)

    async def zone_of(self, person: UserId) -> ZoneInfo | None:
        """The time zone that they have set."""
        async with storage():
            return await self._zones.of(person)

    async def set_zone(self, person: UserId, zone: str, *, move: bool = False) -> ZoneSet:
        """Keep a person's time zone. `move`: their recurring reminders keep their wall times in the new zone."""
        async with storage():
            return await self._zones.set(person, zone, now=self._clock(), move=move, moved=self._promised)

    async def every_one_of(self, owner: UserId) -> Sequence[Reminder]:
        """Said or not: what `forget` would delete."""
        async with storage():
            return await self._store.every_one_of(owner)

    async def forget(self, owner: UserId) -> int:
        """Delete every trace of a person's reminders, said or not, and their zone; answers how many there were."""
        async with storage():
            await self._zones.forget(owner)
            return await self._store.delete(owned_by(owner))

    async def guilds(self) -> frozenset[GuildId]:
        """The servers that there are reminders of."""
        async with storage():
            return await self._store.guilds()

    async def forget_guild(self, guild_id: GuildId) -> int:
        """Delete every reminder of a server that the bot has left; answers how many there were."""
        async with storage():
            return await self._store.delete(in_guild(guild_id))

    async def _keep(self, reminder: Reminder) -> Reminder:
        async with storage():
            kept = await self._store.add(reminder, self._limits)
        logger.info("reminder %s of person %s is due at %s", kept.id, kept.owner.id, kept.due_at.isoformat())
        self._promised(kept)
        return kept

    async def _change(self, before: Reminder, after: Reminder) -> Reminder:
        async with storage():
            changed = await self._store.change(before, after)
        if not changed:
            raise ReminderError(f"Reminder {before.id} has just changed; look at it again.")
        self._promised(after)
        return after


def _check_waits_for_an_answer(reminder: Reminder, turn: int | None) -> None:
    """For a single one that was said. Raises ReminderError."""
    if reminder.status.is_open and turn is not None and turn < reminder.turn:
        raise ReminderError(f"It was snoozed already, until {full_time(reminder.due_at)}.")
    if reminder.status is Status.CLAIMED and turn is not None:
        raise ReminderError("It is being written down just now that this was said; try again in a moment.")
    if reminder.status.is_open:
        raise ReminderError(f"Reminder {reminder.id} was not delivered yet; change its time instead.")
    if reminder.status is not Status.DELIVERED:
        raise ReminderError(f"Reminder {reminder.id} was never delivered: it {_ENDS[reminder.status]}.")
    if turn is not None and turn < reminder.turn:
        raise ReminderError("It was snoozed, and has come again since.")
    if turn is not None and reminder.acknowledged_at is not None:
        raise ReminderError("You have said already that this is done.")


def _once_more(before: Reminder, due: datetime, source_key: str) -> Reminder:
    return Reminder(
        id=new_id(),
        owner=before.owner,
        guild_id=before.guild_id,
        channel_id=before.channel_id,
        text=before.text,
        due_at=due,
        created_at=before.created_at,
        request_link=before.request_link,
        source_key=source_key,
        wake_at=due,
        kind=before.kind,
        grace=before.grace,
    )
