"""What those who manage a server see of the reminders in it: who, when, where; and they may call them off.

Never the texts, which are between the bot and the person, and nothing of direct messages, which belong to no server.
"""

from collections.abc import Sequence

from chat.clock import Clock
from chat.ids import GuildId, UserId
from reminders.store import ReminderStore, in_guild, with_id
from reminders.storing import storage
from reminders.values import Promised, Reminder


class Managers:
    """The caller makes sure that it acts for a manager of that server. Raises ReminderError."""

    def __init__(self, store: ReminderStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def waiting_in(
        self, guild_id: GuildId, *, besides: UserId | None = None, limit: int = 100
    ) -> Sequence[Promised]:
        """What is still to come in a server, soonest first; without those of one person."""
        async with storage():
            return [_promised(each) for each in await self._store.open_ones(guild_id, limit, besides=besides)]

    async def cancel_in(self, guild_id: GuildId, reminder_id: str) -> Promised | None:
        """None when no such reminder of that server is open."""
        async with storage():
            closed = await self._store.cancel(in_guild(guild_id) & with_id(reminder_id), self._clock())
        return _promised(closed[0]) if closed else None


def _promised(reminder: Reminder) -> Promised:
    return Promised(reminder.id, reminder.owner, reminder.channel_id, reminder.due_at, reminder.kind, reminder.schedule)
