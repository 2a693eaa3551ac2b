"""What time a question speaks of: "last March", "yesterday", "vor zwei Wochen". Pure.

Only what surely is a time counts. "May" may be a verb and "Jan" a name, so a month needs a word before it that makes
it one, or a day or year beside it; a bare number is never a year. Nothing found is no harm, a wrong time is.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chat.ids import DISCORD_EPOCH
from memory import time_vocabulary as words
from memory.time_vocabulary import Unit

MAX_CHARACTERS = 2000
WIDEST = timedelta(days=31)
"""Several times in one question that are farther apart than this do not belong together: the first counts."""

_Days = tuple[date, date]
"""The first day, and the first day after."""
_Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in UTC, from its first moment until its end."""

    first: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Now:
    """The asker's moment, on their own clock."""

    at: datetime

    @property
    def today(self) -> date:
        return self.at.date()

    def span(self, days: _Days) -> Span:
        first, end = (datetime.combine(day, time.min, self.at.tzinfo).astimezone(UTC) for day in days)
        return Span(first, end)


def span_of(question: str, now: datetime, zone: ZoneInfo) -> Span | None:
    """The past time that a question speaks of, as its asker at `now` in `zone` means it; None if it names none."""
    text = " ".join(unicodedata.normalize("NFKC", question[:MAX_CHARACTERS]).split())
    here = _Now(now.astimezone(zone))
    spans = [span for match, read in _times(text) if (span := _read(match, read, here)) is not None]
    if not spans:
        return None
    whole = Span(min(span.first for span in spans), max(span.end for span in spans))
    return whole if whole.end - whole.first <= WIDEST else spans[0]


Read = Callable[[_Match, _Now], "Span | _Days | None"]


def _times(text: str) -> list[tuple[_Match, Read]]:
    """From left to right; of those that overlap the one that begins first, or is longer."""
    found = [(match, read) for pattern, read in _PATTERNS for match in pattern.finditer(text)]
    found.sort(key=lambda each: (each[0].start(), -each[0].end()))
    kept: list[tuple[_Match, Read]] = []
    for match, read in found:
        if not kept or match.start() >= kept[-1][0].end():
            kept.append((match, read))
    return kept


def _read(match: _Match, read: Read, now: _Now) -> Span | None:
    try:
        told = read(match, now)
        span = now.span(told) if isinstance(told, tuple) else told
    except (ValueError, OverflowError):
        return None  # the 31st of February
    if span is None or span.first > now.at or span.end <= DISCORD_EPOCH or _given(match, "before"):
        return None
    return Span(span.first, max(span.end, now.at.astimezone(UTC))) if _given(match, "since") else span


def _given(match: _Match, name: str) -> str:
    return match.groupdict().get(name) or ""


# Readers: what a pattern that matched stands for.


def _ago(match: _Match, now: _Now) -> Span | _Days | None:
    """Nobody means it to the day: half a unit on either side counts, too."""
    count, unit = _count(match), _unit(match)
    match unit:
        case Unit.MINUTE | Unit.HOUR:
            long = timedelta(hours=1) if unit is Unit.HOUR else timedelta(minutes=1)
            middle, around = now.at.astimezone(UTC) - count * long, max(long, count * long / 4)
            return Span(middle - around, middle + around)
        case Unit.DAY:
            return _some_days(now.today - timedelta(days=count))
        case Unit.WEEK:
            middle = now.today - timedelta(weeks=count)
            return middle - timedelta(days=3), middle + timedelta(days=4)
        case Unit.MONTH:
            middle = _months_back(now.today, count)
            return middle - timedelta(days=15), middle + timedelta(days=16)
        case Unit.YEAR:
            middle = _months_back(now.today, 12 * count)
            return middle - timedelta(days=183), middle + timedelta(days=183)


def _recent(match: _Match, now: _Now) -> Span:
    """From then until now."""
    count, end = _count(match), now.at.astimezone(UTC)
    match _unit(match):
        case Unit.MINUTE:
            return Span(end - timedelta(minutes=count), end)
        case Unit.HOUR:
            return Span(end - timedelta(hours=count), end)
        case Unit.DAY:
            first = now.today - timedelta(days=count)
        case Unit.WEEK:
            first = now.today - timedelta(weeks=count)
        case Unit.MONTH:
            first = _months_back(now.today, count)
        case Unit.YEAR:
            first = _months_back(now.today, 12 * count)
    return Span(now.span((first, first)).first, end)


