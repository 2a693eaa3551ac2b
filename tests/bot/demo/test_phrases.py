"""Which call each phrasing becomes."""

from datetime import datetime

import pytest

from bot.demo.heard import Heard
from bot.demo.phrases import Call, Say, respond

NOW = datetime(2026, 11, 23, 18, 30)  # noqa: DTZ001 - a Monday, in whatever zone the asker is
TOOLS = {
    "schedule_reminder",
    "list_channels",
    "list_members",
    "post_message",
    "search_memory",
    "read_around",
    "read_channel",
    "list_reminders",
    "cancel_reminder",
    "add_reaction",
}


def understood(request: str) -> Call:
    answer = respond(Heard(request, NOW), TOOLS)
    assert not isinstance(answer, Say), answer
    (call,) = answer
    return call


@pytest.mark.parametrize(
    ("request_", "seconds", "text"),
    [
        ("@digmbot remind me in 2 minutes to stretch", 120, "stretch"),
        ("remind me to stretch in 5 min.", 300, "stretch"),
        ("remind me in 5s to blink", 5, "blink"),
        ("remind me in half an hour to go", 1800, "go"),
        ("Remind me in an hour that tea is ready", 3600, "tea is ready"),
        ("remind me in 1h30m about the cake", 5400, "the cake"),
        ("remind me in 1 hour and 30 minutes: cake", 5400, "cake"),
        ("remind me in a couple of days to call", 172800, "call"),
        ("remind me in an hour to join in 3 days of fun", 3600, "join in 3 days of fun"),
    ],
)
def test_a_delay_is_counted_in_seconds(request_: str, seconds: int, text: str) -> None:
    call = understood(request_)
    assert (call.tool, call.arguments) == ("schedule_reminder", {"text": text, "delay_seconds": seconds})


@pytest.mark.parametrize(
    ("request_", "times"),
    [
        ("remind me every minute to breathe", {"every_seconds": 60}),
        ("every 2 hours remind me to breathe", {"every_seconds": 7200}),
        ("Every Monday at 9 remind me to breathe.", {"recurrence": "0 9 * * mon"}),
        ("remind me to breathe every day at 7:30", {"recurrence": "30 7 * * *"}),
        ("remind me every weekday to breathe", {"recurrence": "0 9 * * mon-fri"}),
    ],
)
def test_what_recurs_is_told_by_interval_or_cron(request_: str, times: dict[str, object]) -> None:
    assert understood(request_).arguments == {"text": "breathe", **times}


def test_that_reminder_is_the_one_that_is_waiting() -> None:
    asked = "cancel that reminder"
    assert understood(asked).tool == "list_reminders"
    one, two = '{"reminders": [{"id": "abcde-fghij"}]}', '{"reminders": [{"id": "a"}, {"id": "b"}]}'

    assert respond(Heard(asked, NOW, results=(("list_reminders", one),)), TOOLS) == [
        Call("cancel_reminder", {"reminder_id": "abcde-fghij"})
    ]
    assert isinstance(respond(Heard(asked, NOW, results=(("list_reminders", two),)), TOOLS), Say)


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("tomorrow at 9", "2026-11-24T09:00"),
        ("at 9am tomorrow", "2026-11-24T09:00"),
        ("tomorrow evening", "2026-11-24T19:00"),
        ("tomorrow", "2026-11-24T09:00"),
        ("tonight", "2026-11-23T20:00"),
        ("at 17:30", "2026-11-24T17:30"),
        ("at noon", "2026-11-24T12:00"),
        ("on Friday at 5pm", "2026-11-27T17:00"),
        ("next monday", "2026-11-30T09:00"),
        ("monday at 9pm", "2026-11-23T21:00"),
    ],
)
def test_a_time_of_day_is_local_and_lies_ahead(when: str, due: str) -> None:
    before, after = understood(f"remind me {when} to call Sam"), understood(f"remind me to call Sam {when}")
    assert before.arguments == after.arguments == {"text": "call Sam", "due_at": due}


@pytest.mark.parametrize(
    ("request_", "tool", "arguments"),
    [
        ("which channels are there?", "list_channels", {}),
        ("tell #ops that the deploy is done", "post_message", {"channel": "#ops", "text": "The deploy is done"}),
        ("post in <#12>: lunch!", "post_message", {"channel": "<#12>", "text": "Lunch!"}),
        (
            "what did Mia say about the migration?",
            "search_memory",
            {"query": "migration", "person": "Mia", "limit": 8},
        ),
        (
            "who suggested the new logo, and when?",
            "search_memory",
            {"query": "who suggested the new logo, and when", "limit": 8},
        ),
        ("what did I say about lunch?", "search_memory", {"query": "lunch", "person": "me", "limit": 8}),
        ("what was said in #dev?", "read_channel", {"channel": "#dev", "limit": 4}),
        ("what did I miss?", "read_channel", {"limit": 4}),
        ("who can see #leads?", "list_members", {"channel": "#leads"}),
        ("cancel reminder `ab-12`.", "cancel_reminder", {"reminder_id": "ab-12"}),
        ("show my reminders", "list_reminders", {}),
        ("react with 👍", "add_reaction", {"emoji": "👍"}),
    ],
)
def test_a_sentence_becomes_a_call(request_: str, tool: str, arguments: dict[str, object]) -> None:
    call = understood(request_)
    assert (call.tool, call.arguments) == (tool, arguments)


def test_a_tool_that_is_not_offered_is_named() -> None:
    assert respond(Heard("which channels are there?"), set()) == Say(
        "For that I need the tool `list_channels`, and it is not on offer here."
    )


@pytest.mark.parametrize("result", ['{"channels": [', "{}", '{"hits": 3}', "[1]", '{"channels": []} and more'])
@pytest.mark.parametrize("tool", ["list_channels", "search_memory", "a_tool_of_tomorrow"])
def test_a_result_that_was_cut_or_changed_is_no_crash(tool: str, result: str) -> None:
    answer = respond(Heard("x", results=((tool, result),)), TOOLS)
    assert isinstance(answer, Say)
    assert answer.text
