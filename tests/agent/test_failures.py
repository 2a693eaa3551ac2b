"""What a member reads, and what is tried again, when the model's server misbehaves."""

import asyncio
import logging
import random
import socket

import httpx2
import pytest

from agent import failures
from agent.model import ContextOverflow, ModelError
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from agent.transcript import ImagePart, SystemMessage, TextPart, UserMessage
from tests.agent.scripted_server import (
    DONE,
    Ending,
    Reply,
    delta,
    error,
    event,
    says,
    stream,
    text,
    whole,
)
from tests.agent.stage import AT_ONCE, HELLO, model_at, spec

HTML = Reply([b"<html><body>Welcome to the hotel wifi</body></html>"], kind="text/html")
KEY = "sk-very-secret-key"

PASSING = {
    "HTML with status 200": (HTML, failures.GARBLED),
    "an empty body": (Reply([b""], kind="application/json"), failures.GARBLED),
    "JSON that is no answer": (whole({"hello": "world"}), failures.BROKE_OFF),
    "no choices": (whole({"choices": [], "usage": None}), failures.BROKE_OFF),
    "choices null": (whole({"choices": None}), failures.BROKE_OFF),
    "an error with status 200": (whole({"error": {"message": "model crashed"}}), failures.FAULTY),
    "a stream with nothing in it": (stream(DONE), failures.BROKE_OFF),
    "a stream without an end": (stream(delta({"role": "assistant"})), failures.BROKE_OFF),
    "a stream cut off": (stream(delta({"role": "assistant"}), ending=Ending.CUT), failures.UNREACHABLE),
    "broken JSON in the stream": (stream(b'data: {"choices": [\n\n'), failures.GARBLED),
    "bytes that are no UTF-8": (stream(b"data: \xff\xfe\n\n"), failures.GARBLED),
    "an error in the stream": (stream(event({"error": {"message": "out of memory"}})), failures.FAULTY),
    "finished by an error": (stream(delta({}, "error"), DONE), failures.BROKE_OFF),
    "status 500": (error(500, "boom"), failures.FAULTY),
    "status 502 in HTML": (Reply([b"<h1>Bad gateway</h1>"], status=502, kind="text/html"), failures.FAULTY),
    "status 503": (error(503, "loading model"), failures.FAULTY),
    "status 429": (error(429, "slow down"), failures.BUSY.format(when=" in a while")),
}


@pytest.mark.parametrize(("bad", "sentence"), PASSING.values(), ids=PASSING)
async def test_what_may_pass_is_tried_again(bad: Reply, sentence: str) -> None:
    async with model_at(bad, says("Hi")) as (model, _):
        assert (await model.complete(HELLO, [])).message.text == "Hi"
    async with model_at(bad) as (model, server):
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])
        assert len(server.requests) == AT_ONCE.tries
    assert (caught.value.sentence, caught.value.is_down) == (sentence, True)


FINAL = {
    "a refused key": (error(401, f"Incorrect API key provided: {KEY}"), failures.KEY_REFUSED, True),
    "no permission": (error(403, "no"), failures.KEY_REFUSED, True),
    "no such model": (error(404, "model 'tiny' not found"), failures.NOT_THERE, True),
    "no money": (error(429, "You exceeded your quota", "insufficient_quota"), failures.NO_MONEY, True),
    "a bad request": (error(400, "Invalid schema for function 'x'"), failures.REFUSED, False),
    "filtered": (error(400, "blocked", "content_filter"), failures.FILTERED, False),
}


@pytest.mark.parametrize(("bad", "sentence", "is_down"), FINAL.values(), ids=FINAL)
async def test_what_will_not_pass_is_told_at_once(bad: Reply, sentence: str, is_down: bool) -> None:
    async with model_at(bad, endpoint=Endpoint(base_url="", model="tiny", api_key=KEY)) as (model, server):
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])
    assert len(server.requests) == 1
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert (caught.value.sentence, caught.value.is_down) == (sentence, is_down)
    assert "secret" not in caught.value.sentence + caught.value.detail


@pytest.mark.parametrize(
    "bad",
    [
        error(400, "This model's maximum context length is 4096 tokens", "context_length_exceeded"),
        error(400, "the request exceeds the available context size", "exceed_context_size_error"),
        error(500, "Requested tokens exceed context window of 2048"),
        error(413, "Request too large for model"),
        stream(event({"error": {"message": "prompt is too long: 9000 tokens"}})),
        whole({"error": "input is too long"}),
    ],
)
async def test_a_prompt_that_is_too_long_is_told_apart(bad: Reply) -> None:
    async with model_at(bad) as (model, server):
        with pytest.raises(ContextOverflow):
            await model.complete(HELLO, [])
    assert len(server.requests) == 1


async def test_nothing_is_tried_again_once_somebody_has_seen_text() -> None:
    heard: list[str] = []

    async def hear(so_far: str) -> None:
        heard.append(so_far)

    async with model_at(stream(text("Once upon"), ending=Ending.CUT), says("Hi")) as (model, server):
        with pytest.raises(ModelError, match="tiny at") as caught:
            await model.complete(HELLO, [], on_text=hear)
        assert len(server.requests) == 1
    assert (caught.value.sentence, caught.value.is_down) == (failures.BROKE_OFF, False)
    assert heard == ["Once upon"]


