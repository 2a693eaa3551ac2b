"""What the doctor says of outside MCP servers: each is started, or called, as the bot would."""

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from bot.doctor.examination import examine
from bot.doctor.findings import Finding, Status
from bot.doctor.mcp_checks import check_server
from bot.settings.load import load_settings
from mcp_servers.outside.transports import PlainHttp
from mcp_servers.outside.wishes import Address, AuthKind, Program, ServerWish
from tests.bot.settings.parts import write

ROOT = Path(__file__).parent.parent.parent.parent
GREETER = Program(sys.executable, ("-m", "tests.life.greeter"), cwd=ROOT)
BAD_TOOL = """
import json, sys
tools = [{"name": "good", "inputSchema": {"type": "object"}}, {"name": "bad", "inputSchema": "nonsense"}]
about = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}}
answers = {"initialize": about, "tools/list": {"tools": tools}}
for line in sys.stdin:
    asked = json.loads(line)
    known = answers.get(asked["method"])
    body = {"result": known} if known else {"error": {"code": -32601, "message": "no"}}
    if "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **body}), flush=True)
"""


async def found_of(at: Program | Address, *, seconds: float = 20, deny: tuple[str, ...] = ()) -> Sequence[Finding]:
    wish = ServerWish("it", at, deny=deny)
    return [finding async for finding in check_server(wish, PlainHttp(), seconds=seconds)]


async def test_a_server_that_answers_is_told_with_what_it_offers() -> None:
    [finding] = await found_of(GREETER)

    assert finding.status is Status.OK
    assert finding.area == "mcp it"
    assert finding.text == "answers in protocol 2026-07-28, with 2 tools, 2 prompts"
    assert not [child for child in psutil.Process().children() if "greeter" in " ".join(child.cmdline())]


async def test_a_tool_that_cannot_be_offered_is_named() -> None:
    answers, left_out = await found_of(Program(sys.executable, ("-c", BAD_TOOL)))

    assert answers.text == "answers in protocol 2025-06-18, with 1 tools"
    assert left_out.status is Status.WARNING
    assert "bad" in left_out.text


async def test_a_server_of_which_everything_is_denied_is_a_warning() -> None:
    *_, finding = await found_of(Program(sys.executable, ("-c", BAD_TOOL)), deny=("*",))

    assert finding.text == "offers nothing that can be used"


async def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    failing = "import sys; sys.exit('config file missing: set GREETER_HOME')"
    [finding] = await found_of(Program(sys.executable, ("-c", failing)))

    assert finding.status is Status.BROKEN
    assert "config file missing: set GREETER_HOME" in finding.text
    assert "by hand" in finding.hint


async def test_a_program_that_is_not_there_is_told() -> None:
    [finding] = await found_of(Program("no-such-program"))

    assert (finding.status, "`no-such-program` was not found" in finding.text) == (Status.BROKEN, True)


async def test_a_program_that_says_nothing_takes_only_its_time() -> None:
    [finding] = await found_of(Program(sys.executable, ("-c", "import time; time.sleep(60)")), seconds=0.5)

    assert finding.status is Status.BROKEN
    assert finding.text == "did not answer within 0.5 seconds"
    assert 'protocol = "legacy"' in finding.hint


async def test_a_closed_port_is_told_without_the_key() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
        [finding] = await found_of(Address(url, {"Authorization": "Bearer sk-key-0123456789"}, allow_private=True))

    assert finding.status is Status.BROKEN
    assert "cannot be reached" in finding.text
    assert "sk-key-0123456789" not in repr(finding)


async def test_a_server_where_everybody_signs_in_is_not_tried() -> None:
    [finding] = await found_of(Address("https://mcp.example.org/", auth=AuthKind.USER))

    assert finding.status is Status.OK
    assert "signed in to by the running bot" in finding.text


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_doctor_looks_at_each_that_is_enabled(tmp_path: Path, enabled: bool) -> None:
    servers = "\n".join(
        f'[mcp.servers.s{n}]\ncommand = "no-such-program"\nenabled = {str(enabled).lower()}' for n in (1, 2)
    )
    environ = {"DIGMBOT_STORAGE__DATA_DIR": str(tmp_path / "data")}
    found = await examine(load_settings(write(tmp_path, servers), environ, allow_missing=True))

    assert [f.area for f in found if f.area.startswith("mcp")] == (["mcp s1", "mcp s2"] if enabled else [])
