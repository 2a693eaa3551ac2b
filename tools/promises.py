"""The reminders as the tools need them, and what the tools about them share."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from chat.ids import ChannelId, GuildId, UserId
from chat.people import Person
from chat.rights import Right
from reminders.plans import When
from reminders.time_zones import ZoneSet
from reminders.values import TASK_GRACE, Kind, Reminder, ReminderError
from tools.calls import ToolError
from tools.context import ToolContext
from tools.permission import Permissions
from tools.reminder_views import ReminderView, view
from tools.whens import Asked, Asker, understand


class Promises(Protocol):
    """`reminders.service.Reminders`, which says what they do. Each method raises ReminderError."""

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
    ) -> Reminder: ...

    async def pending(self, owner: UserId) -> Sequence[Reminder]: ...

    async def find(self, reminder_id: str, owner: UserId) -> Reminder | None: ...

    async def edit(
        self, reminder_id: str, owner: UserId, *, text: str | None = None, when: When | None = None
    ) -> Reminder | None: ...

    async def cancel(self, reminder_id: str, owner: UserId) -> Reminder | None: ...

    async def zone_of(self, person: UserId) -> ZoneInfo | None: ...

    async def set_zone(self, person: UserId, zone: str, *, move: bool = False) -> ZoneSet: ...


@asynccontextmanager
async def refusals() -> AsyncGenerator[None]:
    try:
        yield
    except ReminderError as error:
        raise ToolError(str(error)) from error


async def asker_of(promises: Promises, context: ToolContext) -> Asker:
    """From when it was asked, not from when a busy model got round to it; the same again after a crash."""
    known = await promises.zone_of(context.asker.id)
    asked_at = context.request.edited_at or context.request.created_at
    return Asker(known or context.zone, known is not None, asked_at)


async def promise(
    promises: Promises,
    permissions: Permissions,
    context: ToolContext,
    *,
    text: str,
    asked: Asked,
    kind: Kind,
    grace: timedelta = TASK_GRACE,
) -> ReminderView:
    """Keep one in the channel of the request. Raises ToolError."""
    await permissions.require(context, context.channel, Right.SEND_MESSAGES)
    async with refusals():
        asker = await asker_of(promises, context)
        understood = understand(asked, asker)
        reminder = await promises.schedule(
            owner=context.asker,
            guild_id=context.channel.guild_id,
            channel_id=context.channel.id,
            text=text,
            when=understood.when,
            source_key=context.call_key,
            request_link=context.request.link,
            kind=kind,
            grace=grace,
        )
    return view(reminder, asker.zone, understood.assumed)
