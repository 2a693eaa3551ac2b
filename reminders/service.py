"""Reminders as people use them: promised, listed, cancelled, forgotten. `reminders.alarm` keeps the promises."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from reminders.checks import checked_text, checked_time
from reminders.store import ReminderStore, cause, in_guild, made_by, owned_by, with_id
from reminders.values import Limits, Reminder, ReminderError, new_id

logger = logging.getLogger(__name__)


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
        """`promised` hears of each new reminder once it is stored: `AlarmClock.notice`."""
        self._store = store
        self._clock = clock
        self._limits = limits or Limits()
        self._promised = promised

    async def schedule(
        self,
        *,
        owner: Person,
        guild_id: GuildId | None,
        channel_id: ChannelId,
        text: str,
        due_at: datetime,
        source_key: str,
        request_link: str,
    ) -> Reminder:
        """Promise it: committed when this returns. The same `source_key` answers what it made before, whatever its
        state now, so that a request carried out twice promises once.
        """
        now = self._clock()  # the time was right when they asked, however long the database takes
        async with _storage():
            before = await self._store.by_source(source_key)
            if before is not None:
                return before
            due = checked_time(due_at, now=now, limits=self._limits)
            reminder = Reminder(
                id=new_id(),
                owner=owner,
                guild_id=guild_id,
                channel_id=channel_id,
                text=checked_text(text),
                due_at=due,
                created_at=now,
                request_link=request_link,
                source_key=source_key,
                wake_at=due,
            )
            kept = await self._store.add(reminder, self._limits)
        logger.info("reminder %s of person %s is due at %s", kept.id, owner.id, kept.due_at.isoformat())
        self._promised(kept)
        return kept

    async def pending(self, owner: UserId) -> Sequence[Reminder]:
        """What is still to be said to this person, soonest first."""
        async with _storage():
            return await self._store.open_of(owner)

    async def cancel(self, reminder_id: str, owner: UserId) -> Reminder | None:
        """Close it; answers it as it stands then. `status` tells what became of it: CANCELLED, or DELIVERED or FAILED
        when it was too late; `may_still_appear` when it was being said just then. None: no such reminder of theirs.
        """
        async with _storage():
            closed = await self._store.cancel(with_id(reminder_id, owner), self._clock())
            if closed:
                return closed[0]
            reminder = await self._store.get(reminder_id)
        return reminder if reminder is not None and reminder.owner.id == owner else None

    async def cancel_from(self, message_id: MessageId, *, but_not: str | None = None) -> Sequence[Reminder]:
        """Cancel all that a request made, for when it is edited or withdrawn; answers what was cancelled.

        `but_not` is the version of the request (`Message.version`) whose reminders stay.
        """
        async with _storage():
            return await self._store.cancel(made_by(message_id, but_not=but_not), self._clock())

    async def withdraw(self, reminder_id: str) -> Reminder | None:
        """The operator's and the managers' cancel, whoever owns it; None when no such reminder is open."""
        async with _storage():
            closed = await self._store.cancel(with_id(reminder_id), self._clock())
        return closed[0] if closed else None

    async def upcoming(self, *, guild_id: GuildId | None = None, limit: int = 100) -> Sequence[Reminder]:
        """What is still to be said, to anybody (of one server), soonest first: for the operator, not for members."""
        async with _storage():
            return await self._store.open_ones(guild_id, limit)

    async def every_one_of(self, owner: UserId) -> Sequence[Reminder]:
        """Said or not: what `forget` would delete."""
        async with _storage():
            return await self._store.every_one_of(owner)

    async def forget(self, owner: UserId) -> int:
        """Delete every trace of a person's reminders, said or not; answers how many there were."""
        async with _storage():
            return await self._store.delete(owned_by(owner))

    async def forget_guild(self, guild_id: GuildId) -> int:
        """Delete every reminder of a server that the bot has left; answers how many there were."""
        async with _storage():
            return await self._store.delete(in_guild(guild_id))


@asynccontextmanager
async def _storage() -> AsyncGenerator[None]:
    try:
        yield
    except SQLAlchemyError as error:  # its text holds what people wrote, so it goes no further
        logger.error("the reminders cannot be read or written: %s", cause(error))  # noqa: TRY400
        raise ReminderError(
            "The reminders cannot be reached: the database is busy or broken. Try again soon."
        ) from None
