"""Cron expressions: five fields as crontab(5) reads them, Sunday being 0 and 7. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

from reminders.errors import ReminderError

SEARCHED_DAYS = 366 * 9  # from one 29 February to the next there may be eight years
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_DAYS = {name: n for n, name in enumerate("sun mon tue wed thu fri sat".split())}  # noqa: SIM905
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(?P<all>[*?])|(?P<low>[a-z]+|\d{1,2})(?:-(?P<high>[a-z]+|\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Field:
    """What one of the five fields may hold."""

    name: str
    low: int
    high: int
    names: dict[str, int]

    def read(self, written: str) -> frozenset[int]:
        return frozenset[int]().union(*(self._part(part) for part in written.split(",")))

    def _part(self, written: str) -> Iterator[int]:
        body, slash, step = written.partition("/")
        found = _PART.fullmatch(body)
        if found is None or (slash and not (step.isascii() and step.isdigit() and 0 < int(step[:4]) < 100)):
            raise ReminderError(f"{written!r} is nothing that the {self.name} of a cron expression can be.{_HINT}")
        if found["all"]:
            low, high = self.low, self.high - (self.name == "weekday")  # 7 is Sunday again
        else:
            low = self._number(found["low"])
            high = self._number(found["high"]) if found["high"] else (self.high if slash else low)
        if low > high and self.name == "weekday":
            high += 7  # fri-mon
        if low > high:
            raise ReminderError(f"The range {written!r} in the {self.name} of the cron expression runs backwards.")
        for number in range(low, high + 1, int(step) if slash else 1):
            yield number % 7 if self.name == "weekday" else number

    def _number(self, written: str) -> int:
        number = self.names.get(written[:3]) if written.isalpha() else int(written)
        if number is None or not self.low <= number <= self.high:
            raise ReminderError(
                f"{written!r} is no {self.name}: a cron expression takes {self.low} to {self.high} there."
            )
        return number


_HINT = " Write it like `30 9 * * mon-fri`; for `the last Friday` use a recurrence rule: FREQ=MONTHLY;BYDAY=-1FR."
_FIELDS = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of the month", 1, 31, {}),
    Field("month", 1, 12, _MONTHS),
    Field("weekday", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Crontab:
    """An expression, read."""

    times: Sequence[time]
    month_days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool
    """Both kinds of day are named, so that one of them is enough."""

    def days(self, first: date) -> Iterator[date]:
        """The days on which it runs, from `first` on, as far as is worth searching."""
        for ahead in range(SEARCHED_DAYS):
            try:
                day = first + timedelta(days=ahead)
            except OverflowError:
                return
            if day.month in self.months and self._runs_on(day):
                yield day

    def _runs_on(self, day: date) -> bool:
        by_month, by_week = day.day in self.month_days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either else by_month and by_week


@lru_cache(maxsize=1024)
def read_cron(expression: str) -> Crontab:
    """Raises ReminderError for what is no cron expression."""
    lowered = " ".join(expression.lower().split())
    fields = _MACROS.get(lowered, lowered).split(" ")
    if len(fields) == 6:
        raise ReminderError(
            "A cron expression here has five fields, minute first: nothing runs more often than once a minute."
        )
    if len(fields) != 5:
        raise ReminderError(f"{expression!r} is no cron expression.{_HINT}")
    minutes, hours, month_days, months, weekdays = (
        field.read(written) for field, written in zip(_FIELDS, fields, strict=True)
    )
    return Crontab(
        times=[time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)],
        month_days=month_days,
        months=months,
        weekdays=weekdays,
        either=fields[2][0] not in "*?" and fields[4][0] not in "*?",
    )
