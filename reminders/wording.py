"""How reminders and their times are put into words. Pure; the words are Discord's markdown."""

from datetime import datetime, timedelta

from reminders.values import Reminder

MESSAGE_LIMIT = 2_000  # Discord's, for one message
OVERHEAD = 300  # what `announcement` adds at most, with room for a longer greeting
MAX_TEXT = MESSAGE_LIMIT - OVERHEAD

_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def full_time(moment: datetime) -> str:
    """Shown by Discord as a full date in the reader's own zone and language."""
    return f"<t:{int(moment.timestamp())}:F>"


def relative_time(moment: datetime) -> str:
    """Shown by Discord as "in 5 minutes", and kept up to date there."""
    return f"<t:{int(moment.timestamp())}:R>"


def duration(span: timedelta) -> str:
    """A length of time as people say it, in its largest unit: `12 min`, `3 h`, `2 days`."""
    seconds = max(0, round(span.total_seconds()))
    name, size = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    count = seconds // size
    return f"{count} {name}{'s' if name == 'day' and count != 1 else ''}"


def late_note(late_by: timedelta) -> str:
    return f"{duration(late_by)} late, I was offline"


def announcement(reminder: Reminder, late_by: timedelta | None) -> str:
    """The message that keeps the promise. Its small print carries the reminder's id: `is_announcement` looks for it."""
    late = f" ({late_note(late_by)})" if late_by is not None else ""
    small_print = f"-# reminder {reminder.id} · [asked here](<{reminder.request_link}>)"
    return f"⏰ <@{reminder.owner.id}>{late} {reminder.text}\n{small_print}"


def is_announcement(content: str, reminder: Reminder) -> bool:
    """True for a message of ours that says this reminder. Discord forgets nonces, so the text has to tell."""
    return f"-# reminder {reminder.id} " in content
