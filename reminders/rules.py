"""Recurrence rules of RFC 5545 (RRULE): their days by python-dateutil, their times of day by us. Pure.

A rule says on which days and at which times of day; that the two are apart keeps a rule of many times a day cheap,
however long ago it began.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dateutil.rrule import rrulestr

from reminders.errors import ReminderError

_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAYS = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "WKST")
_STEPS = {"DAILY": 1, "WEEKLY": 7}
_LONGEST_STEP = 10_000


@dataclass(frozen=True, slots=True)
class DayRule:
    """A rule, read."""

    written: str
    """What of it concerns days."""
    start: datetime
    """On the wall: nothing comes before it, intervals are counted from it."""
    step: int
    """In days, where it is a fixed number of them; else 0."""
    times: Sequence[time]

    def days(self, first: date) -> Iterator[date]:
        begin = self.start.date()
        if self.step and first > begin:  # dateutil counts from its beginning: let it begin nearby
            begin += timedelta(days=(first - begin).days // self.step * self.step)
        midnight = datetime.combine(begin, time())
        for found in rrulestr(self.written, dtstart=midnight).xafter(datetime.combine(first, time()), inc=True):
            yield found.date()


def parts_of(written: str) -> Mapping[str, str]:
    """`FREQ=DAILY;INTERVAL=2` as a mapping, with COUNT and UNTIL if they are there. Raises ReminderError."""
    body = written.strip().upper().removeprefix("RRULE:").rstrip(";")
    parts: dict[str, str] = {}
    for part in body.split(";"):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not sign or not value or name in parts or name not in (*_DAYS, *_TIMES, "COUNT", "UNTIL"):
            raise ReminderError(f"{part!r} cannot stand in a recurrence rule; write it like FREQ=MONTHLY;BYDAY=-1FR.")
        parts[name] = value
    return parts


def read_rule(written: str, start: datetime) -> DayRule:
    """Raises ReminderError for a rule that cannot be kept."""
    return _read(written, start)


@lru_cache(maxsize=1024)
def _read(written: str, start: datetime) -> DayRule:
    parts = parts_of(written)
    frequency, interval = parts.get("FREQ", ""), _numbers(parts, "INTERVAL", 1, _LONGEST_STEP, [1])
    if frequency not in {"YEARLY", "MONTHLY", *_STEPS}:
        raise ReminderError(
            "FREQ has to be DAILY, WEEKLY, MONTHLY or YEARLY; what comes every so many minutes or hours is an interval."
        )
    if _numbers(parts, "BYSECOND", 0, 59, [0]) != [0]:
        raise ReminderError("A recurrence rule here is for whole minutes: leave BYSECOND out.")
    hours, minutes = (
        _numbers(parts, name, 0, top, [now])
        for name, top, now in (("BYHOUR", 23, start.hour), ("BYMINUTE", 59, start.minute))
    )
    rule = DayRule(
        written=";".join(f"{name}={parts[name]}" for name in _DAYS if name in parts),
        start=start.replace(second=0, microsecond=0),
        step=_STEPS.get(frequency, 0) * interval[0],
        times=[time(hour, minute) for hour in hours for minute in minutes],
    )
    if "BYSETPOS" in parts and len(rule.times) > 1:
        raise ReminderError("BYSETPOS counts days here: give one time of day with it.")
    try:
        next(rule.days(start.date()), None)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):  # dateutil has no error of its own
        raise ReminderError(f"{written!r} is no recurrence rule that I can read.") from None
    return rule


def _numbers(parts: Mapping[str, str], name: str, low: int, high: int, default: list[int]) -> list[int]:
    if name not in parts:
        return default
    written = parts[name].split(",")
    if not all(each.isascii() and each.isdigit() and len(each) < 6 for each in written):
        raise ReminderError(f"{name}={parts[name]} is no number.")
    numbers = sorted({int(each) for each in written})
    if not low <= numbers[0] <= numbers[-1] <= high:
        raise ReminderError(f"{name} may be from {low} to {high}.")
    return numbers
