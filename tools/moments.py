"""Times as a model writes them, and as people and models read them."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from tools.calls import ToolError

MOMENT = (
    "ISO 8601: `2030-01-31T18:00` in the asker's time zone, or with an offset, `2030-01-31T18:00+01:00`; "
    "a date alone is its first moment"
)
Moment = Annotated[str, Field(description=MOMENT, max_length=40)]


def moment(written: str, zone: ZoneInfo) -> datetime:
    """The moment in UTC; one without an offset is local time in `zone`. Raises ToolError."""
    try:
        parsed = datetime.fromisoformat(written.strip())
    except ValueError:
        raise ToolError(f"{written!r} is no time I can read; write it like 2030-01-31T18:00.") from None
    try:
        if parsed.utcoffset() is not None:
            return parsed.astimezone(UTC)
        local = parsed.replace(tzinfo=zone)
        found = local.astimezone(UTC)
        back = found.astimezone(zone)
    except (OverflowError, ValueError):
        raise ToolError(f"{written!r} is beyond what a calendar can hold.") from None
    if back.replace(tzinfo=None) != parsed:  # the hour that a clock skips in spring
        raise ToolError(
            f"There is no {parsed:%H:%M} on {parsed:%Y-%m-%d} in {zone}: clocks go on to {back:%H:%M} then."
        )
    return found


def wall_time(written: str) -> datetime | None:
    """What `moment` has read, as the clock on the wall shows it; None for one with an offset."""
    parsed = datetime.fromisoformat(written.strip())
    return None if parsed.utcoffset() is not None else parsed


def time_zone(name: str) -> ZoneInfo:
    """Raises ToolError for what is no zone."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ToolError(f"{name!r} is no time zone; write it like Europe/Berlin or UTC.") from None


def local(at: datetime, zone: ZoneInfo) -> str:
    """ISO with the offset that holds there, to the second."""
    return at.astimezone(zone).isoformat(timespec="seconds")
