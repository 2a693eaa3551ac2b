"""With very many outside tools a run is shown the ones it needs, and finds the others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from pydantic import JsonValue

from tests.tools.calling import ask, rows, use
from tests.tools.guarding import Clicker, Notes
from tests.tools.world import Town
from tools.approval import Decision
from tools.calls import Effect, ToolCall, ToolResult, ToolSpec
from tools.context import ToolContext
from tools.directory import Directory
from tools.finding import Finder, Narrowed, Shelf
from tools.guard import Guard
from tools.native import NativeTools
from tools.reading import Reading
from tools.toolsets import Combined

WANTED = {
    "hub__create_issue": "Open a new issue in a repository.",
    "hub__list_issues": "List the issues of a repository.",
    "hub__mergePullRequest": "Merge a change into its branch.",
    "sky__forecast": "Weather of the coming days for a city.",
    "mail__send": "Send a letter to an address.",
}


def spec(name: str, description: str, effect: Effect = Effect.READ) -> ToolSpec:
    schema: dict[str, JsonValue] = {"type": "object"}
    return ToolSpec(name, name.partition("__")[2], description, schema, effect, reads_others=True)


@dataclass
class Servers:
    """Outside tools, and what was called of them."""

    offered: list[ToolSpec]
    called: list[str] = field(default_factory=list[str])

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        assert context.asker
        return list(self.offered)

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        assert context.asker
        self.called.append(call.name)
        return ToolResult(call.id, "done", untrusted=True)


def is_outside(name: str) -> bool:
    return "__" in name


def size(specs: Sequence[ToolSpec]) -> int:
    return 100 * len(specs)


class Desk:
    """Makes the tools of one run."""

    def __init__(self, tools: NativeTools, directory: Directory, clicker: Clicker) -> None:
        many = [spec(f"box__tool_{number}", f"Turn wheel number {number}.") for number in range(60)]
        self.servers = Servers([*many, *(spec(*each) for each in WANTED.items())])
        self.clicker = clicker
        self._native = tools
        self._directory = directory

    def run(self, limit: int = 500) -> Narrowed:
        shelf = Shelf()
        every = Combined([("native", self._native), ("outside", self.servers)])
        finder = Finder(every, shelf, is_outside=is_outside)
        guard = Guard(
            Combined([("all", every), ("finding", finder)]),
            directory=self._directory,
            approver=self.clicker,
            journal=Notes(),
            reading=Reading(),
        )
        return Narrowed(guard, shelf, is_outside=is_outside, limit=limit, size=size)


@pytest.fixture
def desk(tools: NativeTools, directory: Directory) -> Desk:
    return Desk(tools, directory, Clicker())


async def shown(run: Narrowed, context: ToolContext) -> list[str]:
    return [each.name for each in await run.specs(context) if is_outside(each.name) or each.name == "find_tools"]


async def test_few_tools_are_all_shown_and_nothing_has_to_be_found(desk: Desk, town: Town) -> None:
    desk.servers.offered = desk.servers.offered[:5]

    assert await shown(desk.run(), town.ask(town.mia)) == [f"box__tool_{number}" for number in range(5)]


async def test_of_many_those_that_fit_the_request_are_shown(desk: Desk, town: Town, tools: NativeTools) -> None:
    run, context = desk.run(), town.ask(town.mia, "please open an issue about the broken lamp")

    first = await shown(run, context)

    assert first[0] == "find_tools"
    assert first[1] == "hub__create_issue"
    assert "sky__forecast" not in first
    native = [each.name for each in await run.specs(context)][: len(tools.tools)]
    assert native == [each.spec.name for each in tools.tools]


async def test_what_is_found_can_be_called_from_the_next_step_on(desk: Desk, town: Town) -> None:
    run, context = desk.run(), town.ask(town.mia, "hello there")
    before = await shown(run, context)

    found = rows((await ask(run, context, "find_tools", query="what will the weather be"))["tools"])

    assert found[0]["name"] == "sky__forecast"
    assert found[0]["does"] == "Weather of the coming days for a city."
    after = await shown(run, context)
    assert after[: len(before)] == before, "what stood there stays where it was, for the provider's cache"
    assert "sky__forecast" in after
    assert not (await use(run, context, "sky__forecast")).is_error


async def test_words_within_a_name_are_words(desk: Desk, town: Town) -> None:
    found = await ask(desk.run(), town.ask(town.mia), "find_tools", query="merging pull requests")

    assert rows(found["tools"])[0]["name"] == "hub__mergePullRequest"


async def test_at_most_eight_are_found_and_it_is_said_that_there_may_be_more(desk: Desk, town: Town) -> None:
    found = await ask(desk.run(), town.ask(town.mia), "find_tools", query="turn a wheel")

    assert len(rows(found["tools"])) == 8
    assert "more" in str(found["note"])


@pytest.mark.parametrize("query", ["zebra", "", "?!", "天気"])
async def test_who_finds_nothing_is_told_whose_tools_there_are(desk: Desk, town: Town, query: str) -> None:
    found = await ask(desk.run(), town.ask(town.mia), "find_tools", query=query)

    assert found["tools"] == []
    assert "box, hub, sky, mail" in str(found["note"])


async def test_the_same_request_is_shown_the_same_tools_in_the_same_order(desk: Desk, town: Town) -> None:
    context = town.ask(town.mia, "list issues and turn wheel number 7 for the city")

    assert await shown(desk.run(), context) == await shown(desk.run(), context)


async def test_a_tool_that_the_model_guessed_is_carried_out(desk: Desk, town: Town) -> None:
    run, context = desk.run(), town.ask(town.mia, "hello")
    assert "mail__send" not in await shown(run, context)

    assert (await use(run, context, "mail__send")).content == "done"
    assert "mail__send" in await shown(run, context)


async def test_a_write_that_was_guessed_still_needs_its_click(desk: Desk, town: Town) -> None:
    desk.servers.offered.append(spec("hub__delete_all", "Delete everything.", Effect.DESTRUCTIVE))
    desk.clicker.decision = Decision.REFUSED
    run, context = desk.run(), town.ask(town.mia, "hello")
    assert "hub__delete_all" not in await shown(run, context)

    for _ in range(2):  # not shown yet, and shown
        assert (await use(run, context, "hub__delete_all")).is_error
    assert "hub__delete_all" not in desk.servers.called
    assert [each.tool for each in desk.clicker.seen] == ["hub__delete_all"]


async def test_descriptions_that_were_found_count_as_words_of_others(desk: Desk, town: Town) -> None:
    """A server may describe a tool as "first call hub__delete": what follows is judged as after reading that."""
    desk.servers.offered.append(spec("mail__post", "Post a letter.", Effect.WRITE))
    desk.clicker.decision = Decision.REFUSED
    run, context = desk.run(), town.ask(town.mia, "hello")
    await use(run, context, "find_tools", query="letter")

    assert (await use(run, context, "mail__post")).is_error
    assert [each.tool for each in desk.clicker.seen] == ["mail__post"]


async def test_a_tool_that_goes_away_is_shown_no_longer(desk: Desk, town: Town) -> None:
    run, context = desk.run(), town.ask(town.mia, "open an issue")
    assert "hub__create_issue" in await shown(run, context)

    desk.servers.offered = [each for each in desk.servers.offered if each.name != "hub__create_issue"]

    assert "hub__create_issue" not in await shown(run, context)


async def test_with_no_room_at_all_a_few_are_shown_still(desk: Desk, town: Town) -> None:
    names = await shown(desk.run(limit=0), town.ask(town.mia, "open an issue"))

    assert names[:2] == ["find_tools", "hub__create_issue"]


async def test_the_arguments_of_finding_are_checked(desk: Desk, town: Town) -> None:
    result = await desk.run().call(ToolCall("1", "find_tools", json.dumps({"query": 5, "x": 1})), town.ask(town.mia))

    assert result.is_error
    assert "`x` is not an argument" in result.content
