"""A documented method becomes a tool: its schema, its checks, its limits."""

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import AwareDatetime, BaseModel, Field

from tests.tools.world import Town
from tools.calls import Effect, ToolCall, ToolError, ToolResult
from tools.context import ToolContext
from tools.native import NativeTools, tool
from tools.toolsets import Combined, Filtered, ToolNameClashError


class Box(BaseModel):
    """A box."""

    title: str
    size: int | None = None


class Kitchen:
    """Tools of every shape."""

    @tool(title="Pack", effect=Effect.WRITE)
    async def pack(
        self,
        title: Annotated[str, Field(description="What is on the lid.", max_length=20)],
        *,
        boxes: list[Box] | None = None,
        colour: Literal["red", "blue"] = "red",
        at: AwareDatetime | None = None,
        count: Annotated[int, Field(ge=1, le=9)] = 1,
        context: ToolContext,
    ) -> Box:
        """Pack a box."""
        assert context.asker
        return Box(title=f"{title} {colour} {len(boxes or [])} {at}", size=None if count == 1 else count)

    @tool(title="Break")
    async def break_down(self) -> str:
        """Fall over."""
        raise KeyError("the secret of the house")

    @tool(title="Refuse", reads_others=True)
    async def refuse(self) -> str:
        """Say no."""
        raise ToolError("not today", quotes_others=True)

    @tool(title="Dawdle", effect=Effect.WRITE, seconds=0.01)
    async def dawdle(self) -> str:
        """Take for ever."""
        await asyncio.Event().wait()
        return ""

    @tool(title="Gather", needs_guild=True, reads_others=True)
    async def gather(self) -> str:
        """Gather people."""
        return "all"


async def call(town: Town, name: str, arguments: object, kitchen: object | None = None) -> ToolResult:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return await NativeTools(kitchen or Kitchen()).call(ToolCall("1", name, text), town.ask(town.mia))


def test_a_signature_becomes_a_schema_that_a_model_can_read() -> None:
    pack = NativeTools(Kitchen()).tools[0]

    assert pack.spec.description == "Pack a box."
    assert pack.spec.parameters["required"] == ["title"]
    assert pack.spec.parameters["additionalProperties"] is False
    assert pack.spec.parameters["properties"] == {
        "title": {"description": "What is on the lid.", "maxLength": 20, "type": "string"},
        "boxes": {"items": {"$ref": "#/$defs/Box"}, "type": "array"},
        "colour": {"default": "red", "enum": ["red", "blue"], "type": "string"},
        "at": {"format": "date-time", "type": "string"},
        "count": {"default": 1, "maximum": 9, "minimum": 1, "type": "integer"},
    }
    assert "Box" in json.dumps(pack.spec.parameters["$defs"])
    Draft202012Validator.check_schema(pack.spec.parameters)


async def test_a_structured_answer_is_compact_json_that_fits_its_schema(town: Town) -> None:
    result = await call(town, "pack", {"title": "pan"})
    schema = NativeTools(Kitchen()).tools[0].output_schema

    assert result.content == '{"title":"pan red 0 None"}'
    assert schema is not None
    assert (schema["required"], schema["properties"]) == (
        ["title"],
        {"title": {"type": "string"}, "size": {"type": "integer"}},
    )


@pytest.mark.parametrize(
    "arguments",
    [
        '{"title": "pan", "boxes": null, "count": null}',
        '"{\\"title\\": \\"pan\\"}"',
        '{"title": "pan", "boxes": "[]", "count": "1"}',
        ' {"title":"pan","at":null}\n',
    ],
)
async def test_what_models_write_a_little_wrong_is_understood(town: Town, arguments: str) -> None:
    assert (await call(town, "pack", arguments)).content == '{"title":"pan red 0 None"}'


@pytest.mark.parametrize("arguments", ["", "  ", "null", "{}", '""', '"null"'])
async def test_no_arguments_can_be_written_in_many_ways(town: Town, arguments: str) -> None:
    result = await call(town, "gather", arguments)

    assert (result.content, result.is_error, result.untrusted) == ("all", False, True)


async def test_every_wrong_argument_is_named_with_what_is_wrong(town: Town) -> None:
    wrong = {"colour": "green", "count": 10, "at": "2030-01-01T10:00", "context": {"asker": 1}, "who": 2}
    result = await call(town, "pack", wrong)

    assert result.is_error
    for expected in (
        "`title` is missing",
        "`colour`: input should be 'red' or 'blue'",
        "`count`: input should be less than or equal to 9",
        "`at`: input should have timezone info",
        "`context` is not an argument",
        "`who` is not an argument",
        "The arguments of this tool: title, boxes, colour, at, count.",
    ):
        assert expected in result.content
    assert "pydantic" not in result.content


