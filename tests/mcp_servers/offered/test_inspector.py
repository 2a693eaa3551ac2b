"""The official inspector as a client of ours, from its command line."""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from mcp_servers.offered.tokens import Scope
from tests.mcp_servers.offered.harbour import Harbour
from tests.mcp_servers.offered.test_access import NAME, WORDS, hide

BIN = Path(__file__).parents[3] / ".node" / "node_modules" / ".bin"
SECONDS = 50.0
there = (BIN / "mcp-inspector").exists() and (BIN / "node").exists()
pytestmark = pytest.mark.skipif(not there, reason="the inspector is not there: `make .node/.done` installs it")


async def inspect(port: Harbour, secret: str, folder: Path, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        str(BIN / "node"), str(BIN / "mcp-inspector"), "--cli", port.server.url, "--transport", "http",
        "--header", f"Authorization: Bearer {secret}", *words,
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
        env={**os.environ, "HOME": str(folder), "MCP_CATALOG_PATH": str(folder / "mcp.json"), "NO_COLOR": "1"},
    )  # fmt: skip
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode() + err.decode()


async def test_the_inspector_lists_calls_and_reads(port: Harbour, tmp_path: Path) -> None:
    port.town.say(port.town.ops, port.town.ada, "the deploy is at noon")
    secret = await port.token(port.town.mia, Scope.WRITE)
    uri = f"discord://{port.town.here.id}/{port.town.ops.id}"
    runs = await asyncio.gather(
        inspect(port, secret, tmp_path, "--method", "tools/list"),
        inspect(
            port, secret, tmp_path, "--method", "tools/call", "--tool-name", "read_channel", "--tool-arg", "channel=ops"
        ),
    )
    runs += await asyncio.gather(
        inspect(port, secret, tmp_path, "--method", "resources/read", "--uri", uri),
        inspect(port, secret, tmp_path, "--method", "prompts/list"),
    )
    (listed, tools), (called, result), (read, resource), (asked, prompts) = runs

    assert [listed, called, read, asked] == [0, 0, 0, 0], runs
    assert '"schedule_reminder"' in tools
    assert '"outputSchema"' in tools
    assert "the deploy is at noon" in result
    assert json.loads(result[result.index("{") : result.rindex("}") + 1])
    assert "the deploy is at noon" in resource
    assert "catch_me_up" in prompts


async def test_the_inspector_learns_nothing_of_a_channel_its_person_cannot_see(port: Harbour, tmp_path: Path) -> None:
    secret = hide(port.town)
    token = await port.token(port.town.mia)
    uri = f"discord://{secret.guild_id}/{secret.id}"
    channel = f"channel={secret.id}"
    asked = (
        ("tools/call", "--tool-name", "list_channels"),
        ("tools/call", "--tool-name", "read_channel", "--tool-arg", channel),
        ("resources/list",),
        ("resources/read", "--uri", uri),
        ("prompts/get", "--prompt-name", "summarise_channel", "--prompt-args", channel),
    )
    told = [(await inspect(port, token, tmp_path, "--method", *words))[1] for words in asked]

    assert "general" in told[0]
    assert "general" in told[2]
    assert [text for text in told if NAME in text or WORDS in text] == []


async def test_the_inspector_is_refused_with_a_token_that_is_none(port: Harbour, tmp_path: Path) -> None:
    code, said = await inspect(port, "digm_none", tmp_path, "--method", "tools/list")

    assert code != 0
    assert "schedule_reminder" not in said
