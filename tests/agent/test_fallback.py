"""When an endpoint is down the next one answers, and the dead one is left alone for a while."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import pytest

from agent import failures
from agent.fallback import FallbackModel
from agent.model import ModelError
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from tests.agent.scripted_server import Ending, Reply, ScriptedServer, error, says, stream, text
from tests.agent.stage import HELLO, model_at

DOWN = error(401, "no")


@asynccontextmanager
async def models(
    *scripts: Sequence[Reply], now: list[float] | None = None
) -> AsyncGenerator[tuple[FallbackModel, list[ScriptedServer]]]:
    clock = now or [0.0]
    async with AsyncExitStack() as stack:
        pairs = [
            await stack.enter_async_context(model_at(*script, endpoint=Endpoint(base_url="", model=f"m{number}")))
            for number, script in enumerate(scripts)
        ]
        yield (
            FallbackModel([model for model, _ in pairs], cool_down=60, monotonic=lambda: clock[0]),
            [server for _, server in pairs],
        )


def asked(servers: Sequence[ScriptedServer]) -> list[int]:
    return [len(server.requests) for server in servers]


async def test_the_next_model_answers_and_the_dead_one_is_not_asked_at_every_step() -> None:
    now = [0.0]
    async with models([DOWN, says("Back")], [says("Second")], now=now) as (model, servers):
        assert model.name == "m0"
        completion = await model.complete(HELLO, [])
        assert (completion.message.text, completion.model, model.name) == ("Second", "m1", "m1")
        await model.complete(HELLO, [])
        assert asked(servers) == [1, 2]

        now[0] = 61.0
        assert (await model.complete(HELLO, [])).message.text == "Back"
        assert asked(servers) == [2, 2]


async def test_when_all_are_down_all_are_asked_again() -> None:
    async with models([DOWN], [DOWN, says("Up")]) as (model, servers):
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])
        assert caught.value.sentence == failures.KEY_REFUSED
        assert (await model.complete(HELLO, [])).message.text == "Up"
        assert asked(servers) == [2, 2]


async def test_a_fault_of_the_request_is_nobody_elses_business() -> None:
    async with models([error(400, "bad schema")], [says("Second")]) as (model, servers):
        with pytest.raises(ModelError):
            await model.complete(HELLO, [])
        assert asked(servers) == [1, 0]


async def test_nobody_answers_anew_once_text_was_seen() -> None:
    heard: list[str] = []

    async def hear(so_far: str) -> None:
        heard.append(so_far)

    async with models([stream(text("Once"), ending=Ending.CUT)], [says("Second")]) as (model, servers):
        with pytest.raises(ModelError):
            await model.complete(HELLO, [], on_text=hear)
        assert (heard, asked(servers)) == (["Once"], [1, 0])


async def test_an_endpoint_that_others_stand_in_for_is_not_tried_for_long() -> None:
    busy, good = ScriptedServer(error(503, "loading")), ScriptedServer(says("Hi"))
    async with busy.running(), good.running(), httpx2.AsyncClient() as http:
        retries = Retries(first_pause=0.0)
        first = OpenAIModel(Endpoint(base_url=busy.url, model="m"), http=http, retries=retries.brief)
        last = OpenAIModel(Endpoint(base_url=good.url, model="m"), http=http, retries=retries)
        assert (await FallbackModel([first, last]).complete(HELLO, [])).message.text == "Hi"
    assert asked([busy, good]) == [2, 1]


def test_there_must_be_a_model() -> None:
    with pytest.raises(ValueError, match="there must be a model"):
        FallbackModel([])
