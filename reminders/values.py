"""What a reminder is, the states it goes through, and the limits it is held to."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chat.ids import ChannelId, GuildId, MessageId
from chat.people import Person
from reminders.errors import ReminderError as ReminderError
from reminders.schedule import Recurring, next_after

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is mistaken for another when read aloud or typed


TASK_GRACE = timedelta(hours=1)


class Kind(StrEnum):
    """What happens when it is due."""

    TEXT = "text"
    """The text is said as it is."""
    TASK = "task"
    """The text is an instruction: the agent carries it out, under its owner's rights as they are then."""


class Status(StrEnum):
    """pending → claimed → delivered | failed; a failed try goes back to pending; cancelled at any time before.

    A recurring one goes back to pending with its next turn, until it has none.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    """Some process is delivering it, and holds it until `Reminder.wake_at`."""
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """True while the promise still stands."""
        return self in {Status.PENDING, Status.CLAIMED}


@dataclass(frozen=True, slots=True)
class Reminder:
    """A promise to say something later, in the place where it was asked for."""

    id: str
    owner: Person
    guild_id: GuildId | None
    channel_id: ChannelId
    text: str
    due_at: datetime
    created_at: datetime
    request_link: str
    """Jump link to the message that asked for it."""
    source_key: str
    """`<message id>/…`: the same for the same request when it is carried out again after a crash."""
    status: Status = Status.PENDING
    wake_at: datetime | None = None
    """When the alarm clock has to look at it next: its time, the next try, or the end of a claim. None once closed."""
    claimed_by: str | None = None
    """The process that delivers it, or was delivering it when it was cancelled."""
    attempts: int = 0
    """How often it was claimed. With more than one, an earlier try may have been seen by people."""
    delivered_message_id: MessageId | None = None
    closed_at: datetime | None = None
    failure: str = ""
    """Why the last try failed."""
    kind: Kind = Kind.TEXT
    schedule: Recurring | None = None
    """None for what comes once."""
    zone: str | None = None
    """Whose wall time `due_at` is; None where it is a moment, whatever clocks show."""
    turn: int = 1
    """The how manieth time this is; only counted on, so that a turn is never taken for another."""
    failed_turns: int = 0
    """How many turns in a row could not be kept."""
    grace: timedelta | None = None
    """How late a turn may be and still be kept; None: however late."""
    acknowledged_at: datetime | None = None
    """When its owner said that they saw the last turn."""
    unheard_at: datetime | None = None
    """For when the newest turn was that could not even be said privately, until its owner is told of it."""

    @property
    def next_at(self) -> datetime | None:
        """When it comes again after the present turn; None when it does not."""
        return next_after(self.schedule, self.due_at) if self.schedule else None

    @property
    def may_still_appear(self) -> bool:
        """True for one that was cancelled while it was being said."""
        return self.status is Status.CANCELLED and self.claimed_by is not None

    @property
    def nonce(self) -> str:
        """What Discord recognises a repeated send by (`enforce_nonce`); it takes at most 25 characters."""
        return f"r-{self.id}-{self.turn}"


@dataclass(frozen=True, slots=True)
class Promised:
    """What those who manage a server may know of somebody's reminder: not its text."""

    id: str
    owner: Person
    channel_id: ChannelId
    due_at: datetime
    kind: Kind
    schedule: Recurring | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one may ask for."""

    per_person: int = 100
    per_guild: int = 2_000
    horizon: timedelta = timedelta(days=5 * 365 + 2)
    """Five years, leap days included; of a recurring reminder, for its first time."""


def new_id() -> str:
    """Short enough to read out, too random to guess (about 49 bits)."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"
