"""The tools about promises: be reminded, see what is waiting, call it off."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Protocol

from pydantic import BaseModel, Field

from chat.ids import ChannelId, GuildId, UserId
from chat.people import Person
from chat.rights import Right
from reminders.plans import When
from reminders.values import Reminder, ReminderError, Status
from reminders.wording import full_time, relative_time
from tools.calls import Effect, ToolError, Wording
from tools.context import ToolContext
from tools.moments import MOMENT, local, moment, time_zone
from tools.native import tool
from tools.permission import Permissions
from tools.quoting import fitting

MAX_DELAY = 10 * 366 * 24 * 3600


class Promises(Protocol):
    """The reminders as this room needs them: `reminders.service.Reminders`. Each method raises ReminderError."""

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
    ) -> Reminder: ...

    async def pending(self, owner: UserId) -> Sequence[Reminder]: ...

    async def cancel(self, reminder_id: str, owner: UserId) -> Reminder | None: ...


class ReminderView(BaseModel):
    """A reminder as a tool tells of it."""

    id: str
    text: str
    due: str = Field(description="In the asker's time zone.")
    time_zone: str
    due_shown: str = Field(description="Write this in an answer: Discord shows it as a date in each reader's own zone.")
    due_in: str = Field(description="Write this in an answer: Discord shows it as `in 5 minutes`.")
    channel: str
    asked_in: str = Field(description="Link to the message that asked for it.")


class ReminderList(BaseModel):
    """What is waiting for the person asking, soonest first."""

    reminders: list[ReminderView]
    note: str | None = None


class Cancelled(BaseModel):
    """What was called off."""

    cancelled: ReminderView | str
    note: str | None = None


class ReminderTools:
    """What the agent can promise."""

    def __init__(self, *, reminders: Promises, permissions: Permissions) -> None:
        self._reminders = reminders
        self._permissions = permissions

    @tool(title="Set a reminder", effect=Effect.WRITE, wording=Wording(text="text", to_asker=True))
    async def schedule_reminder(
        self,
        *,
        text: Annotated[str, Field(description="What to remind of, in the person's own words.", min_length=1)],
        delay_seconds: Annotated[
            int | None, Field(description="In how many seconds, for `in 5 minutes`.", ge=1, le=MAX_DELAY)
        ] = None,
        due_at: Annotated[str | None, Field(description=f"When. {MOMENT}.", max_length=40)] = None,
        zone: Annotated[
            str | None,
            Field(description="IANA zone of `due_at`, only when the person named another than theirs.", max_length=64),
        ] = None,
        context: ToolContext,
    ) -> ReminderView:
        """Remind the person asking, in this channel, at a later time. Give either `delay_seconds` or `due_at`."""
        await self._permissions.require(context, context.channel, Right.SEND_MESSAGES)
        async with _refusals():
            reminder = await self._reminders.schedule(
                owner=context.asker,
                guild_id=context.channel.guild_id,
                channel_id=context.channel.id,
                text=text,
                when=_due(context, delay_seconds, due_at, zone),
                source_key=context.call_key,
                request_link=context.request.link,
            )
        return _view(reminder, context)

    @tool(title="List reminders", effect=Effect.READ)
    async def list_reminders(self, *, context: ToolContext) -> ReminderList:
        """List the reminders that are waiting for the person asking, soonest first, with their ids."""
        async with _refusals():
            waiting = await self._reminders.pending(context.asker.id)
        tellable = await self._tellable(context, waiting)
        views = fitting([_view(reminder, context) for reminder in tellable])
        notes = [f"{len(tellable) - len(views)} later ones are not listed"] if len(tellable) > len(views) else []
        if hidden := len(waiting) - len(tellable):
            notes.append(
                f"{hidden} more from places that not everybody here may read; they are told in a direct message"
            )
        return ReminderList(reminders=views, note="; ".join(notes) or None)

    @tool(title="Cancel a reminder", effect=Effect.WRITE, wording=Wording(exact=("reminder_id",)))
    async def cancel_reminder(
        self,
        *,
        reminder_id: Annotated[str, Field(description="As listed.", min_length=1, max_length=40)],
        context: ToolContext,
    ) -> Cancelled:
        """Call off a reminder of the person asking."""
        async with _refusals():
            closed = await self._reminders.cancel(reminder_id.strip(), context.asker.id)
        if closed is None:
            raise ToolError(
                f"{context.asker.name} has no reminder {reminder_id.strip()!r}; list_reminders tells the ids."
            )
        if closed.status is not Status.CANCELLED:
            raise ToolError(f"Reminder {closed.id} is not waiting any more: it was {closed.status.value} already.")
        tellable = await self._tellable(context, [closed])
        note = "it was being said just now and may still appear" if closed.may_still_appear else None
        return Cancelled(cancelled=_view(closed, context) if tellable else closed.id, note=note)

    async def _tellable(self, context: ToolContext, reminders: Sequence[Reminder]) -> list[Reminder]:
        """What was asked in a private place is not told in front of others."""
        known = await self._permissions.showable(context, {reminder.channel_id for reminder in reminders})
        return [each for each in reminders if each.channel_id in known or each.channel_id == context.channel.id]


def _due(context: ToolContext, delay_seconds: int | None, due_at: str | None, zone: str | None) -> datetime:
    match delay_seconds, due_at:
        case (None, None):
            raise ToolError("Say when: either `delay_seconds` or `due_at`.")
        case (int(), None):
            # From when it was asked, not from when a busy model got round to it; the same again after a crash.
            asked = context.request.edited_at or context.request.created_at
            return asked + timedelta(seconds=delay_seconds)
        case (None, str()):
            return moment(due_at, time_zone(zone) if zone else context.zone)
        case _:
            raise ToolError("Give `delay_seconds` or `due_at`, not both.")


@asynccontextmanager
async def _refusals() -> AsyncGenerator[None]:
    try:
        yield
    except ReminderError as error:
        raise ToolError(str(error)) from error


def _view(reminder: Reminder, context: ToolContext) -> ReminderView:
    return ReminderView(
        id=reminder.id,
        text=reminder.text,
        due=local(reminder.due_at, context.zone),
        time_zone=context.zone.key,
        due_shown=full_time(reminder.due_at),
        due_in=relative_time(reminder.due_at),
        channel=f"<#{reminder.channel_id}>",
        asked_in=reminder.request_link,
    )
