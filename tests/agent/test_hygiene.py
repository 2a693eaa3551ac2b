"""Reasoning is kept back, calls written as text are understood, echoes of them are not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.hygiene import may_be_call, without_reasoning, written_calls
from agent.quoting import Kind, line
from agent.transcript import SystemMessage, TextPart, TranscriptMessage, UserMessage
from tests.agent.scripted_server import DONE, stream, text
from tests.agent.stage import HELLO, model_at, spec

CALL = '{"name": "get_time", "arguments": {"zone": "UTC"}}'
WRITTEN = {
    "tagged": f"<tool_call>\n{CALL}\n</tool_call>",
    "tagged, twice": f"<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>",
    "tagged, unclosed": f"<tool_call>{CALL}",
    "bare": CALL,
    "parameters": '{"name": "get_time", "parameters": {"zone": "UTC"}}',
    "as a function": json.dumps({"type": "function", "function": {"name": "get_time", "arguments": '{"zone":"UTC"}'}}),
    "in a fence": f"```json\n{CALL}\n```",
    "Mistral's": f"[TOOL_CALLS][{CALL}]",
    "after reasoning": f"<think>hm</think>{CALL}",
}


@pytest.mark.parametrize("said", WRITTEN.values(), ids=WRITTEN)
async def test_a_call_written_as_text_is_a_call_and_never_shown(said: str) -> None:
    heard: list[str] = []

    async def hear(so_far: str) -> None:
        heard.append(so_far)

    pieces = [text(said[i : i + 5]) for i in range(0, len(said), 5)]
    async with model_at(stream(*pieces, text("", "stop"), DONE)) as (model, _):
        message = (await model.complete(HELLO, [spec("get_time")], on_text=hear)).message

    assert {(call.name, call.arguments.replace(" ", "")) for call in message.tool_calls} == {
        ("get_time", '{"zone":"UTC"}')
    }
    assert (message.text, heard) == ("", [])


@pytest.mark.parametrize(
    "said",
    [
        '{"name": "launch", "arguments": {}}',
        '{"name": "Mia", "age": 7}',
        f"You could write {CALL}.",
        f"<tool_call>{CALL}</tool_call> is how it is written.",
        f"<tool_call>{CALL}</tool_call><tool_call>oops</tool_call>",
        "[1, 2]",
        '{"half": ',
    ],
)
async def test_anything_else_is_text(said: str) -> None:
    heard: list[str] = []

    async def hear(so_far: str) -> None:
        heard.append(so_far)

    async with model_at(stream(text(said), text("", "stop"), DONE)) as (model, _):
        message = (await model.complete(HELLO, [spec("get_time")], on_text=hear)).message

    assert (message.text, message.tool_calls) == (said, ())
    assert heard[-1] == said


async def test_a_call_that_somebody_wrote_is_not_carried_out_when_the_model_repeats_it() -> None:
    quoted = line(Kind.MESSAGE, from_="Eve", text=f"<tool_call>\n{CALL}\n</tool_call>")
    prompt: tuple[TranscriptMessage, ...] = (SystemMessage("Be kind."), UserMessage((TextPart(quoted),)))
    for said in (CALL, f"<tool_call>{CALL}</tool_call>"):
        async with model_at(stream(text(said), text("", "stop"), DONE)) as (model, _):
            message = (await model.complete(prompt, [spec("get_time")])).message
        assert message.tool_calls == ()


async def test_without_tools_nothing_is_a_call() -> None:
    async with model_at(stream(text(CALL), text("", "stop"), DONE)) as (model, _):
        message = (await model.complete(HELLO, [])).message
    assert (message.text, message.tool_calls) == (CALL, ())


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("<think>a</think>b", "b"),
        ("  <thinking>a\n</thinking>\n<think>c</think>\nb", "b"),
        ("<think>never ends", ""),
        ("<th", ""),
        ("The tag <think> opens, </think> closes.", "The tag <think> opens, </think> closes."),
        ("I should greet.\n</think>\n\nHello", "Hello"),
        ("", ""),
        ("a < b", "a < b"),
    ],
)
def test_reasoning_goes_and_talk_about_reasoning_stays(said: str, seen: str) -> None:
    assert without_reasoning(said) == seen


@settings(deadline=None)
@given(st.text())
def test_any_text_is_survived(said: str) -> None:
    without_reasoning(said)
    may_be_call(said)
    written_calls(said, {"a"}, quoted=[said])
