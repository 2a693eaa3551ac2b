"""When reminders come, against a model that steps through time minute by minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.schedule import Cron, Every, Once, Recurring, Rule, Schedule, limited, moved, newest_until, next_after
from reminders.schedule_json import from_json, to_json
from reminders.wall import to_utc, to_wall
from tests.reminders.calendar_model import Matches, cron_matches, first_after, utc

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Santiago",  # its clocks skip midnight
    "Pacific/Apia",
    "Antarctica/Troll",  # its clocks change by two hours
]
WINDOW = 3 * 1440
CHANGES = [utc(2026, 3, 28), utc(2026, 10, 24), utc(2026, 3, 7), utc(2026, 10, 31), utc(2026, 4, 4), utc(2026, 9, 5)]
zones = st.sampled_from(ZONES)
moments = st.tuples(st.sampled_from(CHANGES), st.timedeltas(timedelta(days=-1), timedelta(days=2))).map(
    lambda near: (near[0] + near[1]).replace(microsecond=0)
)
numbers = {
    "minutes": st.sets(st.integers(0, 59), max_size=3),
    "hours": st.sets(st.integers(0, 23), max_size=4),
    "month_days": st.sets(st.integers(1, 31), max_size=4),
    "weekdays": st.sets(st.integers(0, 6), max_size=3),
}


def agrees(schedule: Schedule, matches: Matches, zone: str, moment: datetime) -> None:
    expected = first_after(matches, ZoneInfo(zone), moment, WINDOW)
    found = next_after(schedule, moment)
    if found is not None:  # what is looked at anew at each start must then be the same
        assert to_utc(to_wall(found, ZoneInfo(zone)), ZoneInfo(zone)) == found
    if expected is None:
        assert found is None or found > moment + timedelta(minutes=WINDOW - 1)
    else:
        assert found == expected


def field(values: set[int]) -> str:
    return ",".join(map(str, sorted(values))) or "*"


@given(st.fixed_dictionaries(numbers), zones, moments)
@settings(max_examples=150, deadline=None)
def test_cron_comes_when_the_clock_on_the_wall_shows_it(
    chosen: dict[str, set[int]], zone: str, moment: datetime
) -> None:
    written = f"{field(chosen['minutes'])} {field(chosen['hours'])} {field(chosen['month_days'])} * "
    schedule = Cron(written + field(chosen["weekdays"]), zone)
    agrees(schedule, cron_matches(**chosen), zone, moment)


@given(st.sampled_from(["DAILY", "WEEKLY"]), st.integers(1, 4), st.data(), zones, moments)
@settings(max_examples=150, deadline=None)
def test_a_rule_comes_on_its_days_however_long_ago_it_began(
    frequency: str, interval: int, data: st.DataObject, zone: str, moment: datetime
) -> None:
    start = datetime(2020, 1, 1) + timedelta(minutes=data.draw(st.integers(0, 1440 * 400)))  # noqa: DTZ001, a wall time
    hours = data.draw(st.sets(st.integers(0, 23), max_size=3))
    written = f"FREQ={frequency};INTERVAL={interval}" + (f";BYHOUR={field(hours)}" if hours else "")
    days = interval * (7 if frequency == "WEEKLY" else 1)

    def matches(wall: datetime) -> bool:
        on_day = (wall.date() - start.date()).days % days == 0
        return on_day and wall.minute == start.minute and wall.hour in (hours or {start.hour})

    agrees(Rule(written, start, zone), matches, zone, moment)


@given(st.sampled_from([-1, 1, 2]), st.integers(0, 6), zones, moments)
@settings(max_examples=60, deadline=None)
def test_the_last_friday_of_the_month_is_that(nth: int, weekday: int, zone: str, moment: datetime) -> None:
    name = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][weekday]

    def matches(wall: datetime) -> bool:
        week = timedelta(days=7)
        place = (wall.day - 1) // 7 + 1 == nth if nth > 0 else (wall + week).month != wall.month
        return wall.weekday() == weekday and place and (wall.hour, wall.minute) == (2, 30)

    agrees(Rule(f"FREQ=MONTHLY;BYDAY={nth}{name}", datetime(2026, 1, 1, 2, 30), zone), matches, zone, moment)  # noqa: DTZ001


@given(
    st.sampled_from(["MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.sampled_from(["", "BYMONTHDAY=31", "BYMONTHDAY=-1", "BYDAY=2TU", "BYDAY=MO,FR", "BYMONTH=2,3", "BYWEEKNO=1"]),
    st.datetimes(datetime(2019, 1, 1), datetime(2021, 1, 1)),  # noqa: DTZ001
    st.datetimes(datetime(2018, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
)
@settings(max_examples=150, deadline=None)
def test_a_rule_that_began_long_ago_comes_as_if_it_were_counted_from_its_beginning(
    frequency: str, interval: int, more: str, start: datetime, after: datetime
) -> None:
    if frequency == "MONTHLY" and more == "BYWEEKNO=1":
        more = ""
    written = f"FREQ={frequency};INTERVAL={interval}" + (f";{more}" if more else "")
    start = start.replace(second=0, microsecond=0)
    expected = rrulestr(written, dtstart=start).after(after)
    found = next_after(Rule(written, start, "UTC"), after.replace(tzinfo=UTC))

    assert found == (expected.replace(tzinfo=UTC) if expected else None)


@given(st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 30)), zones, moments)  # noqa: DTZ001
@settings(max_examples=60, deadline=None)
def test_a_wall_time_comes_once_at_its_first_coming_or_when_it_is_skipped(
    wall: datetime, zone: str, moment: datetime
) -> None:
    wall = wall.replace(second=0, microsecond=0)
    agrees(Once(wall, zone), lambda shown: shown == wall, zone, moment)


@given(st.integers(60, 10**6), st.integers(-(10**6), 10**6), moments)
def test_an_interval_comes_each_time_it_has_gone_by(seconds: int, offset: int, start: datetime) -> None:
    schedule = Every(timedelta(seconds=seconds), start)
    moment = start + timedelta(seconds=offset)
    found = next_after(schedule, moment)

    assert found is not None
    assert found > moment
    assert found == start + timedelta(seconds=max(offset // seconds + 1, 1) * seconds)


@given(
    st.sampled_from(["* * * * *", "*/7 2 * * *", "0 9 * * mon", "30 1-3 * * *"]), zones, moments, st.integers(0, 9999)
)
@settings(max_examples=60, deadline=None)
def test_the_newest_of_many_missed_is_the_one_before_the_next(
    expression: str, zone: str, moment: datetime, minutes: int
) -> None:
    schedule = Cron(expression, zone)
    known = next_after(schedule, moment)
    assert known is not None
    now = known + timedelta(minutes=minutes)
    newest = newest_until(schedule, known, now)

    assert known <= newest <= now
    assert newest == known or next_after(schedule, newest - timedelta(seconds=1)) == newest
    following = next_after(schedule, newest)
    assert following is not None
    assert following > now


NIGHTS: Sequence[tuple[str, str, datetime]] = [
    # spring: at the next time that there is
    ("Europe/Berlin", "30 2 * * *", utc(2026, 3, 29, 1)),
    ("Europe/Berlin", "30 2 * * *", utc(2027, 3, 28, 1)),
    ("America/New_York", "30 2 * * *", utc(2026, 3, 8, 7)),
    ("America/New_York", "30 2 * * *", utc(2027, 3, 14, 7)),
    ("America/Santiago", "30 0 * * *", utc(2026, 9, 6, 4)),
    ("America/Santiago", "30 0 * * *", utc(2027, 9, 5, 4)),
    ("Australia/Sydney", "30 2 * * *", utc(2026, 10, 3, 16)),
    ("Australia/Sydney", "30 2 * * *", utc(2027, 10, 2, 16)),
    ("Australia/Lord_Howe", "15 2 * * *", utc(2026, 10, 3, 15, 30)),
    ("Australia/Lord_Howe", "15 2 * * *", utc(2027, 10, 2, 15, 30)),
    # autumn: at the first of the two
    ("Europe/Berlin", "30 2 * * *", utc(2026, 10, 25, 0, 30)),
    ("Europe/Berlin", "30 2 * * *", utc(2027, 10, 31, 0, 30)),
    ("America/New_York", "30 1 * * *", utc(2026, 11, 1, 5, 30)),
    ("America/New_York", "30 1 * * *", utc(2027, 11, 7, 5, 30)),
    ("America/Santiago", "30 23 * * *", utc(2026, 4, 5, 2, 30)),
    ("America/Santiago", "30 23 * * *", utc(2027, 4, 4, 2, 30)),
    ("Australia/Sydney", "30 2 * * *", utc(2026, 4, 4, 15, 30)),
    ("Australia/Sydney", "30 2 * * *", utc(2027, 4, 3, 15, 30)),
    ("Australia/Lord_Howe", "45 1 * * *", utc(2026, 4, 4, 14, 45)),
    ("Australia/Lord_Howe", "45 1 * * *", utc(2027, 4, 3, 14, 45)),
]


@pytest.mark.parametrize(("zone", "expression", "expected"), NIGHTS)
def test_on_the_nights_when_clocks_change_it_comes_once(zone: str, expression: str, expected: datetime) -> None:
    schedule = Cron(expression, zone)
    before = next_after(schedule, expected - timedelta(hours=30))
    assert before is not None
    assert before < expected
    there = next_after(schedule, before)
    assert there == expected
    after = next_after(schedule, expected)
    assert after is not None
    assert timedelta(hours=22) < after - expected < timedelta(hours=26)


def test_what_is_counted_ends_with_the_last_and_until_holds_its_moment() -> None:
    start = utc(2026, 1, 1)
    thrice = limited(Cron("0 9 * * *", "UTC"), 3, start)
    times: list[datetime] = [start]
    while (found := next_after(thrice, times[-1])) is not None:
        times.append(found)

    assert times[1:] == [utc(2026, 1, 1, 9), utc(2026, 1, 2, 9), utc(2026, 1, 3, 9)]
    assert all(a < b for a, b in pairwise(times))


def test_in_another_zone_it_ends_at_the_same_wall_time() -> None:
    counted = limited(Cron("0 9 * * *", "Europe/Berlin"), 3, utc(2026, 1, 1))
    there = moved(counted, "America/New_York")

    assert (there.count, there.until) == (None, utc(2026, 1, 3, 14))
    assert moved(Every(timedelta(hours=1), utc(2026, 1, 1)), "UTC") == Every(timedelta(hours=1), utc(2026, 1, 1))


UNTIL = utc(2030, 1, 1)


@pytest.mark.parametrize(
    "schedule",
    [
        Every(timedelta(seconds=90), utc(2026, 1, 1, 3, 4, 5), UNTIL, 7),
        Every(timedelta(days=1), utc(2026, 1, 1)),
        Cron("0 9 * * mon", "Asia/Tokyo", None, None),
        Cron("0 9 * * mon", "Asia/Tokyo", UNTIL, 3),
        Rule("FREQ=MONTHLY;BYDAY=-1FR", datetime(2026, 1, 1, 9), "UTC", UNTIL, 2),  # noqa: DTZ001
    ],
)
def test_a_schedule_comes_back_from_the_database_as_it_was(schedule: Recurring) -> None:
    assert from_json(to_json(schedule)) == schedule
