"""Reminders as a tool tells of them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from reminders.schedule import next_after
from reminders.values import Kind, Reminder
from reminders.wording import full_time, recurrence, relative_time
from tools.moments import local

FOLLOWING = 2


class ReminderView(BaseModel):
    """A reminder as a tool tells of it."""

    id: str
    text: str
    kind: str | None = Field(default=None, description="`task`: the text is carried out then.")
    due: str = Field(description="In the asker's time zone.")
    time_zone: str
    due_shown: str = Field(description="Write this in an answer: Discord shows it as a date in each reader's own zone.")
    due_in: str = Field(description="Write this in an answer: Discord shows it as `in 5 minutes`.")
    recurs: str | None = None
    following: list[str] | None = Field(default=None, description="The times after that, as `due_shown`.")
    channel: str
    asked_in: str = Field(description="Link to the message that asked for it.")
    assumed: str | None = Field(default=None, description="Tell this, so that they can set it right.")


class ReminderList(BaseModel):
    """What is waiting for the person asking, soonest first."""

    reminders: list[ReminderView]
    note: str | None = None


class Cancelled(BaseModel):
    """What was called off."""

    cancelled: ReminderView | str
    note: str | None = None


class ZoneView(BaseModel):
    """What setting a time zone has done."""

    time_zone: str
    note: str | None = None


def view(reminder: Reminder, zone: ZoneInfo, assumed: Sequence[str] = ()) -> ReminderView:
    return ReminderView(
        id=reminder.id,
        text=reminder.text,
        kind=reminder.kind.value if reminder.kind is Kind.TASK else None,
        due=local(reminder.due_at, zone),
        time_zone=zone.key,
        due_shown=full_time(reminder.due_at),
        due_in=relative_time(reminder.due_at),
        recurs=recurrence(reminder.schedule) if reminder.schedule else None,
        following=_following(reminder) or None,
        channel=f"<#{reminder.channel_id}>",
        asked_in=reminder.request_link,
        assumed="; ".join(assumed) or None,
    )


def _following(reminder: Reminder) -> list[str]:
    shown: list[str] = []
    last = reminder.due_at
    while reminder.schedule is not None and len(shown) < FOLLOWING:
        following = next_after(reminder.schedule, last)
        if following is None:
            break
        shown.append(full_time(following))
        last = following
    return shown
