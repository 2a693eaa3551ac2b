"""The time that a question speaks of, as the person who asks it means it; and words that only look like a time."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from memory.time_words import span_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)  # a Wednesday


def days(question: str, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> str | None:
    """From the first day to the last, on the asker's calendar."""
    span = span_of(question, now, zone)
    if span is None:
        return None
    first, end = span.first.astimezone(zone), span.end.astimezone(zone)
    last = end.date().fromordinal(end.date().toordinal() - 1) if end.hour == end.minute == 0 else end.date()
    return f"{first:%Y-%m-%d} {last:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("what did we decide yesterday?", "2026-11-24 2026-11-24"),
        ("who broke it the day before yesterday?", "2026-11-23 2026-11-23"),
        ("what happened last night", "2026-11-24 2026-11-25"),
        ("what did Mia say last March about the logo?", "2026-03-01 2026-03-31"),
        ("which venue did we pick in December", "2025-12-01 2025-12-31"),
        ("what did we plan last November?", "2025-11-01 2025-11-30"),
        ("what did we plan in November?", "2026-11-01 2026-11-30"),
        ("what was decided in May 2024?", "2024-05-01 2024-05-31"),
        ("who said that on March 3rd?", "2026-03-03 2026-03-03"),
        ("who said that on 3 December 2023?", "2023-12-03 2023-12-03"),
        ("the outage of 2024-02-29", "2024-02-29 2024-02-29"),
        ("what went wrong in 2023?", "2023-01-01 2023-12-31"),
        ("what did I say two weeks ago?", "2026-11-08 2026-11-14"),
        ("who asked for it 3 days ago", "2026-11-22 2026-11-22"),
        ("in the last two weeks, who was away?", "2026-11-11 2026-11-25"),
        ("what did we agree on Monday?", "2026-11-23 2026-11-23"),
        ("what did we agree on Wednesday?", "2026-11-18 2026-11-18"),
        ("who moved the standup on Monday last week?", "2026-11-16 2026-11-23"),
        ("anything new since Monday?", "2026-11-23 2026-11-25"),
        ("last weekend's photos", "2026-11-21 2026-11-22"),
        ("was haben wir letzten Montag beschlossen?", "2026-11-23 2026-11-23"),
        ("wer war vor zwei Wochen krank?", "2026-11-08 2026-11-14"),
        ("was war im März los?", "2026-03-01 2026-03-31"),
        ("am 3. Februar 2025", "2025-02-03 2025-02-03"),
        ("am 03.02.2025", "2025-02-03 2025-02-03"),
        ("¿qué dijo Ana hace tres días?", "2026-11-22 2026-11-22"),
        ("¿qué pasó la semana pasada?", "2026-11-16 2026-11-22"),
        ("¿quién vino el 3 de marzo de 2024?", "2024-03-03 2024-03-03"),
        ("qu'est-ce qu'on a dit hier ?", "2026-11-24 2026-11-24"),
        ("qui a parlé du budget il y a deux semaines ?", "2026-11-08 2026-11-14"),
        ("les photos de lundi dernier", "2026-11-23 2026-11-23"),
        ("что решили вчера?", "2026-11-24 2026-11-24"),
        ("кто писал об этом две недели назад?", "2026-11-08 2026-11-14"),
        ("что было в марте 2024", "2024-03-01 2024-03-31"),
        ("昨日何を決めましたか", "2026-11-24 2026-11-24"),
        ("3日前に誰が話しましたか", "2026-11-22 2026-11-22"),
        ("2024年3月の会議", "2024-03-01 2024-03-31"),
        ("先週のデザイン", "2026-11-16 2026-11-22"),
    ],
)
def test_a_time_in_a_question_is_understood(question: str, meant: str) -> None:
    assert days(question) == meant


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?!",
        "may I ask who did it?",
        "the one that may be lost",
        "the last may have been the best",
        "how may 3 people share it?",
        "wait a second, who said that?",
        "in the second week of the second sprint",
        "did we march against it?",
        "what did April and June say to Jan?",
        "who said we need 2023 screws?",
        "in 2023.5 seconds",
        "in 2023% of cases",
        "who lives in 1999?",
        "in 2031 we will see",
        "what is planned for tomorrow?",
        "who comes next Monday?",
        "on Monday next week",
        "every Friday is pizza day",
        "mondays are hard",
        "the 31st of February 2024",
        "2024-13-40",
        "999 months ago",
        "before March",
        "wer ist hier zuständig?",
        "was steht hier?",
        "en sept jours",
        "vote for version 3.2.2024.1",
        "\ud800\x00",
    ],
)
def test_what_only_looks_like_a_time_is_none(question: str) -> None:
    assert span_of(question, NOW, BERLIN) is None


def test_yesterday_is_the_askers_own() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)

    assert days("yesterday", late, ZoneInfo("America/New_York")) == "2026-11-24 2026-11-24"
    assert days("yesterday", late, BERLIN) == "2026-11-25 2026-11-25"


def test_a_day_on_which_clocks_change_has_its_25_hours() -> None:
    span = span_of("what was said yesterday?", datetime(2026, 10, 26, 10, tzinfo=UTC), BERLIN)

    assert span is not None
    assert (span.end - span.first).total_seconds() == 25 * 3600


def test_a_time_far_from_another_is_not_joined_with_it() -> None:
    assert days("did Mia yesterday mention the plan of March 2024?") == "2026-11-24 2026-11-24"


def test_a_very_long_question_takes_no_time() -> None:
    started = time.perf_counter()

    for text in ("in may 3 on " * 1000, "a " * 6000, "1" * 10_000, " " * 10_000):
        span_of(text, NOW, BERLIN)

    assert time.perf_counter() - started < 1
