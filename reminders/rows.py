"""Reminders to rows and back."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import RowMapping

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from reminders.schedule_json import from_json, to_json
from reminders.values import Kind, Reminder, Status
from reminders.wall import kept_zone, to_wall


def request_id(source_key: str) -> int | None:
    """The message a source key begins with; None when it does not begin with an id."""
    first = source_key.partition("/")[0]
    return int(first) if first.isascii() and first.isdigit() and len(first) < 20 else None


def to_row(reminder: Reminder) -> dict[str, object]:
    return {
        "id": reminder.id,
        "owner_id": reminder.owner.id,
        "owner_name": reminder.owner.name,
        "guild_id": reminder.guild_id,
        "channel_id": reminder.channel_id,
        "text": reminder.text,
        "due_at": reminder.due_at,
        "created_at": reminder.created_at,
        "request_id": request_id(reminder.source_key),
        "request_link": reminder.request_link,
        "source_key": reminder.source_key,
        "status": reminder.status.value,
        "wake_at": reminder.wake_at,
        "claimed_by": reminder.claimed_by,
        "attempts": reminder.attempts,
        "delivered_message_id": reminder.delivered_message_id,
        "closed_at": reminder.closed_at,
        "failure": reminder.failure,
        "kind": reminder.kind.value,
        "schedule": None if reminder.schedule is None else to_json(reminder.schedule),
        "zone": reminder.zone,
        "due_wall": None if reminder.zone is None else to_wall(reminder.due_at, kept_zone(reminder.zone)),
        "turn": reminder.turn,
        "failed_turns": reminder.failed_turns,
        "grace_seconds": None if reminder.grace is None else int(reminder.grace.total_seconds()),
        "acknowledged_at": reminder.acknowledged_at,
        "unheard_at": reminder.unheard_at,
    }


def changes(before: Reminder, after: Reminder) -> dict[str, object]:
    """The columns in which they differ: writing the others would touch every index."""
    old = to_row(before)
    return {name: value for name, value in to_row(after).items() if value != old[name]}


def from_row(row: RowMapping) -> Reminder:
    guild_id, message_id = row["guild_id"], row["delivered_message_id"]
    return Reminder(
        id=row["id"],
        owner=Person(UserId(row["owner_id"]), row["owner_name"]),
        guild_id=None if guild_id is None else GuildId(guild_id),
        channel_id=ChannelId(row["channel_id"]),
        text=row["text"],
        due_at=row["due_at"],
        created_at=row["created_at"],
        request_link=row["request_link"],
        source_key=row["source_key"],
        status=Status(row["status"]),
        wake_at=row["wake_at"],
        claimed_by=row["claimed_by"],
        attempts=row["attempts"],
        delivered_message_id=None if message_id is None else MessageId(message_id),
        closed_at=row["closed_at"],
        failure=row["failure"],
        kind=Kind(row["kind"]),
        schedule=None if row["schedule"] is None else from_json(row["schedule"]),
        zone=row["zone"],
        turn=row["turn"],
        failed_turns=row["failed_turns"],
        grace=None if row["grace_seconds"] is None else timedelta(seconds=row["grace_seconds"]),
        acknowledged_at=row["acknowledged_at"],
        unheard_at=row["unheard_at"],
    )


def in_order(found: Iterable[Reminder]) -> list[Reminder]:
    """Soonest due first, as the queries order them; rows that a write returns come in any order."""
    return sorted(found, key=lambda reminder: (reminder.due_at, reminder.id))
