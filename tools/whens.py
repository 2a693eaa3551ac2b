"""When a reminder comes, as a model fills it in: read, with what had to be assumed. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from reminders.cron import read_cron
from reminders.plans import When
from reminders.rules import parts_of
from reminders.schedule import Cron, Every, Once, Recurring, Rule, moved
from tools.calls import ToolError
from tools.moments import MOMENT, moment, time_zone, wall_time

MAX_SECONDS = 10 * 366 * 24 * 3600

Delay = Annotated[int | None, Field(description="In how many seconds, for `in 5 minutes`.", ge=1, le=MAX_SECONDS)]
DueAt = Annotated[str | None, Field(description=f"When; of what recurs, the first time. {MOMENT}.", max_length=40)]
Interval = Annotated[
    int | None, Field(description="Again each time so many seconds have gone by.", ge=60, le=MAX_SECONDS)
]
Recurrence = Annotated[
    str | None,
    Field(
        description="For what recurs by day and hour: cron (`30 9 * * mon-fri`), or an RRULE with the time in it or in "
        "`due_at` (last Friday: `FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0`).",
        max_length=200,
    ),
]
Zone = Annotated[
    str | None, Field(description="IANA zone, only when the person named another than theirs.", max_length=64)
]
Until = Annotated[str | None, Field(description="When what recurs ends; a date is included.", max_length=40)]
Count = Annotated[int | None, Field(description="How often it comes in all.", ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments about time of one call."""

    delay_seconds: int | None = None
    due_at: str | None = None
    every_seconds: int | None = None
    recurrence: str | None = None
    zone: str | None = None
    until: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """From where and when it is asked."""

    zone: ZoneInfo
    zone_is_known: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Understood:
    """What was asked for, and what had to be assumed: sentences without their full stop."""

    when: When
    assumed: tuple[str, ...]


def understand(asked: Asked, asker: Asker) -> Understood:
    """Raises ToolError, or ReminderError, for what says no time."""
    try:
        return _understood(asked, asker)
    except OverflowError:
        raise ToolError("That time is beyond what a calendar can hold.") from None


def _understood(asked: Asked, asker: Asker) -> Understood:
    if (asked.until or asked.count) and not (asked.every_seconds or asked.recurrence):
        raise ToolError("`until` and `count` are for what recurs: give `every_seconds` or `recurrence` with them.")
    zone = time_zone(asked.zone) if asked.zone else asker.zone
    match asked:
        case Asked(recurrence=str()) if asked.delay_seconds or asked.every_seconds:
            raise ToolError("`recurrence` cannot go with `delay_seconds` or `every_seconds`.")
        case Asked(recurrence=str(written)):
            found = _recurring(written, asked.due_at, zone, asker.asked_at)
        case Asked(every_seconds=int(seconds)):
            found = _interval(seconds, asked, zone, asker)
        case Asked(delay_seconds=int(), due_at=str()):
            raise ToolError("Give `delay_seconds` or `due_at`, not both.")
        case Asked(delay_seconds=int(delay)):
            return Understood(asker.asked_at + timedelta(seconds=delay), ())
        case Asked(due_at=str(written)):
            found = _once(written, zone)
        case _:
            raise ToolError("Say when: `delay_seconds` or `due_at`; for what recurs, `every_seconds` or `recurrence`.")
    return _with_zone(_ended(found, asked, zone), asked, asker)


def changed(schedule: Recurring, asked: Asked, asker: Asker) -> Understood:
    """The same recurrence in another zone, or with another end."""
    zone = time_zone(asked.zone) if asked.zone else None
    kept: Recurring = moved(schedule, zone.key) if zone else schedule
    if asked.until or asked.count:
        kept = replace(kept, until=None, count=None)
    return _ended(Understood(kept, ()), asked, zone or asker.zone)


