"""When, as people type it into a form: a small strict grammar. What does not fit it is refused, never guessed at. Pure.

    in 10 minutes · in 1 h 30 min · 2026-12-24 18:00 · tomorrow 9:00 · monday at 9am · at 18:00
    every 2 hours · every day 9:00 · every weekday 8:30 · every monday and thursday 9:00 · every month on the 15th 9:00

Whoever knows cron or RRULE may write that.
"""

import re
from datetime import date, datetime, timedelta

from reminders.values import ReminderError
from tools.whens import Asked

EXAMPLES = "in 10 minutes · 2026-12-24 18:00 · tomorrow 9:00 · every monday 9:00 · every 2 hours"
NOT_READ = "I cannot read “{written}” as a time. Write it like one of these: " + EXAMPLES
NO_HOUR = "At what time? Write it like “{written} 9:00”."
NO_CLOCK = "{written} is no time of day; write it like 9:00, 18:30 or 9am."

MAX_WRITTEN = 200
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905 - reads as the week
_DAY = rf"(?:{'|'.join(f'{day[:3]}(?:{day[3:]})?' for day in DAYS)}|tues|thur|thurs)"
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
_SPAN = rf"(?:(?:\d{{1,6}}|an?) ?{_UNIT}(?:(?:,| and)? (?=[\d]))?)+"
_CLOCK = r"(?:at )?(?P<clock>\d{1,2}(?::\d{2})?(?: ?[ap]m)?|noon)"
_DATE = r"\d{4}-\d{2}-\d{2}"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:in )?(?P<delay>{_SPAN})",
        rf"every (?:(?P<interval>{_SPAN})|(?P<unit>minute|hour))",
        rf"(?:on )?(?P<date>{_DATE})(?: {_CLOCK})?",
        rf"(?P<relative>today|tomorrow)(?: {_CLOCK})?",
        rf"(?:on )?(?P<day>{_DAY})(?: {_CLOCK})?",
        r"at (?P<clock>\d{1,2}(?::\d{2})?(?: ?[ap]m)?|noon)|(?P<bare>\d{1,2}:\d{2}(?: ?[ap]m)?|\d{1,2} ?[ap]m)",
        rf"(?:every (?P<daily>day|weekday)|daily)(?: {_CLOCK})?",
        rf"every (?P<days>{_DAY}s?(?:(?:, ?| and |, and ){_DAY}s?)*)(?: {_CLOCK})?",
        rf"every month on the (?P<month_day>\d{{1,2}})(?:st|nd|rd|th)?(?: {_CLOCK})?",
    )
)
_CRON = re.compile(r"[\d*/,a-z-]+(?: [\d*/,a-z-]+){4}")


def read_when(written: str, now: datetime) -> Asked:
    """`now`: what the clock shows where the person lives. Raises ReminderError, with examples."""
    text = " ".join(written.split())[:MAX_WRITTEN]
    low = text.lower()
    if re.fullmatch(rf"{_DATE}t\d\d:\d\d(?::\d\d)?(?:z|[+-]\d\d:\d\d)?", low):
        return Asked(due_at=text.upper())
    for form in _FORMS:
        if found := form.fullmatch(low):
            return _asked(found, low, now)
    if "freq=" in low or _CRON.fullmatch(low):
        return Asked(recurrence=text)
    raise ReminderError(NOT_READ.format(written=text))


def _asked(found: re.Match[str], low: str, now: datetime) -> Asked:
    match {name: value for name, value in found.groupdict().items() if value}:
        case {"delay": span}:
            return Asked(delay_seconds=_seconds(span))
        case {"interval": span}:
            return Asked(every_seconds=_seconds(span))
        case {"unit": unit}:
            return Asked(every_seconds=UNITS[unit[0]])
        case {"bare": clock}:
            return _next(now, clock)
        case {"clock": clock} as parts if len(parts) == 1 and not low.startswith("daily"):
            return _next(now, clock)
        case {"clock": clock} as parts:
            return _on(parts, clock, now)
        case _:
            raise ReminderError(NO_HOUR.format(written=low))


def _on(parts: dict[str, str], clock: str, now: datetime) -> Asked:
    hour, minute = _clock(clock)
    match parts:
        case {"date": day}:
            return _once(day, clock)
        case {"relative": relative}:
            return _once(_ahead(now.date(), relative == "tomorrow").isoformat(), clock)
        case {"day": name}:
            wanted = _once(_ahead(now.date(), (_number(name) - now.weekday()) % 7).isoformat(), clock)
            passed = wanted.due_at is not None and datetime.fromisoformat(wanted.due_at) <= now
            return _once(_ahead(now.date(), 7).isoformat(), clock) if passed else wanted
        case {"days": names}:
            numbers = sorted({_number(name) for name in re.findall(r"[a-z]+", names.replace(" and ", " "))})
            return Asked(recurrence=f"{minute} {hour} * * {','.join(DAYS[number][:3] for number in numbers)}")
        case {"month_day": day}:
            return Asked(recurrence=f"{minute} {hour} {int(day)} * *")
        case _:
            days = "mon-fri" if parts.get("daily") == "weekday" else "*"
            return Asked(recurrence=f"{minute} {hour} * * {days}")


def _once(day: str, clock: str) -> Asked:
    hour, minute = _clock(clock)
    return Asked(due_at=f"{day}T{hour:02}:{minute:02}")


def _next(now: datetime, clock: str) -> Asked:
    """The next time that clocks show this; the answer says which day that is."""
    hour, minute = _clock(clock)
    passed = (hour, minute) <= (now.hour, now.minute)
    return _once(_ahead(now.date(), passed).isoformat(), clock)


def _ahead(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _seconds(span: str) -> int:
    parts = re.findall(rf"(\d+|\ban?(?= )) ?({_UNIT})", span)
    seconds = sum((int(count) if count.isdigit() else 1) * UNITS[unit[0]] for count, unit in parts)
    if not seconds:
        raise ReminderError(NOT_READ.format(written=span))
    return seconds


def _clock(written: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?(?: ?([ap])m)?", written)
    if found is None:
        return 12, 0
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        raise ReminderError(NO_CLOCK.format(written=written))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise ReminderError(NO_CLOCK.format(written=written))
    return hour, minute


def _number(name: str) -> int:
    return next(number for number, day in enumerate(DAYS) if day.startswith(name[:3]))
