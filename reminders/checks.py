"""What a reminder must satisfy before it is promised. Pure; every refusal is a sentence for the person who asked."""

import unicodedata
from datetime import UTC, datetime

from reminders.cron import read_cron
from reminders.rules import read_rule
from reminders.schedule import SHORTEST, Cron, Every, Once, Rule, Schedule, next_after
from reminders.values import Limits, ReminderError
from reminders.wall import to_utc, zone_of
from reminders.wording import MAX_TEXT, full_time


def checked_time(due_at: datetime, *, now: datetime, limits: Limits) -> datetime:
    """`due_at` in UTC. Raises ReminderError when it is no moment in the future that can be promised."""
    if due_at.utcoffset() is None:
        raise ReminderError("The time needs a time zone or an offset, such as 2030-01-31T09:00:00+01:00.")
    try:
        due = due_at.astimezone(UTC)
        latest = now + limits.horizon
    except (OverflowError, ValueError):
        raise ReminderError("That time is beyond what a calendar can hold.") from None
    if due <= now:
        raise ReminderError(
            f"That time ({due:%Y-%m-%d %H:%M:%S} UTC) is in the past; it is {now:%Y-%m-%d %H:%M:%S} UTC."
        )
    if due > latest:
        raise ReminderError(f"That is too far ahead: reminders can be set until {full_time(latest)}.")
    return due


def first_time(schedule: Schedule, *, now: datetime, limits: Limits) -> datetime:
    """When it comes first. Raises ReminderError for a schedule that cannot be kept. May take seconds for a rule that
    never comes, so not for the event loop.
    """
    match schedule:
        case Once(wall=wall, zone=zone):
            try:
                return checked_time(to_utc(wall, zone_of(zone)), now=now, limits=limits)
            except OverflowError:
                raise ReminderError("That time is beyond what a calendar can hold.") from None
        case Every(interval=interval):
            if interval < SHORTEST:
                raise ReminderError("Nothing can be repeated more often than once in 60 seconds.")
        case Cron(expression=expression, zone=zone):
            zone_of(zone)
            read_cron(expression)
        case Rule(rule=rule, start=start, zone=zone):
            zone_of(zone)
            read_rule(rule, start)
    if schedule.until is not None and schedule.until <= now:
        raise ReminderError(f"It would end in the past, on {schedule.until:%Y-%m-%d %H:%M} UTC.")
    first = next_after(schedule, now)
    if first is None:
        raise ReminderError("That would never come: there is no such time ahead.")
    return checked_time(first, now=now, limits=limits)


def checked_text(text: str) -> str:
    """The text without what cannot be shown or stored. Raises ReminderError when nothing or too much is left."""
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    if not any(unicodedata.category(c)[0] in "LNPS" for c in shown):
        raise ReminderError("A reminder needs a text.")
    length = len(shown.encode("utf-16-le")) // 2  # clients count an emoji outside the first plane as two
    if length > MAX_TEXT:
        raise ReminderError(f"The text is too long: {length} characters, and a reminder takes at most {MAX_TEXT}.")
    return shown
