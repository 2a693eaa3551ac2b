"""The tools about promises: be reminded, see what is waiting, change it, call it off; and one's time zone."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from reminders.values import Kind, Reminder, Status
from tools.calls import Effect, ToolError, Wording
from tools.context import ToolContext
from tools.native import tool
from tools.permission import Permissions
from tools.promises import Promises, asker_of, promise, refusals
from tools.quoting import fitting
from tools.reminder_views import Cancelled, ReminderList, ReminderView, ZoneView, view
from tools.whens import (
    Asked,
    Asker,
    Count,
    Delay,
    DueAt,
    Interval,
    Recurrence,
    Understood,
    Until,
    Zone,
    changed,
    understand,
)

ReminderId = Annotated[str, Field(description="As listed.", min_length=1, max_length=40)]


class ReminderTools:
    """What the agent can promise to say."""

    def __init__(self, *, reminders: Promises, permissions: Permissions) -> None:
        self._reminders = reminders
        self._permissions = permissions

    @tool(title="Set a reminder", effect=Effect.WRITE, wording=Wording(text="text", to_asker=True))
    async def schedule_reminder(
        self,
        *,
        text: Annotated[str, Field(description="What to remind of, in the person's own words.", min_length=1)],
        delay_seconds: Delay = None,
        due_at: DueAt = None,
        every_seconds: Interval = None,
        recurrence: Recurrence = None,
        zone: Zone = None,
        until: Until = None,
        count: Count = None,
        context: ToolContext,
    ) -> ReminderView:
        """Remind the person asking, in this channel, once or again and again. Once: `delay_seconds` or `due_at`.
        Again and again: `every_seconds` or `recurrence`."""
        asked = Asked(delay_seconds, due_at, every_seconds, recurrence, zone, until, count)
        return await promise(self._reminders, self._permissions, context, text=text, asked=asked, kind=Kind.TEXT)

    @tool(title="List reminders", effect=Effect.READ)
    async def list_reminders(self, *, context: ToolContext) -> ReminderList:
        """List the reminders and tasks that are waiting for the person asking, soonest first, with their ids."""
        async with refusals():
            waiting = await self._reminders.pending(context.asker.id)
            asker = await asker_of(self._reminders, context)
        tellable = await self._tellable(context, waiting)
        views = fitting([view(reminder, asker.zone) for reminder in tellable])
        notes = [f"{len(tellable) - len(views)} later ones are not listed"] if len(tellable) > len(views) else []
        if hidden := len(waiting) - len(tellable):
            notes.append(
                f"{hidden} more from places that not everybody here may read; they are told in a direct message"
            )
        return ReminderList(reminders=views, note="; ".join(notes) or None)

    @tool(title="Change a reminder", effect=Effect.WRITE, wording=Wording(text="text", exact=("reminder_id",)))
    async def edit_reminder(
        self,
        *,
        reminder_id: ReminderId,
        text: Annotated[str | None, Field(description="The new words; else they stay.", min_length=1)] = None,
        delay_seconds: Delay = None,
        due_at: DueAt = None,
        every_seconds: Interval = None,
        recurrence: Recurrence = None,
        zone: Zone = None,
        until: Until = None,
        count: Count = None,
        context: ToolContext,
    ) -> ReminderView:
        """Change the words or the times of a reminder or task of the person asking. What is left out stays; `zone`
        alone keeps the hour and moves it to that zone."""
        asked = Asked(delay_seconds, due_at, every_seconds, recurrence, zone, until, count)
        async with refusals():
            before = await self._reminders.find(reminder_id.strip(), context.asker.id)
            if before is None:
                raise _unknown(reminder_id, context)
            asker = await asker_of(self._reminders, context)
            understood = _new_time(before, asked, asker)
            if text is None and understood is None:
                raise ToolError("Say what is to change: the words, or the time.")
            when = understood.when if understood else None
            after = await self._reminders.edit(before.id, context.asker.id, text=text, when=when)
        if after is None:
            raise _unknown(reminder_id, context)
        shown = view(after, asker.zone, understood.assumed if understood else ())
        if not await self._tellable(context, [after]):
            shown = shown.model_copy(update={"text": "(from a place that not everybody here may read)"})
        return shown

    @tool(title="Cancel a reminder", effect=Effect.WRITE, wording=Wording(exact=("reminder_id",)), idempotent=True)
    async def cancel_reminder(self, *, reminder_id: ReminderId, context: ToolContext) -> Cancelled:
        """Call off a reminder or task of the person asking, with all its times."""
        async with refusals():
            closed = await self._reminders.cancel(reminder_id.strip(), context.asker.id)
            asker = await asker_of(self._reminders, context)
        if closed is None:
            raise _unknown(reminder_id, context)
        if closed.status is not Status.CANCELLED:
            raise ToolError(f"Reminder {closed.id} is not waiting any more: it was {closed.status.value} already.")
        tellable = await self._tellable(context, [closed])
        note = "it was being said just now and may still appear" if closed.may_still_appear else None
        return Cancelled(cancelled=view(closed, asker.zone) if tellable else closed.id, note=note)

    @tool(title="Set the time zone", effect=Effect.WRITE, wording=Wording(exact=("zone",)), idempotent=True)
    async def set_timezone(
        self,
        *,
        zone: Annotated[str, Field(description="IANA zone, like Europe/Berlin.", min_length=1, max_length=64)],
        move_recurring: Annotated[
            bool, Field(description="Recurring reminders keep their hour in the new zone; only when they said so.")
        ] = False,
        context: ToolContext,
    ) -> ZoneView:
        """Keep the time zone of the person asking: their times are read and shown in it from now on."""
        async with refusals():
            done = await self._reminders.set_zone(context.asker.id, zone, move=move_recurring)
        notes = [f"{done.moved} recurring reminders keep their hour in {done.zone.key}"] if done.moved else []
        if done.kept:
            notes.append(
                f"{done.kept} recurring reminders keep the hour of the zone they were made in; "
                "set_timezone with move_recurring moves all, edit_reminder with `zone` one"
            )
        return ZoneView(time_zone=done.zone.key, note="; ".join(notes) or None)

    async def _tellable(self, context: ToolContext, reminders: Sequence[Reminder]) -> list[Reminder]:
        """What was asked in a private place is not told in front of others."""
        known = await self._permissions.showable(context, {reminder.channel_id for reminder in reminders})
        return [each for each in reminders if each.channel_id in known or each.channel_id == context.channel.id]


def _new_time(before: Reminder, asked: Asked, asker: Asker) -> Understood | None:
    if asked == Asked():
        return None
    if asked.delay_seconds or asked.due_at or asked.every_seconds or asked.recurrence:
        return understand(asked, asker)
    if before.schedule is None:
        raise ToolError(f"Reminder {before.id} comes once: to move it, give `due_at` or `delay_seconds`.")
    return changed(before.schedule, asked, asker)


def _unknown(reminder_id: str, context: ToolContext) -> ToolError:
    return ToolError(f"{context.asker.name} has no reminder {reminder_id.strip()!r}; list_reminders tells the ids.")
