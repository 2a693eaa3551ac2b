"""What servers send, and what is made of it."""

import json
from collections.abc import Sequence

import pytest
from pydantic import JsonValue

from agent.transcript import Completion, Finish, Usage
from tests.agent.scripted_server import (
    DONE,
    Reply,
    asks,
    call,
    calls,
    delta,
    event,
    says,
    stream,
    text,
    whole,
)
from tests.agent.stage import HELLO, model_at, spec

TOOLS = [spec("get_time"), spec("get_weather")]
END = delta({}, "tool_calls")


async def complete(*script: Reply) -> tuple[Completion, list[str]]:
    heard: list[str] = []

    async def hear(so_far: str) -> None:
        heard.append(so_far)

    async with model_at(*script) as (model, _):
        return await model.complete(HELLO, TOOLS, on_text=hear), heard


def asked(completion: Completion) -> list[tuple[str, JsonValue]]:
    return [(each.name, json.loads(each.arguments or "{}")) for each in completion.message.tool_calls]


async def test_text_is_heard_as_it_grows_and_tokens_are_counted() -> None:
    completion, heard = await complete(says("Hel", "lo", " there", tokens=(12, 3)))

    assert heard == ["Hel", "Hello", "Hello there"]
    assert completion.message.text == "Hello there"
    assert completion.usage == Usage(12, 3)
    assert (completion.model, completion.finish) == ("tiny", Finish.DONE)


async def test_pieces_of_one_call_make_one_call() -> None:
    completion, _ = await complete(
        stream(
            calls(call("get_time", "", call_id="a")),
            calls(call(None, '{"zo')),
            calls(call(None, 'ne": "UTC"}')),
            END,
            DONE,
        )
    )

    assert asked(completion) == [("get_time", {"zone": "UTC"})]
    assert completion.message.tool_calls[0].id == "a"


PARALLEL: dict[str, Sequence[bytes]] = {
    "all at index 0": (
        calls(call("get_time", '{"a": 1}', call_id="x")),
        calls(call("get_weather", '{"a": 2}', call_id="y")),
    ),
    "all at index 0 in one chunk": (
        calls(call("get_time", '{"a": 1}', call_id="x"), call("get_weather", '{"a": 2}', call_id="y")),
    ),
    "index null": (
        calls(call("get_time", '{"a": 1}', index=None, call_id="x")),
        calls(call("get_weather", '{"a": 2}', index=None, call_id="y")),
    ),
    "no ids, index 0": (calls(call("get_time", '{"a": 1}')), calls(call("get_weather", '{"a": 2}'))),
    "no ids, own index": (
        calls(call("get_time", '{"a"')),
        calls(call("get_weather", '{"a"', index=1)),
        calls(call(None, ": 1}")),
        calls(call(None, ": 2}", index=1)),
    ),
    "empty ids in one chunk": (
        calls(call("get_time", '{"a": 1}', call_id=""), call("get_weather", '{"a": 2}', call_id="")),
    ),
    "one id for all": (
        calls(
            call("get_time", '{"a": 1}', call_id="call_0"), call("get_weather", '{"a": 2}', index=1, call_id="call_0")
        ),
    ),
    "arguments as objects": (
        calls(call("get_time", {"a": 1}, call_id="x")),
        calls(call("get_weather", {"a": 2}, index=1, call_id="y")),
    ),
    "the name again with every piece": (
        calls(call("get_time", '{"a"', call_id="x")),
        calls(call("get_time", ": 1}", call_id="x")),
        calls(call("get_weather", '{"a"', index=1, call_id="y")),
        calls(call("get_weather", ": 2}", index=1, call_id="y")),
    ),
    "no ids, the name again with every piece": (
        calls(call("get_time", '{"a"')),
        calls(call("get_time", ": 1}")),
        calls(call("get_weather", '{"a"')),
        calls(call("get_weather", ": 2}")),
    ),
    "rubbish between them": (
        calls(call("get_time", '{"a": 1}', call_id="x"), None, {"index": 1}),
        calls(call("get_weather", '{"a": 2}', index=2, call_id="y")),
    ),
    "a new id with every piece": (
        calls(call("get_time", '{"a"', call_id="x1")),
        calls(call(None, ": 1}", call_id="x2")),
        calls(call("get_weather", '{"a": 2}', call_id="y1")),
    ),
}


@pytest.mark.parametrize("pieces", PARALLEL.values(), ids=PARALLEL)
async def test_parallel_calls_stay_apart_and_whole(pieces: Sequence[bytes]) -> None:
    completion, _ = await complete(stream(*pieces, END, DONE))

    assert asked(completion) == [("get_time", {"a": 1}), ("get_weather", {"a": 2})]
    ids = [each.id for each in completion.message.tool_calls]
    assert len(set(ids)) == 2
    assert all(ids)


@pytest.mark.parametrize("arguments", ["", None, "{}", {}])
async def test_a_call_without_arguments_is_a_call(arguments: JsonValue) -> None:
    completion, _ = await complete(asks(call("get_time", arguments, call_id="a")))

    assert asked(completion) == [("get_time", {})]


async def test_calls_count_although_the_stream_says_it_just_stopped() -> None:
    completion, _ = await complete(stream(calls(call("get_time", "{}")), delta({}, "stop"), DONE))

    assert asked(completion) == [("get_time", {})]


async def test_a_server_that_does_not_stream_is_understood() -> None:
    message: JsonValue = {"role": "assistant", "content": "Hi", "tool_calls": [call("get_time", {"a": 1}, call_id="q")]}
    choice: JsonValue = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    completion, heard = await complete(
        whole({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 2}})
    )

    assert asked(completion) == [("get_time", {"a": 1})]
    assert (completion.usage, heard) == (Usage(7, 2), ["Hi"])


async def test_odd_chunks_are_passed_over() -> None:
    completion, heard = await complete(
        stream(
            b": keep-alive\n\n",
            event({"choices": [], "prompt_filter_results": []}),
            event({"choices": None}),
            event({"choices": [{"index": 0, "delta": None}]}),
            event(["what", 1]),
            delta({"role": "assistant", "content": None, "tool_calls": None}),
            delta({"content": [{"type": "text", "text": "Fi"}, {"type": "thinking", "thinking": "…"}]}),
            text("ne", "eos"),
        )
    )

    assert (completion.message.text, heard) == ("Fine", ["Fi", "Fine"])
    assert completion.usage is None


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("length", Finish.LENGTH), ("content_filter", Finish.FILTERED), ("stop", Finish.DONE), ("eos", Finish.DONE)],
)
async def test_why_it_ended_is_told(reason: str, finish: Finish) -> None:
    completion, _ = await complete(stream(text("So"), text("", reason), DONE))

    assert completion.finish is finish


async def test_reasoning_is_not_shown() -> None:
    completion, heard = await complete(
        stream(
            delta({"reasoning_content": "Hmm, they greet me."}),
            delta({"reasoning": "Still."}),
            text("<thi"),
            text("nk>They say hello."),
            text("\nI greet</think>\n\nHi"),
            text(" Mia", "stop"),
            DONE,
        )
    )

    assert completion.message.text == "Hi Mia"
    assert heard == ["Hi", "Hi Mia"]


async def test_halves_of_an_emoji_are_joined() -> None:
    completion, heard = await complete(stream(text("\ud83d"), text("\ude00", "stop"), DONE))

    assert completion.message.text == "😀"
    assert heard[-1] == "😀"


async def test_a_connection_that_breaks_after_the_end_does_no_harm() -> None:
    completion, _ = await complete(stream(text("Done."), text("", "stop"), b"data: {half\n\n"))

    assert completion.message.text == "Done."
