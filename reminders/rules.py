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
_MONTHS = {"MONTHLY": 1, "YEARLY": 12}
_WHICH_DAY = ("BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO")
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
    months: int
    """The step in months, where it is not."""
    times: Sequence[time]

    def days(self, first: date) -> Iterator[date]:
        first = max(first, self.start.date())
        # dateutil counts from its beginning: let it begin nearby.
        rule = rrulestr(self.written, dtstart=datetime.combine(self._begin(first), time()))
        for found in rule.xafter(datetime.combine(first, time()), inc=True):
            yield found.date()

    def _begin(self, first: date) -> date:
        start = self.start.date()
        if self.step:
            return start + timedelta(days=(first - start).days // self.step * self.step)
        begun = start.year * 12 + (0 if self.months % 12 == 0 else start.month - 1)
        now = first.year * 12 + first.month - 1
        year, month = divmod(begun + (now - begun) // self.months * self.months, 12)
        return date(year, month + 1, 1)


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
        written=";".join(f"{name}={value}" for name, value in _on_days(parts, start).items() if name in _DAYS),
        start=start.replace(second=0, microsecond=0),
        step=_STEPS.get(frequency, 0) * interval[0],
        months=_MONTHS.get(frequency, 0) * interval[0],
        times=[time(hour, minute) for hour in hours for minute in minutes],
    )
    if "BYSETPOS" in parts and len(rule.times) > 1:
        raise ReminderError("BYSETPOS counts days here: give one time of day with it.")
    try:
        next(rule.days(start.date()), None)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):  # dateutil has no error of its own
        raise ReminderError(f"{written!r} is no recurrence rule that I can read.") from None
    return rule


def _on_days(parts: Mapping[str, str], start: datetime) -> Mapping[str, str]:
    """With the days that it takes from its start said; and so that what can never come is found out soon."""
    frequency = parts["FREQ"]
    named = [name for name in _WHICH_DAY if name in parts]
    if frequency in _MONTHS and not named:
        month = {} if frequency == "MONTHLY" or "BYMONTH" in parts else {"BYMONTH": str(start.month)}
        return {**parts, **month, "BYMONTHDAY": str(start.day)}
    if frequency in _STEPS and set(named) - {"BYDAY"}:
        if frequency != "DAILY" or "INTERVAL" in parts or set(named) - {"BYDAY", "BYMONTHDAY"}:
            raise ReminderError(f"{named[0]} goes with FREQ=MONTHLY or FREQ=YEARLY.")
        return {**parts, "FREQ": "MONTHLY"}
    return parts


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
