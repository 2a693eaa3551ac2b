"""What a model may write for a schedule: read as people mean it, or refused in one sentence."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.checks import first_time
from reminders.cron import read_cron
from reminders.rules import read_rule
from reminders.schedule import Cron, Every, Once, Rule, Schedule
from reminders.values import Limits, ReminderError
from tests.reminders.calendar_model import utc

NOW = utc(2026, 11, 26, 12)  # a Thursday
START = datetime(2026, 11, 26, 9)  # noqa: DTZ001, a wall time
LIMITS = Limits()


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("0 9 * * 0", utc(2026, 11, 29, 9)),
        ("0 9 * * 7", utc(2026, 11, 29, 9)),
        ("0 9 * * 1", utc(2026, 11, 30, 9)),
        ("0 9 * * mon", utc(2026, 11, 30, 9)),
        ("0 9 * * Friday", utc(2026, 11, 27, 9)),
        ("0 9 * * mon-fri", utc(2026, 11, 27, 9)),
        ("0 9 * * 5-7", utc(2026, 11, 27, 9)),
        ("0 9 * * sat-mon", utc(2026, 11, 28, 9)),
        ("*/20 * * * *", utc(2026, 11, 26, 12, 20)),
        ("5/20 13 * * ?", utc(2026, 11, 26, 13, 5)),
        ("0 9 1 jan,december *", utc(2026, 12, 1, 9)),
        ("0 9 13 * 5", utc(2026, 11, 27, 9)),  # either of the two, as in crontab(5)
        ("0 0 29 2 *", utc(2028, 2, 29)),
        ("@daily", utc(2026, 11, 27)),
        (" 30  8 *  * * ", utc(2026, 11, 27, 8, 30)),
    ],
)
def test_cron_means_what_cron_users_expect(expression: str, first: datetime) -> None:
    assert first_time(Cron(expression, "UTC"), now=NOW, limits=LIMITS) == first


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", utc(2026, 11, 27, 9)),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;", utc(2026, 11, 30, 9)),
        ("freq=daily;byhour=8,20;byminute=15", utc(2026, 11, 26, 20, 15)),
        ("FREQ=DAILY;BYMONTHDAY=13;BYDAY=FR", utc(2027, 8, 13, 9)),
        ("FREQ=WEEKLY;INTERVAL=2", utc(2026, 12, 10, 9)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", utc(2028, 2, 29, 9)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", utc(2026, 11, 30, 9)),
    ],
)
def test_rules_are_those_of_calendars(rule: str, first: datetime) -> None:
    assert first_time(Rule(rule, START, "UTC"), now=NOW, limits=LIMITS) == first


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Cron("* * * * * *", "UTC"), "once a minute"),
        (Cron("@reboot", "UTC"), "no cron expression"),
        (Cron("", "UTC"), "no cron expression"),
        (Cron("0 9 * * fri#5", "UTC"), "BYDAY=-1FR"),
        (Cron("0 9 * * 8", "UTC"), "'8' is no weekday"),
        (Cron("60 9 * * *", "UTC"), "'60' is no minute"),
        (Cron("0 9 0 * *", "UTC"), "'0' is no day of the month"),
        (Cron("0 9 * foo *", "UTC"), "'foo' is no month"),
        (Cron("30-10 9 * * *", "UTC"), "runs backwards"),
        (Cron("*/0 * * * *", "UTC"), "nothing that the minute"),
        (Cron("0 0 30 2 *", "UTC"), "never come"),
        (Cron("0 9 * * *", "Europe/Bielefeld"), "no time zone"),
        (Cron("0 9 * * *", "UTC", NOW), "end in the past"),
        (Cron("0 9 * * *", "UTC", NOW + timedelta(hours=1)), "never come"),
        (Rule("FREQ=SECONDLY", START, "UTC"), "is an interval"),
        (Rule("FREQ=HOURLY", START, "UTC"), "is an interval"),
        (Rule("BYDAY=MO", START, "UTC"), "FREQ has to be"),
        (Rule("FREQ=DAILY;BYSECOND=5", START, "UTC"), "whole minutes"),
        (Rule("FREQ=DAILY;BYHOUR=25", START, "UTC"), "from 0 to 23"),
        (Rule("FREQ=DAILY;INTERVAL=0", START, "UTC"), "from 1 to"),
        (Rule("FREQ=WEEKLY;BYDAY=XX", START, "UTC"), "no recurrence rule"),
        (Rule("DTSTART:20260101\nRRULE:FREQ=DAILY", START, "UTC"), "cannot stand in"),
        (Rule("every friday", START, "UTC"), "cannot stand in"),
        (Rule("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", START, "UTC"), "never come"),
        (Rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", START, "UTC"), "never come"),
        (Rule("FREQ=WEEKLY;BYMONTHDAY=30", START, "UTC"), "goes with FREQ=MONTHLY"),
        (Rule("FREQ=DAILY;BYYEARDAY=30", START, "UTC"), "goes with FREQ=MONTHLY"),
        (Rule("FREQ=YEARLY;INTERVAL=10000", START, "UTC"), "never come"),
        (Every(timedelta(seconds=59), NOW), "60 seconds"),
        (Every(timedelta(days=3000), NOW), "too far ahead"),
        (Once(START, "UTC"), "in the past"),
        (Once(datetime(9999, 12, 31, 23, 59), "America/New_York"), "beyond what a calendar"),  # noqa: DTZ001
        (Once(datetime(2080, 1, 1), "UTC"), "too far ahead"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(schedule: Schedule, words: str) -> None:
    with pytest.raises(ReminderError, match=words) as refused:
        first_time(schedule, now=NOW, limits=LIMITS)
    assert "\n" not in str(refused.value).replace("\\n", "")


@given(st.text(st.sampled_from("0123456789*/-,? abmonfri@L#W"), max_size=24) | st.text(max_size=20))
def test_any_text_is_a_cron_expression_or_is_refused(expression: str) -> None:
    with suppress(ReminderError):
        read_cron(expression)


PARTS = st.sampled_from(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYHOUR", "BYSETPOS", "BYWEEKNO", "WKST", "X"])
VALUES = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "-1FR", "MO,TU", "0", "1", "31", "-1", "99", "", "A", "1,2,x"])


@given(st.lists(st.tuples(PARTS, VALUES), max_size=4))
def test_any_text_is_a_rule_or_is_refused(parts: list[tuple[str, str]]) -> None:
    with suppress(ReminderError):
        read_rule(";".join(f"{name}={value}" for name, value in parts), START)
