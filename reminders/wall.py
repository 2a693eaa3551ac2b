"""Wall time and its zone to moments and back. Pure.

A wall time that clocks skip in spring means the moment at which they skip it; one that comes twice in autumn means its
first coming. So later wall times never mean earlier moments, which all that is scheduled rests on.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reminders.errors import ReminderError

_TICK = timedelta(seconds=1)


def zone_of(name: str) -> ZoneInfo:
    """Raises ReminderError for what is no zone."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ReminderError(f"{name!r} is no time zone; write it like Europe/Berlin or UTC.") from None


def kept_zone(name: str) -> ZoneInfo:
    """The zone of something that was promised. UTC where it has left the zone data since: late beats never."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Raises OverflowError at the ends of the calendar."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if to_wall(first, zone) == wall:
        return first
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # read with the offset that holds after the skip
    return _change(before, first, zone)


def to_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows there, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The moment between these two from which on the offset is another."""
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    old = low.astimezone(zone).utcoffset()
    while high - low > _TICK:
        middle = low + (high - low) // 2 // _TICK * _TICK
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
