"""The same against servers that others wrote."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_servers.outside.people import Action, Answered, Elicitation, Sampled, SamplingWish
from mcp_servers.outside.state import State
from mcp_servers.outside.wishes import Program, ServerWish
from tests.mcp_servers.outside.house import at, free_port, links, listens, programs, until
from tools.context import ToolContext

NODE = Path(__file__).parents[3] / ".node" / "node_modules"
needs_node = pytest.mark.skipif(
    not (NODE / "@modelcontextprotocol").is_dir() or shutil.which("node") is None,
    reason="needs npm's MCP servers: `make .node/.done` installs them where npm is",
)
pytestmark = pytest.mark.timeout(120)


def node(package: str, *args: str, name: str = "node") -> ServerWish:
    script = NODE / "@modelcontextprotocol" / package / "dist" / "index.js"
    return ServerWish(name, Program("node", (str(script), *args)))


class Ready:
    """Accepts every question, and writes when it is asked to."""

    def __init__(self) -> None:
        self.asked: list[Elicitation] = []

    async def elicit(self, question: Elicitation, context: ToolContext) -> Answered:  # noqa: ARG002
        self.asked.append(question)
        properties = question.schema["properties"]
        assert isinstance(properties, dict)
        return Answered(Action.ACCEPT, {"name": "Ada"} if "name" in properties else {})

    async def sample(self, wish: SamplingWish, context: ToolContext) -> Sampled:
        return Sampled(f"{context.asker.name}: {wish.turns[-1].text}", "our-model")


async def test_the_time_server_tells_the_time_and_is_back_after_a_kill() -> None:
    time = ServerWish("time", Program(sys.executable, ("-m", "mcp_server_time", "--local-timezone", "Europe/Berlin")))
    async with links(time) as here:
        await here.up("time")
        assert set(await here.specs()) == {"time__get_current_time", "time__convert_time"}
        assert "Asia/Tokyo" in (await here.call("time__get_current_time", timezone="Asia/Tokyo")).content
        assert (await here.call("time__get_current_time", timezone="Moon/Base")).is_error
        (victim,) = programs("mcp_server_time")
        victim.kill()
        await until(lambda: here.state("time") is not State.UP, 2)
        assert "Asia/Tokyo" in (await here.call("time__get_current_time", timezone="Asia/Tokyo")).content


@pytest.fixture
def everything() -> Generator[int]:
    """Over HTTP. It listens on all interfaces and knows no other way."""
    port = free_port()
    script = NODE / "@modelcontextprotocol" / "server-everything" / "dist" / "index.js"
    running = subprocess.Popen(
        ["node", str(script), "streamableHttp"],
        env={"PORT": str(port), "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        listens(port)
        yield port
    finally:
        running.kill()
        running.wait()


@needs_node
@pytest.mark.parametrize("is_web", [False, True])
async def test_the_server_with_everything(is_web: bool, request: pytest.FixtureRequest) -> None:
    wish = at(request.getfixturevalue("everything"), "node") if is_web else node("server-everything", "stdio")
    person = Ready()
    async with links(wish, elicitor=person, sampler=person) as here:
        await here.up("node")
        await until(lambda: len(here.outside.states()[0].tools) > 15)  # it adds some when it has seen what we can
        specs = await here.specs()
        assert {"node__echo", "node__get-sum", "node__list_resources", "node__read_resource"} <= set(specs)
        assert "hello" in (await here.call("node__echo", message="hello")).content
        assert "5" in (await here.call("node__get-sum", a=2, b=3)).content
        picture = await here.call("node__get-tiny-image")
        assert [each.media_type for each in picture.pictures] == ["image/png"]
        structured = await here.call("node__get-structured-content", location="Chicago")
        assert "temperature" in structured.content
        await here.call("node__trigger-long-running-operation", duration=1, steps=3)
        assert [report for report in here.reports if report.startswith("node: ")][-1].endswith("3/3")
        assert "Ada" in (await here.call("node__trigger-elicitation-request")).content
        assert person.asked
        assert "our-model" in (await here.call("node__trigger-sampling-request", prompt="tea", maxTokens=9)).content
        listed = (await here.call("node__list_resources")).content
        uri = listed.split(" ", 1)[0]
        assert not (await here.call("node__read_resource", uri=uri)).is_error
        assert here.outside.prompts("node", here.town.ada.id)


@needs_node
async def test_the_server_with_everything_is_back_after_a_kill() -> None:
    async with links(node("server-everything", "stdio")) as here:
        await here.up("node")
        (victim,) = programs("server-everything")
        victim.kill()
        await until(lambda: here.state("node") is not State.UP, 2)
        assert "again" in (await here.call("node__echo", message="again")).content


@needs_node
async def test_the_file_server_reads_where_it_may_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "note.txt").write_text("buy milk")
    (tmp_path / "secret.txt").write_text("the code is 1234")
    async with links(node("server-filesystem", str(tmp_path / "open"), name="files")) as here:
        await here.up("files")
        read = await here.call("files__read_text_file", path=str(tmp_path / "open" / "note.txt"))
        assert read.content == "buy milk"
        refused = await here.call("files__read_text_file", path=str(tmp_path / "secret.txt"))
        assert refused.is_error
        assert "1234" not in refused.content
        written = await here.call("files__write_file", path=str(tmp_path / "open" / "new.txt"), content="hi")
        assert not written.is_error
        assert (tmp_path / "open" / "new.txt").read_text() == "hi"


@needs_node
async def test_the_memory_server_keeps_what_it_is_told_over_a_kill(tmp_path: Path) -> None:
    wish = node("server-memory", name="memory")
    assert isinstance(wish.at, Program)
    kept = Program(wish.at.command, wish.at.args, env={"MEMORY_FILE_PATH": str(tmp_path / "memory.jsonl")})
    async with links(ServerWish("memory", kept)) as here:
        await here.up("memory")
        ada = {"name": "Ada", "entityType": "person", "observations": ["likes tea"]}
        assert not (await here.call("memory__create_entities", entities=[ada])).is_error
        (victim,) = programs("server-memory")
        victim.kill()
        await until(lambda: here.state("memory") is not State.UP, 2)
        assert "likes tea" in (await here.call("memory__search_nodes", query="tea")).content