def _once(written: str, zone: ZoneInfo) -> Understood:
    at, wall = moment(written, zone), wall_time(written)
    if wall is None:
        return Understood(at, ())
    assumed: list[str] = []
    if len(written.strip()) <= len("2030-01-31"):
        assumed.append("no time of day was given, so it is 00:00")
    if wall.replace(tzinfo=zone, fold=1).utcoffset() != wall.replace(tzinfo=zone).utcoffset():
        assumed.append(f"{wall:%H:%M} comes twice that night, and the first is meant")
    return Understood(Once(wall, zone.key), tuple(assumed))


def _interval(seconds: int, asked: Asked, zone: ZoneInfo, asker: Asker) -> Understood:
    every, begin = timedelta(seconds=seconds), asker.asked_at
    match asked.delay_seconds, asked.due_at:
        case (int(delay), None):
            begin += timedelta(seconds=delay) - every
        case (None, str(written)):
            begin = moment(written, zone) - every
        case (None, None):
            pass
        case _:
            raise ToolError("Give `delay_seconds` or `due_at`, not both.")
    day = seconds % 86_400 == 0
    drifts = "the interval is counted in hours, so after clocks change it comes an hour earlier or later by the wall"
    return Understood(Every(every, begin), (drifts,) if day else ())


def _recurring(written: str, due_at: str | None, zone: ZoneInfo, asked_at: datetime) -> Understood:
    if "FREQ" not in written.upper():
        if due_at:
            raise ToolError("A cron expression says itself when it comes: leave `due_at` out, or give an RRULE.")
        return Understood(Cron(" ".join(written.split()), zone.key), _assumed_of_cron(written))
    parts = dict(parts_of(written))
    until, count = parts.pop("UNTIL", None), parts.pop("COUNT", None)
    at = moment(due_at, zone) if due_at else asked_at
    start = at.astimezone(zone).replace(tzinfo=None, fold=0, second=0, microsecond=0)
    rule: Recurring = Rule(";".join(f"{name}={value}" for name, value in parts.items()), start, zone.key)
    if until:
        rule = replace(rule, until=_end(until, zone))
    if count:
        if not (count.isascii() and count.isdigit()):
            raise ToolError(f"COUNT={count} is no number.")
        rule = replace(rule, count=int(count[:9]))
    assumed = [] if due_at or "BYHOUR" in parts else [f"no time of day was given, so it is {start:%H:%M}"]
    days = parts.get("BYMONTHDAY", "").split(",")
    if any(day in {"29", "30", "31"} for day in days):
        assumed.append("months without that day are passed over")
    return Understood(rule, tuple(assumed))


def _assumed_of_cron(expression: str) -> tuple[str, ...]:
    crontab = read_cron(expression)
    if crontab.either:
        return ("with a day of the month and a weekday, cron comes on either of them",)
    if min(crontab.month_days) > 28:
        return ("months without that day are passed over",)
    return ()


def _ended(found: Understood, asked: Asked, zone: ZoneInfo) -> Understood:
    match found.when:
        case Every() | Cron() | Rule() as recurring:
            pass
        case _:
            return found
    if asked.until:
        recurring = replace(recurring, until=_end(asked.until, zone), count=asked.count)
    elif asked.count:
        recurring = replace(recurring, count=asked.count)
    return replace(found, when=recurring)


def _end(written: str, zone: ZoneInfo) -> datetime:
    end = moment(written, zone)
    is_date = len(written.strip()) <= len("2030-01-31") and "T" not in written
    return end + timedelta(days=1, seconds=-1) if is_date else end


def _with_zone(found: Understood, asked: Asked, asker: Asker) -> Understood:
    """Say which zone was assumed, where it mattered."""
    if asked.zone or asker.zone_is_known:
        return found
    match found.when:
        case datetime() | Every():
            return found
        case Once() | Cron() | Rule():
            pass
    assumed = f"the time zone is taken to be {asker.zone.key}; if it is not theirs, set_timezone keeps theirs"
    return replace(found, assumed=(*found.assumed, assumed))
