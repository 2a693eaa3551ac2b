"""What a reminder is, the states it goes through, and the limits it is held to."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chat.ids import ChannelId, GuildId, MessageId
from chat.people import Person

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is mistaken for another when read aloud or typed


class ReminderError(Exception):
    """Why a reminder cannot be made or changed: one plain sentence for the person who asked."""


class Status(StrEnum):
    """pending → claimed → delivered | failed; a failed try goes back to pending; cancelled at any time before."""

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

    @property
    def may_still_appear(self) -> bool:
        """True for one that was cancelled while it was being said."""
        return self.status is Status.CANCELLED and self.claimed_by is not None

    @property
    def nonce(self) -> str:
        """What Discord recognises a repeated send by (`enforce_nonce`); it takes at most 25 characters."""
        return f"reminder-{self.id}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one may ask for."""

    per_person: int = 100
    per_guild: int = 2_000
    horizon: timedelta = timedelta(days=5 * 365 + 2)
    """Five years, leap days included."""


def new_id() -> str:
    """Short enough to read out, too random to guess (about 49 bits)."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"