async def test_without_anybody_watching_a_broken_text_is_tried_again() -> None:
    async with model_at(stream(text("Once upon"), ending=Ending.CUT), says("Hi")) as (model, _):
        assert (await model.complete(HELLO, [])).message.text == "Hi"


async def test_a_closed_port_is_told_without_credentials() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = Endpoint(base_url=f"http://joe:{KEY}@127.0.0.1:{port}/v1", model="tiny", api_key=KEY)
    async with httpx2.AsyncClient() as http:
        with pytest.raises(ModelError) as caught:
            await OpenAIModel(endpoint, http=http, retries=AT_ONCE).complete(HELLO, [])
    assert (caught.value.sentence, caught.value.is_down) == (failures.UNREACHABLE, True)
    assert f"127.0.0.1:{port}" in caught.value.detail
    assert KEY not in caught.value.detail + repr(endpoint).replace(endpoint.base_url, "")


async def test_a_server_that_stalls_is_left() -> None:
    endpoint = Endpoint(base_url="", model="tiny", read_seconds=0.1)
    stalled = stream(delta({"role": "assistant"}), ending=Ending.STALL)
    async with model_at(stalled, endpoint=endpoint, retries=Retries(tries=1)) as (model, server):
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])
        await asyncio.wait_for(server.hung_up.wait(), 5)
    assert caught.value.sentence == failures.TOO_SLOW


async def test_a_server_that_asks_for_too_much_patience_is_not_waited_for() -> None:
    async with model_at(error(429, "slow down", retry_after="3600"), says("Hi")) as (model, server):
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])
    assert len(server.requests) == 1
    assert caught.value.sentence == failures.BUSY.format(when=" in 3600 seconds")


@pytest.mark.parametrize(
    "headers",
    [
        {"retry_after": "0.05"},
        {"retry_after_ms": "50"},
        {"retry_after": "Mon, 23 Nov 2026 17:00:00 GMT", "date": "Mon, 23 Nov 2026 17:00:00 GMT"},
        {"retry_after": "soon"},
    ],
)
async def test_a_short_patience_is_given(headers: dict[str, str]) -> None:
    async with model_at(error(429, "slow down", **headers), says("Hi")) as (model, _):
        assert (await model.complete(HELLO, [])).message.text == "Hi"


def test_pauses_grow_are_spread_and_end() -> None:
    retries = Retries(seconds=60, tries=6, first_pause=1.0, longest_pause=8.0)
    dice = random.Random(1)
    pauses = [retries.pause(tried, spent=0, retry_after=None, dice=dice) for tried in range(1, 7)]

    assert pauses[5] is None
    assert all(p is not None and t / 2 <= p <= t for p, t in zip(pauses, [1, 2, 4, 8, 8], strict=False))
    assert retries.pause(1, spent=59.9, retry_after=None, dice=dice) is None
    assert retries.pause(1, spent=0, retry_after=30, dice=dice) == 30
    assert retries.pause(1, spent=31, retry_after=30, dice=dice) is None


@pytest.mark.parametrize(
    "said",
    [
        error(400, "registry.ollama.ai/library/gemma:2b does not support tools"),
        error(500, "tools param requires --jinja flag"),
        error(500, "Unsupported param: tools"),
        error(404, "No endpoints found that support tool use."),
        error(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    ],
)
async def test_a_model_without_tools_is_asked_without_and_the_log_says_so_once(
    said: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with model_at(said, says("Hi")) as (model, server):
            await model.complete(HELLO, [spec("get_time")])
            await model.complete(HELLO, [spec("get_time")])
    assert ["tools" in each.body for each in server.requests] == [True, False, False]
    assert [record.message for record in caplog.records] == ["tiny does not take tools; asking without from now on"]


async def test_parameters_that_newer_models_refuse_are_left_out() -> None:
    endpoint = Endpoint(base_url="", model="tiny", temperature=0.8, answer_tokens=77)
    script = (
        error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        error(400, "Unsupported value: 'temperature' does not support 0.8 with this model."),
        error(400, "Unrecognized request argument supplied: stream_options"),
        says("Hi"),
    )
    async with model_at(*script, endpoint=endpoint) as (model, server):
        await model.complete(HELLO, [])
    first, last = server.requests[0].body, server.requests[-1].body
    assert (first["max_tokens"], first["temperature"]) == (77, 0.8)
    assert last["max_completion_tokens"] == 77
    assert not {"max_tokens", "temperature", "stream_options"} & set(last)


async def test_pictures_go_to_models_that_take_them_and_are_left_out_for_others() -> None:
    messages = (SystemMessage("Look."), UserMessage((TextPart("This?"), ImagePart("data:image/png;base64,AAAA"))))
    async with model_at(error(400, "image input is not supported"), says("Hi")) as (model, server):
        await model.complete(messages, [])
    first, second = (each.body["messages"] for each in server.requests)
    assert "data:image/png" in str(first)
    assert "data:image/png" not in str(second)
    assert "left out" in str(second)


async def test_cancelling_hangs_up() -> None:
    stalled = stream(text("Once"), ending=Ending.STALL)
    async with model_at(stalled) as (model, server):
        before = asyncio.all_tasks()
        run = asyncio.create_task(model.complete(HELLO, []))
        await asyncio.wait_for(server.arrived.wait(), 5)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await asyncio.wait_for(server.hung_up.wait(), 5)
        assert not {task for task in asyncio.all_tasks() - before if "_answer" not in repr(task)}