def _day_words(match: _Match, now: _Now) -> _Days | None:
    first, last = next(back for name, back in _DAYS.items() if match[name])
    return now.today - timedelta(days=first), now.today - timedelta(days=last - 1)


def _french_yesterday(match: _Match, now: _Now) -> _Days | None:
    return _some_days(now.today - timedelta(days=1)) if _FRENCH.search(match.string) else None


def _this_or_last(match: _Match, now: _Now) -> _Days | None:
    unit, back = next(meant for name, meant in _THIS_OR_LAST.items() if match[name])
    today = now.today
    if unit is Unit.WEEK:
        monday = today - timedelta(days=today.weekday(), weeks=back)
        return monday, monday + timedelta(weeks=1)
    if unit is Unit.MONTH:
        first = _months_back(today.replace(day=1), back)
        return first, _month(first.year, first.month)[1]
    return _year(today.year - back)


def _weekend(_: _Match, now: _Now) -> _Days:
    """The one that has begun, or was last."""
    saturday = now.today - timedelta(days=(now.today.weekday() - 5) % 7)
    return saturday, saturday + timedelta(days=2)


def _weekday(match: _Match, now: _Now) -> _Days:
    """The last one before today."""
    number = words.KANJI_WEEKDAYS.index(match["kanji"]) if _given(match, "kanji") else _number_of(match, _WEEKDAYS)
    return _some_days(now.today - timedelta(days=(now.today.weekday() - number - 1) % 7 + 1))


def _in_month(match: _Match, now: _Now) -> _Days:
    """The month that has begun last, unless a year is named."""
    month = int(match["moon"]) if _given(match, "moon") else _number_of(match, _MONTHS)
    today, year = now.today, _given(match, "year")
    if year:
        return _month(int(year), month)
    over = bool(_given(match, "last") or _given(match, "over"))
    this_year = month < today.month or (month == today.month and not over)
    return _month(today.year if this_year else today.year - 1, month)


def _on_day(match: _Match, now: _Now) -> _Days | None:
    """Without a year, the last time that it was this day. "How may 3 people come" is none."""
    if _MAY_BE_A_VERB.fullmatch(match[0]):
        return None
    month = int(match["moon"]) if _given(match, "moon") else _number_of(match, _MONTHS)
    day, year = int(match["day"]), _given(match, "year")
    if year:
        return _some_days(date(int(year), month, day))
    this_year = (month, day) <= (now.today.month, now.today.day)
    return _some_days(date(now.today.year if this_year else now.today.year - 1, month, day))


def _in_year(match: _Match, _: _Now) -> _Days:
    return _year(int(match["year"]))


def _some_days(day: date) -> _Days:
    return day, day + timedelta(days=1)


def _month(year: int, month: int) -> _Days:
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _year(year: int) -> _Days:
    return date(year, 1, 1), date(year + 1, 1, 1)


def _months_back(day: date, count: int) -> date:
    """The same day of an earlier month, or its last."""
    month = day.year * 12 + day.month - 1 - count
    first, end = _month(month // 12, month % 12 + 1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), end - timedelta(days=1))


def _count(match: _Match) -> int:
    if digits := _given(match, "digits"):
        return int(digits)
    return next((int(name[1:]) for name in _NUMBERS if _given(match, name)), 1)


def _unit(match: _Match) -> Unit:
    return next(unit for name, unit in _UNITS.items() if match[name])


def _number_of(match: _Match, names: Mapping[str, int]) -> int:
    return next(number for name, number in names.items() if match[name])


# Patterns: the vocabulary put together; each word stands in a group that says which it is.

_UNITS = {f"u_{unit}": unit for unit in Unit}
_NUMBERS = {f"n{number}": number for number in words.NUMBERS}
_MONTHS = {f"m{number}": number for number in range(1, 13)}
_WEEKDAYS = {f"w{number}": number for number in range(7)}
_DAYS = {f"d{number}": back for number, back in enumerate(words.DAYS.values())}
_THIS_OR_LAST = {f"t{number}": meant for number, meant in enumerate(words.THIS_OR_LAST)}


def _any(names: Sequence[str], alternatives: Sequence[str]) -> str:
    named = (f"(?P<{name}>{each})" for name, each in zip(names, alternatives, strict=True))
    return f"(?:{'|'.join(named)})"


def _pattern(text: str) -> re.Pattern[str]:
    """Whole words; a script without spaces has none, and is left as it is."""
    return re.compile(rf"(?<![^\W_぀-ヿ一-鿿])(?:{text})(?![^\W_぀-ヿ一-鿿])", re.IGNORECASE)


_UNIT = _any([*_UNITS], [words.UNITS[unit] for unit in _UNITS.values()])
_NUMBER = rf"(?:(?P<digits>\d{{1,3}})|{_any([*_NUMBERS], [*words.NUMBERS.values()])})"
_MONTH = _any([*_MONTHS], words.MONTHS)
_WEEKDAY = _any([*_WEEKDAYS], words.WEEKDAYS)
_YEAR = r"(?P<year>20\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|\.|er|-?го)?"
_TH = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:.%])"
_FRAME = rf"(?:(?P<since>{words.SINCE}) |(?P<before>{words.BEFORE}) )?(?:the |dem |der |den |le |la |el |del |du )?"
_LEAD = rf"(?:(?P<since>{words.SINCE})|(?P<before>{words.BEFORE})|(?P<last>{words.LAST})|{{}})"
_NOT_NEXT = rf"(?! (?:{words.NEXT}))"
_NO_VERB = "(?! (?:be|have|not|i|we|you|they|he|she|it|as|or)\\b)"
_OF = "(?:of |de |del )?"

