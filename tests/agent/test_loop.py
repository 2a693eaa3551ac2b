"""A turn: the model asks, tools answer side by side, and their results are read back."""

import asyncio
import json
from dataclasses import replace

import pytest
from pydantic import JsonValue

from agent.prompt_input import PromptInput
from agent.transcript import AssistantMessage, Keepsake
from agent.wire import wire_messages
from tests.agent.scripted_server import (
    asks,
    call,
    delta,
    says,
    stream,
    text,
)
from tests.agent.stage import NOW, Ears, Shelf, request
from tests.agent.turns import answer, messages, noon, turn
from tools.calls import ToolCall
from tools.context import ToolContext


async def test_a_plain_answer_takes_one_step() -> None:
    ears = Ears()
    result, server = await turn(says("All", " quiet.", tokens=(300, 5)), progress=ears)

    assert answer(result).text == "All quiet."
    assert (answer(result).stopped_by, answer(result).usage.total, len(server.requests)) == (None, 305, 1)
    assert ears.heard == [(1, "All"), (1, "All quiet.")]


async def test_a_call_is_carried_out_and_its_result_read_back() -> None:
    ears = Ears()
    shelf = Shelf({"get_time": noon})
    first = stream(text("Let me look."), *asks(call("get_time", "{}", call_id="a")).pieces)
    result, server = await turn(first, says("Noon."), shelf=shelf, progress=ears)

    assert answer(result).text == "Noon."
    assert [(each.number, each.text, [c.result.content for c in each.calls]) for each in answer(result).steps] == [
        (1, "Let me look.", ["It is noon."]),
        (2, "Noon.", []),
    ]
    assert (ears.heard, ears.called) == ([(1, "Let me look."), (2, "Noon.")], [(1, ["get_time"])])
    sent = messages(server.requests[1])
    assert [each["role"] for each in sent] == ["system", "user", "assistant", "tool"]
    assert (sent[-1]["tool_call_id"], sent[-1]["content"]) == ("a", "It is noon.")


async def test_calls_of_one_answer_run_side_by_side_and_answer_in_order() -> None:
    barrier = asyncio.Barrier(3)

    async def meet(call: ToolCall, _: ToolContext) -> str:
        await asyncio.wait_for(barrier.wait(), 5)
        return f"met {call.arguments}"

    three = asks(*(call("meet", f'{{"n": {n}}}', index=n, call_id=f"c{n}") for n in range(3)))
    result, server = await turn(three, says("All met."), shelf=Shelf({"meet": meet}))

    assert answer(result).text == "All met."
    results = [each["content"] for each in messages(server.requests[1]) if each["role"] == "tool"]
    assert results == ['met {"n": 0}', 'met {"n": 1}', 'met {"n": 2}']


async def test_each_call_has_a_key_that_a_repeated_run_gives_it_again() -> None:
    source = request()
    edited = replace(source.incoming.message, edited_at=NOW)
    edited_source = replace(source, incoming=replace(source.incoming, message=edited))
    script = (asks(call("get_time", '{"a": 1}'), call("get_date", "{}"), call("get_time", '{"a": 2}')), says("So."))

    async def keys(source: PromptInput) -> list[str]:
        shelf = Shelf({"get_time": noon, "get_date": noon})
        await turn(*script, shelf=shelf, source=source)
        return [context.call_key for _, context in shelf.carried_out]

    stamp = int(NOW.timestamp() * 1000)
    assert await keys(source) == ["1050/0/get_time/1", "1050/0/get_date/1", "1050/0/get_time/2"]
    assert await keys(source) == await keys(source)
    assert (await keys(edited_source))[0] == f"1050/{stamp}/get_time/1"


async def test_the_same_call_a_third_time_is_refused_with_a_hint() -> None:
    shelf = Shelf({"get_time": noon})
    same = [asks(call("get_time", written)) for written in ('{"a": 1, "b": 2}', '{"b":2,"a":1}', '{"a":1,"b":2}')]
    result, server = await turn(*same, asks(call("get_time", '{"a": 3}')), says("Enough."), shelf=shelf)

    assert answer(result).text == "Enough."
    assert len(shelf.carried_out) == 3
    assert "twice already" in str(messages(server.requests[3])[-1]["content"])
    assert [c.is_carried_out for each in answer(result).steps for c in each.calls] == [True, True, False, True]


@pytest.mark.parametrize("written", ["not json", "[1]", "", '{"a":'])
async def test_arguments_that_are_no_object_go_back_as_something_servers_take(written: str) -> None:
    shelf = Shelf({"get_time": noon})
    _, server = await turn(asks(call("get_time", written)), says("Hm."), shelf=shelf)

    (made, _), *_rest = shelf.carried_out
    assert made.arguments == written
    (sent,) = [each for each in messages(server.requests[1]) if each["role"] == "assistant"]
    match sent["tool_calls"]:
        case [{"function": {"arguments": str(arguments)}}]:
            assert isinstance(json.loads(arguments), dict)
        case other:
            pytest.fail(f"no call in {other}")


async def test_what_a_provider_wants_back_it_gets_and_only_it() -> None:
    signed: JsonValue = {"google": {"thought_signature": "abc"}}
    entry = call("get_time", "{}", call_id="a")
    assert isinstance(entry, dict)
    first = stream(
        delta({"reasoning_content": "I need "}),
        delta({"reasoning_content": "the time."}),
        *asks({**entry, "extra_content": signed}).pieces,
    )
    _, server = await turn(first, says("Noon."))

    (sent,) = [each for each in messages(server.requests[1]) if each["role"] == "assistant"]
    assert sent["reasoning_content"] == "I need the time."
    assert "'thought_signature': 'abc'" in str(sent["tool_calls"])
    keepsake = Keepsake("other", "I need the time.", {"a": signed})
    (foreign,) = wire_messages([AssistantMessage("", (ToolCall("a", "get_time", "{}"),), keepsake)], model="tiny")
    assert not {"reasoning_content", "extra_content"} & set(str(foreign).replace("'", " ").split())


async def test_cancelling_a_turn_cancels_the_calls_under_way() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait(_: ToolCall, __: ToolContext) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    before = asyncio.all_tasks()
    run = asyncio.create_task(turn(asks(call("wait", "{}")), shelf=Shelf({"wait": wait})))
    await asyncio.wait_for(begun.wait(), 5)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert ended.is_set()
    async with asyncio.timeout(5):  # the event loop may still be closing the generators of openai's finished stream
        while rest := asyncio.all_tasks() - before:
            await asyncio.wait(rest)
