"""What a due reminder is to those who carry it out: the occasion, and who says it or runs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chat.ids import MessageId
from reminders.values import Reminder


@dataclass(frozen=True, slots=True)
class Occasion:
    """One turn of a reminder, as it is handed over."""

    reminder: Reminder
    """With its kind, its turn, and the nonce of that turn."""
    late_by: timedelta | None
    """None when it is on time."""
    next_at: datetime | None
    """When it comes again; None when this is the last turn."""
    reason: str = ""
    """For a task that was not carried out: why, in one sentence to its owner, who is to be told that instead."""

    @property
    def key(self) -> str:
        """The same for the same turn when it is carried out again after a crash: for what must happen once."""
        return f"{self.reminder.id}/{self.reminder.turn}"


class DeliveryFailed(Exception):  # noqa: N818, it is an outcome
    """The reminder was not said. `retry` tells whether a later try may do better."""

    def __init__(self, reason: str, *, retry: bool, unheard: bool = False) -> None:
        """`unheard`: its owner takes no messages, and is to be told when they are next in touch."""
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.unheard = unheard


class Deliver(Protocol):
    """Says reminders where people see them. Both methods are cut off after `Pace.delivery_limit`."""

    async def deliver(self, occasion: Occasion) -> MessageId:
        """Say it, once: sent with `reminder.nonce` enforced. Where there is a `reason`, say that of the task.

        Raises DeliveryFailed.
        """
        ...

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        """The message that an earlier try of this turn left, found by looking at the place itself; None when there is
        none. For a task: the message that its run left.

        Asked before every try but the first. Raises DeliveryFailed when the place cannot be looked at.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """The task was carried out, and this message tells of it."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Refused:
    """The task may not be carried out now. One sentence to its owner."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The task was tried, and ended without an answer. One sentence to its owner."""

    reason: str


TaskOutcome = Ran | Refused | Failed
RunTask = Callable[[Occasion], Awaitable[TaskOutcome]]
"""Runs a task in its channel under its owner's rights as they are now. Cut off after `Pace.task_limit`.

Called again for the same turn only after a crash, and after `Deliver.already_said` has found nothing. Raises
DeliveryFailed with `retry` where a later try may do better, such as when Discord or the model cannot be reached.
"""
