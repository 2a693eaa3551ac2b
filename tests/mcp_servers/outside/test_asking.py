"""What a server asks in the middle of a call reaches the person whose call it is, and nobody else."""

import asyncio
from dataclasses import dataclass, field

import pytest

from mcp_servers.outside.people import (
    Action,
    Answered,
    Elicitation,
    Sampled,
    SamplingRefusedError,
    SamplingWish,
)
from mcp_servers.outside.wishes import Protocol
from tests.mcp_servers.outside.house import ERAS, Links, at, free_port, links, plain, until, web_server
from tools.context import ToolContext


@dataclass
class Person:
    """Answers with a colour of their own, once they may."""

    action: Action = Action.ACCEPT
    asked: list[tuple[str, Elicitation]] = field(default_factory=list[tuple[str, Elicitation]])
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def elicit(self, question: Elicitation, context: ToolContext) -> Answered:
        self.asked.append((context.asker.name, question))
        await self.may_answer.wait()
        return Answered(self.action, {"colour": f"{context.asker.name}'s blue"} if self.action is Action.ACCEPT else {})


class Writer:
    async def sample(self, wish: SamplingWish, context: ToolContext) -> Sampled:
        if "war" in wish.turns[0].text:
            raise SamplingRefusedError("Nobody wants that.")
        return Sampled(f"{context.asker.name} on {wish.turns[0].text} ({wish.system}, {wish.max_tokens})", "our-model")


def ready(action: Action = Action.ACCEPT) -> Person:
    person = Person(action)
    person.may_answer.set()
    return person


@pytest.mark.parametrize("protocol", ERAS)
@pytest.mark.parametrize("is_web", [False, True])
async def test_the_asker_is_asked_and_the_call_goes_on_with_the_answer(protocol: Protocol, is_web: bool) -> None:
    person, port = ready(), free_port()
    with web_server(port):
        wish = at(port, "plain", protocol=protocol) if is_web else plain(protocol=protocol)
        async with links(wish, elicitor=person) as here:
            await here.up("plain")
            result = await here.call("plain__paint", why="the fence")
            assert result.content == "the fence in Ada's blue"
            ((name, question),) = person.asked
            assert name == "Ada"
            assert (question.server, question.message) == ("plain", "Which colour for the fence?")
            assert "colour" in str(question.schema["properties"])


@pytest.mark.parametrize("protocol", ERAS)
@pytest.mark.parametrize("action", [Action.DECLINE, Action.CANCEL])
async def test_a_no_is_told_to_the_server(protocol: Protocol, action: Action) -> None:
    async with links(plain(protocol=protocol), elicitor=ready(action)) as here:
        await here.up("plain")
        assert (await here.call("plain__paint", why="the fence")).is_error


@pytest.mark.parametrize("protocol", ERAS)
async def test_the_time_in_which_a_person_thinks_is_not_the_servers(protocol: Protocol) -> None:
    person = Person()
    async with links(plain(protocol=protocol, seconds=0.3), elicitor=person) as here:
        await here.up("plain")
        call = asyncio.create_task(here.call("plain__paint", why="the fence"))
        await until(lambda: bool(person.asked))
        done, _ = await asyncio.wait([call], timeout=1)
        assert not done
        person.may_answer.set()
        assert (await call).content == "the fence in Ada's blue"


async def two_ask(here: Links) -> list[str]:
    """Two people's calls, both under way when the first question comes."""
    mia = here.town.ask(here.town.mia)
    slow = asyncio.create_task(here.call("plain__slow", mia, steps=20, seconds=0.1))
    await until(lambda: here.connection("plain").asking.is_busy)
    call = asyncio.create_task(here.call("plain__paint", why="the fence"))
    results = await asyncio.gather(call, slow)
    return [result.content for result in results]


@pytest.mark.parametrize("is_web", [False, True])
async def test_with_two_people_in_flight_the_newest_protocol_asks_the_right_one(is_web: bool) -> None:
    person, port = ready(), free_port()
    with web_server(port):
        async with links(at(port, "plain") if is_web else plain(), elicitor=person) as here:
            await here.up("plain")
            assert await two_ask(here) == ["the fence in Ada's blue", "done"]
            assert [name for name, _ in person.asked] == ["Ada"]


async def test_with_two_people_in_flight_an_old_program_gets_no_answer_and_nobody_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    person = ready()
    async with links(plain(protocol=Protocol.LEGACY), elicitor=person) as here:
        await here.up("plain")
        painted, slow = await two_ask(here)
        assert "blue" not in painted
        assert slow == "done"
        assert not person.asked
    assert "plain asked for an answer and gets none: 2 people have calls under way there" in caplog.text


async def test_with_two_people_in_flight_an_old_address_asks_the_one_on_whose_stream_the_question_came() -> None:
    person, port = ready(), free_port()
    with web_server(port):
        async with links(at(port, "plain", protocol=Protocol.LEGACY), elicitor=person) as here:
            await here.up("plain")
            assert await two_ask(here) == ["the fence in Ada's blue", "done"]
            assert [name for name, _ in person.asked] == ["Ada"]


@pytest.mark.parametrize("protocol", ERAS)
async def test_our_model_writes_for_a_server(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol), sampler=Writer()) as here:
        await here.up("plain")
        result = await here.call("plain__write", about="tea")
        assert result.content == "tea: Ada on Write about tea (Be brief., 50) (our-model)"
        assert "Nobody wants that" in (await here.call("plain__write", about="war")).content


@pytest.mark.parametrize("protocol", ERAS)
async def test_without_means_to_ask_a_server_is_not_told_that_there_are_any(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol)) as here:
        await here.up("plain")
        assert (await here.call("plain__paint", why="the fence")).is_error
        assert (await here.call("plain__write", about="tea")).is_error
        assert (await here.call("plain__echo", text="still fine")).content == "still fine"
