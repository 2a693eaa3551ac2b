"""What people read when a reminder arrives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import jump_link
from chat.people import Person
from reminders.occasions import Occasion
from reminders.schedule import Cron, Every, Recurring, Rule
from reminders.values import Reminder, new_id
from reminders.wording import (
    MAX_TEXT,
    MESSAGE_LIMIT,
    announcement,
    duration,
    full_time,
    is_announcement,
    late_note,
    recurrence,
    relative_time,
    with_note,
)

BIGGEST = 2**63 - 1
DUE = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONGEST = Reminder(
    id=new_id(),
    owner=Person(UserId(BIGGEST), "Ada"),
    guild_id=GuildId(BIGGEST),
    channel_id=ChannelId(BIGGEST),
    text="x" * MAX_TEXT,
    due_at=DUE,
    created_at=DUE,
    request_link=jump_link(GuildId(BIGGEST), ChannelId(BIGGEST), MessageId(BIGGEST)),
    source_key="1/x",
)


def test_the_longest_reminder_fits_into_one_message() -> None:
    again = replace(LONGEST, turn=99_999)
    for reason in ("", "x" * 5_000):
        occasion = Occasion(again, timedelta(days=99_999), datetime(9999, 1, 1, tzinfo=UTC), reason)
        assert len(announcement(occasion)) <= MESSAGE_LIMIT


def test_what_recurs_tells_when_it_comes_next_and_a_turn_is_not_taken_for_another() -> None:
    turns = [replace(LONGEST, turn=turn) for turn in (1, 2, 3, 21)]
    for turn in turns:
        said = announcement(Occasion(turn, None, DUE))
        assert f" · next <t:{int(DUE.timestamp())}:R>" in said
        assert [is_announcement(said, other) for other in turns] == [other is turn for other in turns]


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Every(timedelta(hours=26), DUE), "every 1 day 2 h"),
        (Every(timedelta(days=14), DUE, count=3), "every 14 days, 3 times"),
        (Cron("0 9 * * mon", "Europe/Berlin", DUE), "cron `0 9 * * mon` in Europe/Berlin, until <t:1795435200:F>"),
        (Rule("FREQ=DAILY", datetime(2026, 1, 1, 9), "UTC"), "rule `FREQ=DAILY` in UTC"),  # noqa: DTZ001
    ],
)
def test_how_something_recurs_is_put_into_words(schedule: Recurring, words: str) -> None:
    assert recurrence(schedule) == words


def test_an_announcement_mentions_its_owner_and_says_how_late_it_is() -> None:
    said = announcement(Occasion(replace(LONGEST, text="tea"), timedelta(minutes=12), None))
    assert said.startswith(f"⏰ <@{BIGGEST}> (12 min late, I was offline) tea\n")
    assert "late" not in announcement(Occasion(replace(LONGEST, text="tea"), None, None))


def test_an_announcement_is_recognised_and_not_taken_for_anothers() -> None:
    other = replace(LONGEST, id=new_id())
    for late_by in (None, timedelta(hours=3)):
        assert is_announcement(announcement(Occasion(LONGEST, late_by, None)), LONGEST)
        assert not is_announcement(announcement(Occasion(other, late_by, None)), LONGEST)


def test_the_nonce_is_short_enough_for_discord() -> None:
    assert len(replace(LONGEST, turn=99_999_999).nonce) <= 25


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (720, "12 min"),
        (7200, "2 h"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_a_length_of_time_reads_as_people_say_it(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_times_are_discords_own_timestamps() -> None:
    assert (full_time(DUE), relative_time(DUE)) == ("<t:1795435200:F>", "<t:1795435200:R>")
    assert late_note(timedelta(minutes=12)) == "12 min late, I was offline"


def test_ids_do_not_repeat_and_are_easy_to_read() -> None:
    ids = {new_id() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert not set("".join(ids)) & set("01ilou")


def test_a_note_keeps_the_mark_and_drops_what_is_not_true_any_more() -> None:
    content = "⏰ <@1> " + "x" * 1_950 + "\n-# reminder abcde-fghij · turn 2 · [asked here](<l>) · next <t:1:R>"

    noted = with_note(content, "🚫 series cancelled")

    assert len(noted) == 2_000
    assert noted.endswith("x…\n-# reminder abcde-fghij · turn 2 · [asked here](<l>)\n-# 🚫 series cancelled")
