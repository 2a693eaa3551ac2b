"""How reminders and their times are put into words. Pure; the words are Discord's markdown."""

import re
from datetime import datetime, timedelta

from reminders.occasions import Occasion
from reminders.schedule import Cron, Every, Recurring, Rule
from reminders.values import Kind, Reminder

MESSAGE_LIMIT = 2_000  # Discord's, for one message
OVERHEAD = 300  # what `announcement` adds at most, with room for a longer greeting
MAX_TEXT = MESSAGE_LIMIT - OVERHEAD
SHOWN_TASK = 200
MAX_REASON = 1_000

_NEXT = re.compile(r" · next <t:\d+:R>(?=\n|$)")
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


def recurrence(schedule: Recurring) -> str:
    """A schedule as a note to people: `every 2 h, until …`."""
    match schedule:
        case Every(interval=interval):
            words = f"every {_span(interval)}"
        case Cron(expression=expression, zone=zone):
            words = f"cron `{expression}` in {zone}"
        case Rule(rule=rule, zone=zone):
            words = f"rule `{rule}` in {zone}"
    if schedule.count is not None:
        words += f", {schedule.count} times"
    elif schedule.until is not None:
        words += f", until {full_time(schedule.until)}"
    return words


def _span(span: timedelta) -> str:
    """Exactly, unlike `duration`: `1 day 2 h`."""
    left, words = round(span.total_seconds()), list[str]()
    for name, size in _UNITS:
        count, left = divmod(left, size)
        words += [f"{count} {name}{'s' if name == 'day' and count != 1 else ''}"] if count else []
    return " ".join(words)


def announcement(occasion: Occasion) -> str:
    """The message that keeps the promise. Its small print carries the reminder's id: `is_announcement` looks for it."""
    reminder = occasion.reminder
    late = f" ({late_note(occasion.late_by)})" if occasion.late_by is not None else ""
    again = f" · next {relative_time(occasion.next_at)}" if occasion.next_at is not None else ""
    small_print = f"{_mark(reminder)}<{reminder.request_link}>){again}"
    if occasion.reason:
        not_done = f"The task “{_task(reminder)}” was not done. {occasion.reason[:MAX_REASON]}"
        return f"⏰ <@{reminder.owner.id}> {not_done}\n{small_print}"
    return f"⏰ <@{reminder.owner.id}>{late} {reminder.text}\n{small_print}"


def task_small_print(occasion: Occasion) -> str:
    """Below the answer of a task: whose it is, and the mark that `is_announcement` looks for."""
    reminder = occasion.reminder
    late = f" ({late_note(occasion.late_by)})" if occasion.late_by is not None else ""
    again = f" · next {relative_time(occasion.next_at)}" if occasion.next_at is not None else ""
    whose = f"-# task of <@{reminder.owner.id}>{late}: “{_task(reminder)}”"
    return f"{whose}\n{_mark(reminder)}<{reminder.request_link}>){again}"


def unheard(reminder: Reminder) -> str:
    """One line of what could not be said at its time."""
    when = full_time(reminder.unheard_at or reminder.due_at)
    if reminder.kind is Kind.TASK:
        return f"- {when}: the task “{_task(reminder)}” was not done. {reminder.failure[:MAX_REASON]}"
    return f"- {when}: {' '.join(reminder.text.split())}"


def is_announcement(content: str, reminder: Reminder) -> bool:
    """True for a message of ours that says this turn. Discord forgets nonces, so the text has to tell."""
    return _mark(reminder) in content


def with_note(content: str, note: str) -> str:
    """An announcement as it stands once its owner has answered it: with what became of it in its small print."""
    kept = _NEXT.sub("", content)
    line = f"\n-# {note}"
    too_many = len(kept) + len(line) - MESSAGE_LIMIT
    if too_many > 0:
        text, mark, small_print = kept.rpartition("\n-# reminder ")
        kept = f"{text[: -too_many - 1]}…{mark}{small_print}"
    return kept + line


def _task(reminder: Reminder) -> str:
    text = " ".join(reminder.text.split())
    return text if len(text) <= SHOWN_TASK else f"{text[:SHOWN_TASK]}…"


def _mark(reminder: Reminder) -> str:
    turn = f"turn {reminder.turn} · " if reminder.turn > 1 else ""
    return f"-# reminder {reminder.id} · {turn}[asked here]("
