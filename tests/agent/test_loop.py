"""A turn: the model asks, tools answer side by side, and limits end it with an answer."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from pydantic import JsonValue

from agent import failures
from agent.loop import run_turn
from agent.prompt_input import PromptInput
from agent.rules import LAST_STEP
from agent.tokens import Calibrations
from agent.turn import Limit, Progress, TurnFailed, TurnLimits, TurnResult
from tests.agent.scripted_server import (
    DONE,
    Ending,
    Reply,
    Request,
    ScriptedServer,
    asks,
    call,
    delta,
    error,
    says,
    stream,
    text,
)
from tests.agent.stage import NOW, Ears, Shelf, context, model_at, request, said
from tools.calls import Effect, ToolCall
from tools.context import ToolContext


async def noon(_: ToolCall, __: ToolContext) -> str:
    return "It is noon."


async def turn(
    *script: Reply,
    shelf: Shelf | None = None,
    limits: TurnLimits | None = None,
    source: PromptInput | None = None,
    progress: Progress | None = None,
    calibrations: Calibrations | None = None,
) -> tuple[TurnResult | TurnFailed, ScriptedServer]:
    source = source or request()
    async with model_at(*script) as (model, server):
        result = await run_turn(
            source,
            model=model,
            toolset=shelf or Shelf({"get_time": noon}),
            context=context(source),
            limits=limits or TurnLimits(),
            calibrations=calibrations or Calibrations(),
            progress=progress,
        )
    return result, server


def answer(result: TurnResult | TurnFailed) -> TurnResult:
    assert isinstance(result, TurnResult)
    return result


def failure(result: TurnResult | TurnFailed) -> TurnFailed:
    assert isinstance(result, TurnFailed)
    return result


def messages(request: Request) -> Sequence[Mapping[str, JsonValue]]:
    sent = request.body["messages"]
    assert isinstance(sent, list)
    return [each for each in sent if isinstance(each, dict)]


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


async def test_the_last_step_is_offered_no_tools_and_answers() -> None:
    endless = [asks(call("get_time", f'{{"n": {n}}}')) for n in range(2)]
    result, server = await turn(*endless, says("As far as I got."), limits=TurnLimits(steps=3))

    assert answer(result).text == "As far as I got."
    assert answer(result).stopped_by is Limit.STEPS
    assert ["tools" in each.body for each in server.requests] == [True, True, False]
    assert str(messages(server.requests[-1])[-1]["content"]).endswith(LAST_STEP)


async def test_a_model_that_never_answers_is_ended_with_a_sentence() -> None:
    result, server = await turn(asks(call("get_time", "{}")), limits=TurnLimits(steps=4))

    assert "no answer" in answer(result).text
    assert (answer(result).stopped_by, len(server.requests)) == (Limit.STEPS, 4)


async def test_near_the_limit_of_tokens_the_model_must_answer() -> None:
    result, server = await turn(
        asks(call("get_time", "{}"), tokens=(3000, 100)), says("Short."), limits=TurnLimits(tokens=5000)
    )

    assert (answer(result).text, answer(result).stopped_by) == ("Short.", Limit.TOKENS)
    assert "tools" not in server.requests[1].body


async def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    result, _ = await turn(stream(text("Hi", "stop"), DONE))

    (step,) = answer(result).steps
    assert not step.is_counted
    assert step.usage.prompt_tokens > 100


async def test_an_empty_answer_is_said_to_be_empty() -> None:
    result, _ = await turn(says("  \n"))

    assert "no answer" in answer(result).text


async def test_an_answer_that_reached_its_length_says_so() -> None:
    result, _ = await turn(stream(text("It goes on and"), text("", "length"), DONE))

    assert answer(result).text.startswith("It goes on and\n-# ")
    assert answer(result).stopped_by is Limit.ANSWER


async def test_a_large_tool_result_is_cut_with_a_note() -> None:
    async def book(_: ToolCall, __: ToolContext) -> str:
        return "word " * 10_000

    _, server = await turn(
        asks(call("read", "{}")), says("Long."), shelf=Shelf({"read": book}), limits=TurnLimits(tool_result_tokens=100)
    )

    content = str(messages(server.requests[1])[-1]["content"])
    assert len(content) <= 400
    assert "of 50000 characters shown]" in content


async def test_a_prompt_that_is_too_long_is_asked_again_with_half_of_what_surrounds_it() -> None:
    source = replace(request("what now?"), recent=tuple(said(f"line {n} " + "x" * 80, number=n) for n in range(40)))
    result, server = await turn(error(400, "too long", "context_length_exceeded"), says("Now."), source=source)

    first, second = (str(messages(each)[1]["content"]) for each in server.requests)
    assert answer(result).text == "Now."
    assert 0 < second.count("\nmessage ") <= first.count("\nmessage ") / 2
    assert "what now?" in second
    assert "line 39" in second


async def test_too_long_twice_is_one_sentence() -> None:
    result, server = await turn(error(400, "too long", "context_length_exceeded"))

    assert failure(result).sentence == failures.TOO_LONG
    assert len(server.requests) == 2


async def test_a_failure_after_something_was_done_says_what_was_done() -> None:
    shelf = Shelf({"post_message": noon}, effect=Effect.WRITE)
    result, _ = await turn(asks(call("post_message", "{}")), error(401, "no"), shelf=shelf)

    assert failure(result).sentence == f"{failures.KEY_REFUSED} Already done: Post Message."
    assert len(failure(result).steps) == 1


async def test_time_that_runs_out_is_named() -> None:
    result, _ = await turn(stream(delta({"role": "assistant"}), ending=Ending.STALL), limits=TurnLimits(seconds=0.1))

    assert "0.1 seconds" in failure(result).sentence


async def test_time_that_runs_out_in_the_middle_of_a_text_leaves_the_text() -> None:
    result, _ = await turn(stream(text("So far so"), ending=Ending.STALL), limits=TurnLimits(seconds=1))

    assert answer(result).text.startswith("So far so\n-# ")
    assert answer(result).stopped_by is Limit.SECONDS


async def test_what_servers_count_corrects_what_is_estimated() -> None:
    calibrations = Calibrations()
    await turn(says("Hi", tokens=(1200, 3)), calibrations=calibrations)

    assert calibrations.of("tiny").samples == 1
    assert calibrations.of("tiny").ratio > 1
    assert calibrations.of("other").samples == 0


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
    assert not asyncio.all_tasks() - before
