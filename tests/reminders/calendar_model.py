"""A slow, plain model of schedules: it steps through time minute by minute and looks at the clock on the wall."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Matches = Callable[[datetime], bool]


def first_after(matches: Matches, zone: ZoneInfo, moment: datetime, minutes: int) -> datetime | None:
    """The first whole minute after `moment` at which the clock comes to show, or skips, a wall time that matches."""
    at = moment.replace(second=0, microsecond=0)
    for _ in range(minutes):
        at += MINUTE
        if any(matches(wall) for wall in _newly_shown(at, zone)):
            return at
    return None


def _newly_shown(at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The wall times that come with this minute: one, none while an hour repeats, many where clocks skip."""
    local, before = at.astimezone(zone), (at - MINUTE).astimezone(zone)
    if local.fold:
        return
    wall, last = local.replace(tzinfo=None), before.replace(tzinfo=None)
    skips = local.utcoffset() != before.utcoffset() and wall - last > MINUTE
    if not skips:
        yield wall
        return
    while last < wall:
        last += MINUTE
        yield last


def cron_matches(minutes: set[int], hours: set[int], month_days: set[int], weekdays: set[int]) -> Matches:
    """Empty: not restricted. Weekdays as cron counts them from Sunday = 0."""

    def matches(wall: datetime) -> bool:
        by_month, by_week = wall.day in month_days, wall.isoweekday() % 7 in weekdays
        day = (by_month or by_week) if month_days and weekdays else by_month or by_week or not (month_days or weekdays)
        return day and (not minutes or wall.minute in minutes) and (not hours or wall.hour in hours)

    return matches


def utc(*parts: int) -> datetime:
    year, month, day, *rest = parts
    return datetime(year, month, day, *rest, tzinfo=UTC)
