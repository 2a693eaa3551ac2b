"""Only what can be kept is promised; everything else is refused with a sentence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.checks import checked_text, checked_time
from reminders.values import Limits, ReminderError
from reminders.wording import MAX_TEXT

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Limits()
zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)


@given(st.datetimes(timezones=st.none() | zones))
def test_any_time_is_either_refused_in_a_sentence_or_ahead_within_five_years(due_at: datetime) -> None:
    due, refusal = _outcome(lambda: checked_time(due_at, now=NOW, limits=LIMITS))
    if due is None:
        assert refusal.endswith(".")
        assert "\n" not in refusal
    else:
        assert due == due_at
        assert due.tzinfo is UTC
        assert NOW < due <= NOW + LIMITS.horizon


@given(st.timedeltas(timedelta(microseconds=1), LIMITS.horizon), zones)
def test_every_moment_ahead_can_be_promised_in_any_zone(ahead: timedelta, zone: timezone) -> None:
    assert checked_time((NOW + ahead).astimezone(zone), now=NOW, limits=LIMITS) == NOW + ahead


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (datetime(2026, 11, 24), "time zone"),  # noqa: DTZ001, that is the point
        (NOW, "in the past"),
        (NOW - timedelta(days=1), "in the past"),
        (NOW + timedelta(days=366 * 5), "too far ahead"),
        (datetime.max.replace(tzinfo=UTC), "too far ahead"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), "beyond what a calendar can hold"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=12))), "beyond what a calendar can hold"),
    ],
)
def test_what_is_wrong_with_a_time_is_said(due_at: datetime, words: str) -> None:
    with pytest.raises(ReminderError, match=words):
        checked_time(due_at, now=NOW, limits=LIMITS)


@given(st.text(st.characters(exclude_categories=()), max_size=MAX_TEXT + 50))
def test_any_text_is_either_refused_or_can_be_stored_and_sent(text: str) -> None:
    kept, refusal = _outcome(lambda: checked_text(text))
    if kept is None:
        assert refusal.endswith(".")
    else:
        assert 0 < len(kept.encode("utf-16-le")) <= 2 * MAX_TEXT
        assert "\0" not in kept
        assert checked_text(kept) == kept


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b\u200b", "\x00\x1b", "\u2066\u2069", "\ud800"])
def test_a_text_of_which_nothing_shows_is_refused(text: str) -> None:
    with pytest.raises(ReminderError, match="needs a text"):
        checked_text(text)


@pytest.mark.parametrize("text", ["stretch", "🧘", "اشرب الماء", "👩‍👩‍👧 dinner", "@everyone lunch", "?"])
def test_ordinary_texts_are_kept_as_they_are(text: str) -> None:
    assert checked_text(text) == text


def test_a_text_may_be_as_long_as_the_limit_and_emoji_count_as_two() -> None:
    assert checked_text("x" * MAX_TEXT)
    assert checked_text("🧘" * (MAX_TEXT // 2))
    with pytest.raises(ReminderError, match="too long: 1701 characters"):
        checked_text("x" * (MAX_TEXT + 1))
    with pytest.raises(ReminderError, match="too long"):
        checked_text("🧘" * (MAX_TEXT // 2 + 1))


def _outcome(check: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return check(), ""
    except ReminderError as refusal:
        return None, str(refusal)
