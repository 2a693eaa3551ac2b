"""The times that the scripted demo model understands: "in half an hour", "tomorrow at 9", "on Friday at 17:30"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.times import read_when
from tools.whens import Asked

_WORDS = "one two three four five six seven eight nine ten".split()  # noqa: SIM905
COUNTS = {word: float(count) for count, word in enumerate(_WORDS, 1)} | {
    "a": 1,
    "an": 1,
    "half a": 0.5,
    "half an": 0.5,
    "a couple of": 2,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty-five": 45,
}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905
HOURS = {"morning": 9, "noon": 12, "afternoon": 15, "evening": 19, "tonight": 20, "midnight": 0}

_COUNT = rf"(?:{'|'.join(sorted(COUNTS, key=len, reverse=True))})(?= )|\d{{1,5}}(?:\.\d)?"
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])"
_SPAN = rf"(?:{_COUNT}) ?{_UNIT}"
_CLOCK = r"\d{1,2}(?:[:.]\d{2})? ?(?:am|pm|o.clock)?(?![\w:.]\d)\b"
_DAY = rf"today|tomorrow|tonight|(?:on |next |this )?(?:{'|'.join(DAYS)})"
_PART = "morning|noon|afternoon|evening|midnight"
_AT = rf"(?:at |around )(?:{_CLOCK}|noon|midnight)"
WHEN = re.compile(
    rf"\bin (?P<span>{_SPAN}(?:(?:,? and |,? ?){_SPAN})*)"
    rf"|\b(?P<day>{_DAY})(?: (?P<part>{_PART}))?(?: (?P<day_at>{_AT}))?(?![\w-])"
    rf"|\b(?P<at>{_AT})(?: (?P<at_day>{_DAY}))?(?![\w-])",
    re.IGNORECASE,
)


EVERY = re.compile(
    r"\bevery (?:(?P<span>(?:\d{1,4} )?(?:minute|hour)s?)|"
    rf"(?:day|weekday|{'|'.join(DAYS)})(?: (?P<at>(?:at )?{_CLOCK}))?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """One of the two ways to tell a tool when."""

    delay_seconds: int | None = None
    due_at: str | None = None
    """Local time, ISO 8601."""


def every(found: re.Match[str], now: datetime | None) -> Asked:
    """What a match of EVERY means; nine in the morning where only days are named."""
    days_only = found["span"] is None and found["at"] is None
    return read_when(f"{found[0]} 9:00" if days_only else found[0], now or datetime.min)  # noqa: DTZ901 - a wall time


def when(found: re.Match[str], now: datetime | None) -> When | None:
    """What a match of WHEN means; None where no such time can be."""
    if found["span"]:
        return When(delay_seconds=max(1, round(_seconds(found["span"]))))
    if now is None:
        return None
    day = (found["day"] or found["at_day"] or "").lower().removeprefix("on ").removeprefix("this ")
    clock = _clock(found["day_at"] or found["at"], found["part"] or ("tonight" if day == "tonight" else None))
    if clock is None:
        return None
    due = _date(day, now).replace(hour=clock[0], minute=clock[1])
    if due <= now and (not day or day.removeprefix("next ") in DAYS):
        due += timedelta(days=7 if day else 1)
    return When(due_at=due.isoformat(timespec="minutes"))


def _seconds(span: str) -> float:
    parts = re.findall(rf"({_COUNT}) ?({_UNIT})", span, re.IGNORECASE)
    return sum(_count(count.lower()) * UNITS[unit[0].lower()] for count, unit in parts)


def _count(written: str) -> float:
    return COUNTS[written] if written in COUNTS else float(written)


def _clock(at: str | None, part: str | None) -> tuple[int, int] | None:
    """Hour and minute; nine in the morning where only a day is named."""
    found = re.search(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?", at or "", re.IGNORECASE)
    if found is None:
        named = (at or part or "morning").split()[-1].lower()
        return HOURS[named], 0
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif part in {"afternoon", "evening", "tonight"} and hour < 12:
        hour += 12
    return (hour, minute) if hour < 24 and minute < 60 else None


def _date(day: str, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0)
    name = day.removeprefix("next ")
    if name in DAYS:
        return midnight + timedelta(days=(DAYS.index(name) - now.weekday()) % 7)
    return midnight + timedelta(days=1 if day == "tomorrow" else 0)
