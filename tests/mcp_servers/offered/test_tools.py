"""Our tools through the real endpoint, with a client of either era."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel

from mcp_servers.offered.subjects import Subject
from mcp_servers.offered.tokens import Scope
from tests.mcp_servers.offered.harbour import ERAS, Era, Harbour, harbour, text_of, told
from tests.tools.calling import rows
from tools.calls import Effect
from tools.context import ToolContext
from tools.native import tool

both_eras = pytest.mark.parametrize("era", ERAS)


class Pages(BaseModel):
    pages: int


class SlowTools:
    """Tools that take their time, break, or destroy."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopped = asyncio.Event()
        self.done: list[str] = []

    @tool(title="Count pages")
    async def count_pages(self, *, context: ToolContext) -> Pages:
        """Count pages, telling of each."""
        for page in range(1, 4):
            context.report(f"page {page}")
        return Pages(pages=3)

    @tool(title="Wait")
    async def wait(self) -> str:
        """Wait for good."""
        self.begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.stopped.set()
        return "never"

    @tool(title="Break")
    async def fall_apart(self) -> str:
        """Have a bug."""
        raise RuntimeError("the password is hunter2")

    @tool(title="Burn", effect=Effect.DESTRUCTIVE)
    async def burn(self) -> str:
        """Destroy something."""
        self.done.append("burn")
        return "ashes"


@both_eras
async def test_every_tool_is_listed_with_what_a_client_wants_to_know_of_it(port: Harbour, era: Era) -> None:
    async with port.client(await port.token(port.town.mia, Scope.WRITE), era) as client:
        listed = {each.name: each for each in (await client.list_tools()).tools}

    assert {"list_channels", "list_members", "read_channel", "post_message", "search_memory"} < set(listed)
    assert {"remember", "schedule_reminder", "schedule_task", "set_timezone"} < set(listed)
    for each in listed.values():
        assert each.title
        assert each.description
        assert each.input_schema["type"] == "object"
        Draft202012Validator.check_schema(each.input_schema)
        Draft202012Validator.check_schema(each.output_schema or {})
        assert "context" not in each.input_schema["properties"]
        assert each.annotations
        assert each.annotations.destructive_hint is False
    reading, posting = listed["read_channel"].annotations, listed["post_message"].annotations
    assert reading is not None
    assert posting is not None
    assert (reading.read_only_hint, reading.idempotent_hint, reading.open_world_hint) == (True, True, True)
    assert (posting.read_only_hint, posting.idempotent_hint, posting.open_world_hint) == (False, False, True)
    again = listed["cancel_reminder"].annotations
    assert again is not None
    assert (again.idempotent_hint, again.open_world_hint) == (True, False)
    assert listed["read_channel"].output_schema


@both_eras
async def test_a_call_answers_text_and_the_same_as_structure(port: Harbour, era: Era) -> None:
    port.town.say(port.town.ops, port.town.ada, "the deploy is at noon")
    async with port.client(await port.token(port.town.mia), era) as client:
        assert client.protocol_version == ("2026-07-28" if era == "auto" else "2025-11-25")
        schemas = {each.name: each.output_schema for each in (await client.list_tools()).tools}
        result = await client.call_tool("read_channel", {"channel": "ops"})

    assert [row["text"] for row in rows(told(result)["messages"])] == ["the deploy is at noon"]
    assert json.loads(text_of(result)) == result.structured_content
    assert schemas["read_channel"]  # the client itself has held the result against it
    assert sorted(told(result)) == ["channel", "channel_id", "link_start", "messages", "note"]


@both_eras
async def test_what_goes_wrong_is_a_sentence_the_model_reads(port: Harbour, era: Era) -> None:
    async with port.client(await port.token(port.town.mia, Scope.WRITE), era) as client:
        unknown = await client.call_tool("read_chanel", {})
        wrong = await client.call_tool("read_channel", {"limit": 500, "speed": 1})
        forbidden = await client.call_tool("post_message", {"channel": "news", "text": "hello"})

    assert unknown.is_error
    assert "Did you mean read_channel" in text_of(unknown)
    assert wrong.is_error
    assert "`limit`" in text_of(wrong)
    assert "`speed` is not an argument" in text_of(wrong)
    assert forbidden.is_error
    assert "Mia lacks the right Send Messages" in text_of(forbidden)


@both_eras
async def test_a_read_token_neither_lists_nor_makes_writes(port: Harbour, era: Era) -> None:
    async with port.client(await port.token(port.town.mia), era) as client:
        names = {each.name for each in (await client.list_tools()).tools}
        result = await client.call_tool("post_message", {"channel": "general", "text": "hello"})

    assert "read_channel" in names
    assert not names & {"post_message", "add_reaction", "remember", "forget", "schedule_reminder", "set_timezone"}
    assert result.is_error
    assert "may only read" in text_of(result)
    assert not port.town.posted


@both_eras
async def test_a_write_token_posts_under_the_rights_of_its_person(port: Harbour, era: Era) -> None:
    async with port.client(await port.token(port.town.ada, Scope.WRITE), era) as client:
        result = await client.call_tool("post_message", {"channel": "leads", "text": "lunch?"})

    assert told(result)["text"] == "lunch?"
    assert [message.text for message in port.town.posted.values()] == ["lunch?"]