_FRENCH = _pattern(words.FRENCH)
_MAY_BE_A_VERB = re.compile(r"may \d+")

_PATTERNS: Sequence[tuple[re.Pattern[str], Read]] = (
    (_pattern(_FRAME + _any([*_DAYS], [*words.DAYS])), _day_words),
    (_pattern(_FRAME + words.FRENCH_YESTERDAY), _french_yesterday),
    (_pattern(_FRAME + _any([*_THIS_OR_LAST], [*words.THIS_OR_LAST.values()])), _this_or_last),
    (_pattern(_FRAME + f"(?:{words.WEEKEND})"), _weekend),
    (_pattern(rf"(?<!half )(?:{_NUMBER} )?{_UNIT} (?:{words.AGO_AFTER})"), _ago),
    (_pattern(rf"(?:{words.AGO_BEFORE}) {_NUMBER} {_UNIT}"), _ago),
    (re.compile(rf"(?P<digits>\d{{1,3}}){_UNIT}前"), _ago),
    (_pattern(rf"(?:{words.RECENT}) ?{_NUMBER} ?{_UNIT}間?"), _recent),
    (_pattern(rf"{_NUMBER} (?:derni(?:er|ère)s) {_UNIT}"), _recent),
    (
        _pattern(rf"(?:{_LEAD.format(words.ON_DAY)} (?:{words.LAST} )?){_WEEKDAY}(?: {words.OVER})?{_NOT_NEXT}"),
        _weekday,
    ),
    (_pattern(rf"{_WEEKDAY} (?:{words.OVER})"), _weekday),
    (re.compile(f"(?P<kanji>[{words.KANJI_WEEKDAYS}])曜日?"), _weekday),
    (
        _pattern(rf"{_LEAD.format(words.IN_MONTH)} {_MONTH}{_NO_VERB}(?: (?P<over>{words.OVER}))?(?:,? {_OF}{_YEAR})?"),
        _in_month,
    ),
    (_pattern(rf"{_FRAME}{_MONTH},? {_OF}{_YEAR}"), _in_month),
    (_pattern(rf"{_FRAME}{_DAY} {_OF}{_MONTH}{_NO_VERB}(?:,? {_OF}{_YEAR})?"), _on_day),
    (_pattern(rf"{_FRAME}{_MONTH} {_TH}(?:,? {_YEAR})?"), _on_day),
    (re.compile(r"(?<!\d)(?:(?P<year>20\d\d)年)?(?P<moon>\d{1,2})月(?P<day>\d{1,2})日"), _on_day),
    (re.compile(r"(?<!\d)(?:(?P<year>20\d\d)年)?(?P<moon>\d{1,2})月(?!\d|曜|間)"), _in_month),
    (re.compile(r"(?<![\d-])(?P<year>20\d\d)-(?P<moon>\d\d)-(?P<day>\d\d)(?![\d-])"), _on_day),
    (re.compile(r"(?<![\d-])(?P<year>20\d\d)-(?P<moon>\d\d)(?![\d-])"), _in_month),
    (re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<moon>\d{1,2})\.(?P<year>20\d\d)(?!\.?\d)"), _on_day),
    (_pattern(rf"(?:{_LEAD.format(words.IN_YEAR)}) {_YEAR}(?![.,:]?\d| ?[%€$£])"), _in_year),
    (re.compile(r"(?<!\d)(?P<year>20\d\d)年(?!前|間|\d)"), _in_year),
)
