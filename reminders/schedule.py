"""When a reminder comes: once, in intervals, by cron, by a recurrence rule. Pure.

What comes by wall time keeps the wall time and its zone: the moment is worked out anew each time, so that daylight
saving and new zone data move the moment and not the promise (`reminders.wall` says how).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders.cron import read_cron
from reminders.errors import ReminderError
from reminders.rules import read_rule
from reminders.wall import kept_zone, to_utc, to_wall

SHORTEST = timedelta(seconds=60)
MOST_COUNTED = 1_000
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Once:
    """At one wall time."""

    wall: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Every:
    """Each time this much time has gone by, whatever clocks show."""

    interval: timedelta
    start: datetime
    """A moment; the first comes one interval later."""
    until: datetime | None = None
    """A moment; nothing comes after it. So in the others."""
    count: int | None = None
    """How often it was asked for; `until` is then the last of them. So in the others."""


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron expression of five fields."""

    expression: str
    zone: str
    until: datetime | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """By a recurrence rule of RFC 5545, without its COUNT and UNTIL."""

    rule: str
    start: datetime
    """On the wall; where the rule names no time of day, it has this one's."""
    zone: str
    until: datetime | None = None
    count: int | None = None


Recurring = Every | Cron | Rule
Schedule = Once | Recurring


def next_after(schedule: Schedule, moment: datetime) -> datetime | None:
    """The first time strictly after `moment`, in UTC; None when there is none any more."""
    try:
        found = _next_after(schedule, moment)
    except OverflowError:  # the calendar ends
        return None
    match schedule:
        case Once():
            return found
        case Every(until=until) | Cron(until=until) | Rule(until=until):
            return None if found is None or (until is not None and found > until) else found


def newest_until(schedule: Schedule, known: datetime, moment: datetime) -> datetime:
    """The last time that is not after `moment`, where `known` is one of its times; `known` where none came since."""
    following = next_after(schedule, known)
    if following is None or following > moment:
        return known
    low, high = known, moment  # by halves: there may be millions of times between
    while high - low > _TICK:
        middle = low + (high - low) / 2
        found = next_after(schedule, middle)
        if found is not None and found <= moment:
            low = middle
        else:
            high = middle
    return next_after(schedule, low) or known


def zone_name(schedule: Schedule) -> str | None:
    """The zone whose wall time it keeps; None where it keeps to no wall."""
    match schedule:
        case Every():
            return None
        case Once(zone=zone) | Cron(zone=zone) | Rule(zone=zone):
            return zone


def moved(schedule: Recurring, zone: str) -> Recurring:
    """The same wall times in another zone, and the same wall time for its end, which stands for what was counted."""
    match schedule:
        case Every():
            return schedule
        case Cron(zone=old, until=until) | Rule(zone=old, until=until):
            end = until and to_utc(to_wall(until, kept_zone(old)), kept_zone(zone))
            return replace(schedule, zone=zone, until=end, count=None)


def limited(schedule: Recurring, count: int, after: datetime) -> Recurring:
    """It ends with the `count`-th time after this moment. Raises ReminderError for counts beyond reason."""
    if not 1 <= count <= MOST_COUNTED:
        raise ReminderError(f"How often has to be from 1 to {MOST_COUNTED} times; for more, say until when.")
    last = after
    for _ in range(count):
        following = next_after(schedule, last)
        if following is None:
            break
        last = following
    return replace(schedule, until=last, count=count)


def _next_after(schedule: Schedule, moment: datetime) -> datetime | None:
    match schedule:
        case Once(wall=wall, zone=zone):
            at = to_utc(wall, kept_zone(zone))
            return at if at > moment else None
        case Every(interval=interval, start=start):
            return start + max(1, (moment - start) // interval + 1) * interval
        case Cron(expression=expression, zone=zone):
            crontab, place = read_cron(expression), kept_zone(zone)
            here = to_wall(moment, place)
            return _first(crontab.days(here.date()), crontab.times, place, here, moment)
        case Rule(rule=written, start=start, zone=zone):
            rule, place = read_rule(written, start), kept_zone(zone)
            here = max(to_wall(moment, place), rule.start - timedelta(microseconds=1))
            return _first(rule.days(here.date()), rule.times, place, here, moment)


def _first(
    days: Iterable[date], times: Sequence[time], zone: ZoneInfo, here: datetime, moment: datetime
) -> datetime | None:
    """`here` is what the wall shows at `moment`: no wall time up to it means a later moment."""
    for day in days:
        begin = bisect_right(times, here.time()) if day == here.date() else 0
        for at in times[begin:]:
            found = to_utc(datetime.combine(day, at), zone)
            if found > moment:
                return found
    return None
