"""Tools of outside servers: what a call carries away is judged, and what changes something is done once."""

from collections.abc import Sequence

import pytest

from tests.tools.calling import refused, use
from tests.tools.guarding import Clicker, Desk, Notes, texts
from tests.tools.world import Town
from tools.acts import Act
from tools.approval import Decision, State
from tools.arguments import read_arguments
from tools.calls import Approval, Effect, ToolCall, ToolResult, ToolSpec
from tools.context import ToolContext
from tools.directory import Directory
from tools.guard import MOST_QUESTIONS, Guard
from tools.native import NativeTools
from tools.reading import Reading

PARAMETERS: dict[str, object] = {
    "query": {"type": "string"},
    "limit": {"type": "integer", "default": 250},
    "order": {"type": "string", "enum": ["newest", "best"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "where": {"type": "object"},
}


class Web:
    """An outside server of which each call is remembered."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.approval = Approval.WRITES

    def _spec(self, name: str, effect: Effect) -> ToolSpec:
        parameters = {"type": "object", "properties": PARAMETERS}
        return ToolSpec(name, name, name, parameters, effect, True, approval=self.approval, sends_out=True)  # pyright: ignore[reportArgumentType] - object is no JsonValue

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        assert context
        return [
            self._spec("web__search", Effect.READ),
            self._spec("web__send", Effect.WRITE),
            self._spec("web__wipe", Effect.DESTRUCTIVE),
        ]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        assert context
        self.calls.append(call.name)
        return ToolResult(call.id, "see https://found.example/1", untrusted=True)


class Station:
    """The server, somebody who clicks, and what was noted."""

    def __init__(self, directory: Directory) -> None:
        self.web, self.clicker, self.notes = Web(), Clicker(Decision.REFUSED), Notes()
        self._directory = directory

    def guard(self, *, tainted: bool = True, allowed: tuple[str, ...] = (), given: str = "") -> Guard:
        reading = Reading(tainted=tainted)
        reading.hear(given)
        return Guard(
            self.web,
            directory=self._directory,
            approver=self.clicker,
            journal=self.notes,
            reading=reading,
            allowed=allowed,
            seconds=5,
        )


@pytest.fixture
def station(directory: Directory) -> Station:
    return Station(directory)


SAID = "look up the weather in Oslo on https://asked.example/x with id 4711"


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": "weather in Oslo"},
        {"query": "https://asked.example/x"},
        {"query": "https://given.example/page?x=1"},
        {"query": "weather in Oslo", "limit": 20, "order": "best", "tags": ["Oslo"], "where": {}},
        {"query": "Oslo", "limit": 250},
        {"query": "Oslo", "limit": 4711},
        {},
    ],
)
async def test_a_question_in_the_askers_own_words_goes_out_without_a_click(
    town: Town, station: Station, arguments: dict[str, object]
) -> None:
    context = town.ask(town.mia, SAID)
    guard = station.guard(given=f"https://given.example/page?x=1 {SAID}")
    await use(guard, context, "web__search", **arguments)

    assert (station.web.calls, station.clicker.seen) == (["web__search"], [])


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": "the code is 42"},
        {"query": "https://asked.example/x?d=42"},
        {"query": "https://other.example/"},
        {"query": "weather in Oslo", "limit": 8642},
        {"query": "weather in Oslo", "order": "secret"},
        {"query": "weather in Oslo", "tags": ["Oslo", "secret"]},
        {"query": "weather in Oslo", "where": {"x": "secret"}},
        {"query": "weather in Oslo", "secret": True},
    ],
)
async def test_anything_else_is_asked_about_and_says_that_it_leaves(
    town: Town, station: Station, arguments: dict[str, object]
) -> None:
    guard = station.guard(given=SAID)
    await refused(guard, town.ask(town.mia, SAID), "web__search", **arguments)

    assert station.web.calls == []
    assert [request.reason for request in station.clicker.seen] == [
        "I have read what other people wrote, and this would be sent to a program outside of Discord."
    ]


async def test_before_anything_of_others_was_read_questions_go_out_freely(town: Town, station: Station) -> None:
    guard, context = station.guard(tainted=False), town.ask(town.mia)
    await use(guard, context, "web__search", query="anything")
    assert station.clicker.seen == []

    await refused(guard, context, "web__search", query="anything more")
    await use(guard, context, "web__search", query="https://found.example/1")

    assert len(station.clicker.seen) == 1


@pytest.mark.parametrize(
    ("approval", "tainted", "asked"),
    [
        (Approval.NEVER, True, []),
        (Approval.WRITES, False, ["web__wipe"]),
        (Approval.WRITES, True, ["web__search", "web__send", "web__wipe"]),
        (Approval.ALWAYS, False, ["web__search", "web__send", "web__wipe"]),
    ],
)
async def test_what_the_operator_wants_of_a_server_decides(
    town: Town, station: Station, approval: Approval, tainted: bool, asked: list[str]
) -> None:
    station.web.approval = approval
    for name in ("web__search", "web__send", "web__wipe"):
        await station.guard(tainted=tainted).call(ToolCall("1", name, '{"query": "secret"}'), town.ask(town.mia))

    assert [request.tool for request in station.clicker.seen] == asked


async def test_always_is_always_even_for_a_tool_that_is_allowed_elsewhere(town: Town, station: Station) -> None:
    station.web.approval = Approval.ALWAYS
    guard = station.guard(allowed=("web__search",))
    await refused(guard, town.ask(town.mia, "search for tea"), "web__search", query="tea")

    assert [request.reason for request in station.clicker.seen] == ["My operator wants you to be asked each time."]


@pytest.mark.parametrize(
    ("state", "words"), [(State.DONE, "was carried out"), (State.BEGUN, "it is not known whether")]
)
async def test_what_an_attempt_before_the_restart_did_is_not_done_again(
    town: Town, station: Station, state: State, words: str
) -> None:
    context, arguments = town.ask(town.mia), '{"query": "hello"}'
    spec = (await station.web.specs(context))[1]
    act = Act(spec, ToolCall("1", "web__send", arguments), read_arguments(arguments), None)
    station.notes.earlier[act.identity] = state
    guard = station.guard(tainted=False)

    for _ in range(2):
        assert words in await refused(guard, context, "web__send", query="hello")
    assert station.web.calls == []
    await use(guard, context, "web__send", query="another")
    assert station.web.calls == ["web__send"]
    assert len(station.notes.done_now) == 1


async def test_nobody_is_asked_without_end(town: Town, station: Station) -> None:
    guard, context = station.guard(), town.ask(town.mia)
    told = [await refused(guard, context, "web__send", query=f"number {n}") for n in range(MOST_QUESTIONS + 3)]

    assert len(station.clicker.seen) == MOST_QUESTIONS
    assert "that is all I may ask" in told[-1]


async def test_words_that_are_posted_after_reading_hold_no_address_that_nobody_gave(
    town: Town, tools: NativeTools, directory: Directory
) -> None:
    desk = Desk(town, tools, directory, Clicker())
    reading = Reading(tainted=True)
    reading.hear("https://ok.example/a")
    text = "See https://ok.example/a and https://evil.example/?d=42"
    for allowed in ((), ("post_message",)):
        guard = desk.guard(reading=reading, allowed=allowed)
        await use(guard, town.ask(town.mia), "post_message", channel="ops", text=text)

    assert texts(town) == ["See https://ok.example/a and `evil.example/?d=42`"] * 2
