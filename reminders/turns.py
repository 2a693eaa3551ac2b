"""What becomes of a reminder when one of its turns is over. Pure."""

from dataclasses import replace
from datetime import datetime

from chat.ids import MessageId
from reminders.schedule import newest_until
from reminders.values import Reminder, Status

MOST_FAILED_TURNS = 5
"""After so many in a row a recurring reminder ends: nobody can hear it."""


def after_turn(
    reminder: Reminder, *, now: datetime, message_id: MessageId | None, failure: str, unheard: bool = False
) -> Reminder:
    """`failure`: why the turn was not kept; empty when it was. `message_id`: what was said in it, if anything.
    `unheard`: its owner cannot be reached, and is to be told later."""
    over = replace(
        reminder,
        claimed_by=None,
        delivered_message_id=message_id or reminder.delivered_message_id,
        failure=failure,
        failed_turns=reminder.failed_turns + 1 if failure else 0,
        acknowledged_at=None,
        unheard_at=reminder.due_at if unheard else reminder.unheard_at,
    )
    following = reminder.next_at
    if following is None or over.failed_turns >= MOST_FAILED_TURNS:
        status = Status.FAILED if failure else Status.DELIVERED
        return replace(over, status=status, wake_at=None, closed_at=now)
    return replace(over, status=Status.PENDING, due_at=following, wake_at=following, turn=reminder.turn + 1, attempts=0)


def ends_with(reminder: Reminder, *, failed: bool) -> bool:
    """Whether this turn is the last."""
    return reminder.next_at is None or (failed and reminder.failed_turns + 1 >= MOST_FAILED_TURNS)


def caught_up(reminder: Reminder, now: datetime) -> Reminder:
    """The same turn for the newest of the times that were missed: one catch-up, never a pile."""
    if reminder.schedule is None:
        return reminder
    return replace(reminder, due_at=newest_until(reminder.schedule, reminder.due_at, now))


def too_late(reminder: Reminder, now: datetime) -> bool:
    return reminder.grace is not None and now - reminder.due_at > reminder.grace