@pytest.mark.parametrize("arguments", ["[1]", "1", "{", "nonsense", '{"title": NaN}', "[" * 5000, '"[1]"', "9" * 5000])
async def test_what_is_no_json_object_is_told_so(town: Town, arguments: str) -> None:
    result = await call(town, "pack", arguments)

    assert result.is_error
    assert "JSON" in result.content


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.one_of(st.text(), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
)
def test_no_arguments_whatever_break_a_tool(arguments: str) -> None:
    town = Town()
    result = asyncio.run(call(town, "pack", arguments))

    assert result.is_error
    assert "fault of its own" not in result.content


@settings(deadline=None)  # a busy machine is no failure
@given(st.dictionaries(st.sampled_from(["title", "boxes", "colour", "at", "count", "context"]), st.none() | st.text()))
def test_any_values_are_packed_or_refused_in_words(arguments: dict[str, str | None]) -> None:
    result = asyncio.run(call(Town(), "pack", arguments))

    assert "fault of its own" not in result.content


async def test_a_bug_is_logged_and_shows_nothing_internal(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        result = await call(town, "break_down", {})

    assert result.is_error
    assert "secret" not in result.content
    assert "secret" in caplog.text


async def test_a_refusal_that_quotes_others_is_marked(town: Town) -> None:
    assert await call(town, "refuse", {}) == ToolResult("1", "not today", is_error=True, untrusted=True)


async def test_a_tool_that_takes_too_long_is_stopped_and_says_so(town: Town) -> None:
    result = await call(town, "dawdle", {})

    assert result.is_error
    assert "took longer than 0.01 seconds" in result.content
    assert "not known whether it took effect" in result.content


async def test_an_unknown_tool_is_answered_with_the_nearest_names(town: Town) -> None:
    assert "Did you mean pack" in (await call(town, "pakc", {})).content


async def test_what_needs_a_server_is_not_offered_in_a_direct_message(town: Town) -> None:
    context = town.ask(town.mia, at=town.add_dm(town.mia))
    tools = NativeTools(Kitchen())

    assert "gather" not in {spec.name for spec in await tools.specs(context)}
    assert "only on a server" in (await tools.call(ToolCall("1", "gather", ""), context)).content


async def test_a_call_without_a_key_still_gets_one_of_its_own(town: Town) -> None:
    @dataclass
    class Keys:
        """Tells its key."""

        @tool(title="Key")
        async def key(self, *, context: ToolContext) -> str:
            """Tell the key."""
            return context.call_key

    context = town.ask(town.mia)
    assert (await call(town, "key", {}, Keys())).content.endswith("/-/tool/1")
    keyless = ToolContext(town.mia, town.bot, None, context.channel, context.request, "r", context.zone)
    told = [await NativeTools(Keys()).call(ToolCall(one, "key", ""), keyless) for one in "ab"]
    assert told[0].content != told[1].content


def test_two_tools_of_one_name_are_an_error_that_names_both() -> None:
    class Other:
        """Has a pack, too."""

        @tool(title="Pack")
        async def pack(self) -> str:
            """Pack otherwise."""
            return ""

    with pytest.raises(ToolNameClashError, match=r"'pack'.*Kitchen\.pack.*Other\.pack"):
        NativeTools(Kitchen(), Other())


def test_a_tool_without_docstring_or_types_is_refused_at_once() -> None:
    class Mute:
        """Says nothing."""

        @tool(title="Mute")
        async def mute(self) -> str:
            return ""

    class Greedy:
        """Takes anything."""

        @tool(title="Greedy")
        async def greedy(self, *rest: str) -> str:
            """Take anything."""
            return "".join(rest)

    with pytest.raises(ValueError, match="docstring"):
        NativeTools(Mute())
    with pytest.raises(ValueError, match="no schema can say"):
        NativeTools(Greedy())


async def test_several_toolsets_are_one_and_a_filtered_tool_does_not_exist(town: Town) -> None:
    context = town.ask(town.mia)
    native = NativeTools(Kitchen())
    some = Filtered(native, allow=["*a*"], deny=["break*"])

    assert [spec.name for spec in await some.specs(context)] == ["pack", "dawdle", "gather"]
    assert "no tool called 'refuse'" in (await some.call(ToolCall("1", "refuse", ""), context)).content
    both = Combined([("kitchen", some), ("none", Filtered(native, allow=["refuse"]))])
    assert [spec.name for spec in await both.specs(context)] == ["pack", "dawdle", "gather", "refuse"]
    assert (await both.call(ToolCall("1", "refuse", ""), context)).content == "not today"
    assert "Did you mean gather" in (await both.call(ToolCall("1", "gathr", ""), context)).content
    with pytest.raises(ToolNameClashError, match="one from kitchen, one from garden"):
        await Combined([("kitchen", native), ("garden", native)]).specs(context)


async def test_a_tool_called_by_hand_is_the_method_it_was() -> None:
    assert await Kitchen().gather() == "all"