async def test_a_reminder_comes_in_the_direct_message_of_its_person(port: Harbour) -> None:
    async with port.client(await port.token(port.town.tom, Scope.WRITE)) as client:
        told(await client.call_tool("schedule_reminder", {"text": "feed the cat", "delay_seconds": 600}))

    (waiting,) = await port.reminders.pending(port.town.tom.id)
    assert waiting.channel_id == port.callers.rooms[port.town.tom.id].id
    assert waiting.guild_id is None


@pytest.mark.parametrize("subject", list(Subject))
async def test_a_subject_has_its_own_tools_only(port: Harbour, subject: Subject) -> None:
    secret = await port.token(port.town.mia, Scope.WRITE)
    async with port.client(secret) as client:
        everything = {each.name for each in (await client.list_tools()).tools}
    async with port.client(secret, subject=subject.value) as client:
        some = {each.name for each in (await client.list_tools()).tools}
        other = "set_timezone" if subject is not Subject.REMINDERS else "read_channel"
        refused = await client.call_tool(other, {})

    assert some
    assert some < everything
    assert refused.is_error
    assert f"no tool called '{other}'" in text_of(refused)


async def test_the_operators_globs_hold_for_tools_resources_and_prompts(tmp_path: Path) -> None:
    async with (
        harbour(tmp_path, deny=("read_*", "list_channels", "post_*")) as port,
        port.client(await port.token(port.town.ada, Scope.WRITE)) as client,
    ):
        names = {each.name for each in (await client.list_tools()).tools}
        called = await client.call_tool("read_channel", {"channel": "general"})
        listed = (await client.list_resources()).resources
        with pytest.raises(MCPError, match="no tool called"):
            await client.read_resource(f"discord://{port.town.here.id}/{port.town.general.id}")
        with pytest.raises(MCPError, match="no tool called"):
            await client.get_prompt("summarise_channel", {"channel": "general"})

    assert not names & {"read_channel", "read_around", "list_channels", "post_message"}
    assert called.is_error
    assert listed == []


@both_eras
async def test_progress_is_told_before_the_result(tmp_path: Path, era: Era) -> None:
    seen: list[tuple[float, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        assert total is None
        seen.append((progress, message))

    async with harbour(tmp_path, SlowTools()) as port, port.client(await port.token(port.town.mia), era) as client:
        result = await client.call_tool("count_pages", {}, progress_callback=watch)
        unwatched = await client.call_tool("count_pages", {})

    assert seen == [(1.0, "page 1"), (2.0, "page 2"), (3.0, "page 3")]
    assert told(result) == told(unwatched) == {"pages": 3}


@both_eras
async def test_a_call_that_its_client_gives_up_is_stopped(tmp_path: Path, era: Era) -> None:
    slow = SlowTools()
    async with harbour(tmp_path, slow) as port, port.client(await port.token(port.town.mia), era) as client:
        calling = asyncio.create_task(client.call_tool("wait", {}))
        async with asyncio.timeout(10):
            await slow.begun.wait()
            calling.cancel()
            await slow.stopped.wait()
            await asyncio.wait([calling])
        after = await client.call_tool("list_channels", {})

    assert not after.is_error


@both_eras
async def test_a_bug_is_withheld_and_logged(tmp_path: Path, era: Era, caplog: pytest.LogCaptureFixture) -> None:
    async with harbour(tmp_path, SlowTools()) as port, port.client(await port.token(port.town.mia), era) as client:
        result = await client.call_tool("fall_apart", {})

    assert result.is_error
    assert "hunter2" not in text_of(result)
    assert "RuntimeError" in caplog.text


async def test_what_destroys_is_annotated_so_and_needs_a_write_token(tmp_path: Path) -> None:
    tools = SlowTools()
    async with harbour(tmp_path, tools) as port:
        async with port.client(await port.token(port.town.mia)) as reader:
            refused = await reader.call_tool("burn", {})
        async with port.client(await port.token(port.town.mia, Scope.WRITE)) as client:
            listed = {each.name: each.annotations for each in (await client.list_tools()).tools}
            burnt = await client.call_tool("burn", {})

    hints = listed["burn"]
    assert hints is not None
    assert hints.destructive_hint
    assert refused.is_error
    assert text_of(burnt) == "ashes"
    assert tools.done == ["burn"]


async def test_each_call_leaves_a_line_without_its_arguments(port: Harbour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secret = await port.token(port.town.mia)
    async with port.client(secret) as client:
        await client.call_tool("search_memory", {"query": "my secret wish"})
        await client.call_tool("my secret tool", {})

    (mine,) = port.tokens.of(port.town.mia.id)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("mcp: ")]
    assert any(
        f"tool search_memory for person {port.town.mia.id} by token {mine.id}: ok, " in line for line in lines
    ), lines
    assert any("an unknown tool" in line and ": error, " in line for line in lines)
    assert "secret" not in "".join(lines)
    assert secret not in caplog.text


async def test_the_same_request_sent_twice_is_carried_out_once(port: Harbour) -> None:
    secret = await port.token(port.town.ada, Scope.WRITE)
    arguments = {"channel": "general", "text": "once"}
    async with port.client(secret, headers={"Idempotency-Key": "k1"}) as first:
        await first.call_tool("post_message", arguments)
    async with port.client(secret, headers={"Idempotency-Key": "k1"}) as again:
        await again.call_tool("post_message", arguments)
    assert len(port.town.posted) == 1

    async with port.client(secret, headers={"Idempotency-Key": "k1"}) as other:
        await other.call_tool("post_message", {**arguments, "text": "another"})
    for era in ERAS:
        async with port.client(secret, era) as client:
            await client.call_tool("post_message", arguments)
    assert len(port.town.posted) == 4
