"""`digmbot mcp` as a desktop client starts it: a process on standard streams, while the bot comes and goes."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from pydantic import JsonValue, TypeAdapter

from mcp_servers.offered.http import OfferedServer
from mcp_servers.offered.tokens import Scope
from mcp_servers.offered.wishes import ServeWish
from tests.mcp_servers.offered.harbour import ERAS, Era, Harbour, harbour, text_of, told
from tests.mcp_servers.offered.test_tools import SlowTools

PATIENCE = 20.0
JSON = TypeAdapter(dict[str, JsonValue])
both_eras = pytest.mark.parametrize("era", ERAS)


def command(port: Harbour, *more: str) -> list[str]:
    return ["-m", "bot.cli", "mcp", "--url", port.server.url, *more]


@asynccontextmanager
async def through_the_bridge(port: Harbour, secret: str, folder: Path, era: Era, *more: str) -> AsyncGenerator[Client]:
    (folder / "token").write_text(f"{secret}\n")
    server = StdioServerParameters(
        command=sys.executable, args=command(port, "--token-file", str(folder / "token"), *more)
    )
    async with Client(stdio_client(server), mode=era, read_timeout_seconds=PATIENCE) as client:
        yield client


@both_eras
async def test_everything_comes_through_as_over_http(port: Harbour, tmp_path: Path, era: Era) -> None:
    port.town.say(port.town.ops, port.town.ada, "the deploy is at noon – 正午")
    secret = await port.token(port.town.mia, Scope.WRITE)
    uri = f"discord://{port.town.here.id}/{port.town.ops.id}"
    async with port.client(secret, era) as direct, through_the_bridge(port, secret, tmp_path, era) as client:
        assert client.protocol_version == direct.protocol_version
        assert await client.list_tools() == await direct.list_tools()
        assert await client.list_resources() == await direct.list_resources()
        assert await client.read_resource(uri) == await direct.read_resource(uri)
        prompt = ("summarise_channel", {"channel": "ops"})
        assert await client.get_prompt(*prompt) == await direct.get_prompt(*prompt)
        result = await client.call_tool("read_channel", {"channel": "ops"})
        many = await asyncio.gather(*(client.call_tool("list_channels", {}) for _ in range(20)))

    assert "正午" in text_of(result)
    assert not any(each.is_error for each in many)


@both_eras
async def test_a_toolset_is_a_part_of_the_tools(port: Harbour, tmp_path: Path, era: Era) -> None:
    secret = await port.token(port.town.mia, Scope.WRITE)
    async with through_the_bridge(port, secret, tmp_path, era, "--toolset", "memory") as client:
        names = {each.name for each in (await client.list_tools()).tools}

    assert names == {"search_memory", "read_around", "remember", "list_facts", "forget"}


@both_eras
async def test_progress_and_giving_up_come_through(tmp_path: Path, era: Era) -> None:
    slow, seen = SlowTools(), list[str | None]()

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        assert (progress, total) == (len(seen) + 1, None)
        seen.append(message)

    async with (
        harbour(tmp_path, slow) as port,
        through_the_bridge(port, await port.token(port.town.mia), tmp_path, era) as client,
    ):
        await client.call_tool("count_pages", {}, progress_callback=watch)
        calling = asyncio.create_task(client.call_tool("wait", {}))
        async with asyncio.timeout(PATIENCE):
            await slow.begun.wait()
            calling.cancel()
            await slow.stopped.wait()
            await asyncio.wait([calling])

    assert seen == ["page 1", "page 2", "page 3"]


@both_eras
async def test_the_client_stays_connected_while_the_bot_is_started_anew(
    port: Harbour, tmp_path: Path, era: Era
) -> None:
    secret = await port.token(port.town.ada, Scope.WRITE)
    first = OfferedServer(port.offer, port.tokens, ServeWish(port=0, burst=100, stop_seconds=1))
    port.server = first
    await first.__aenter__()
    number = int(first.url.split(":")[2].split("/")[0])
    async with through_the_bridge(port, secret, tmp_path, era) as client:
        assert not (await client.call_tool("list_channels", {})).is_error
        await first.__aexit__(None, None, None)
        waiting = asyncio.create_task(client.call_tool("post_message", {"channel": "general", "text": "back?"}))
        with pytest.raises(MCPError, match="is not running at"):
            await client.call_tool("list_channels", {})
        with pytest.raises(MCPError, match="is not running at"):
            await waiting
        async with OfferedServer(port.offer, port.tokens, ServeWish(port=number, burst=100, stop_seconds=1)):
            result = await client.call_tool("post_message", {"channel": "general", "text": "I am back"})

    assert told(result)["text"] == "I am back"
    assert [message.text for message in port.town.posted.values()] == ["I am back"]


@both_eras
async def test_a_revoked_token_is_told_in_a_sentence(port: Harbour, tmp_path: Path, era: Era) -> None:
    minted = await port.tokens.mint(port.town.mia.id)
    async with through_the_bridge(port, minted.secret, tmp_path, era) as client:
        await port.tokens.revoke(port.town.mia.id, minted.token.id)
        with pytest.raises(MCPError, match="does not take this token"):
            await client.call_tool("list_channels", {})


async def start(*words: str, env: Mapping[str, str] | None = None) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={**os.environ, **(env or {})}
    )


async def test_bad_lines_get_an_error_each_and_the_next_is_served(port: Harbour) -> None:
    bridge = await start(*command(port), env={"DIGMBOT_MCP_TOKEN": await port.token(port.town.mia)})
    lines = ["{", "[1]", "null", "[" * 100_000, '{"jsonrpc":"2.0","id":7,"method":"ping"}', "", '{"id":8}']
    async with asyncio.timeout(PATIENCE):
        out, err = await bridge.communicate(("\n".join(lines) + "\n").encode())

    answers = [JSON.validate_json(line) for line in out.decode().splitlines()]
    assert [answer["id"] for answer in answers[:4]] == [None] * 4
    assert all(isinstance(answer["error"], dict) for answer in answers[:4])
    assert 7 in [answer["id"] for answer in answers]
    assert bridge.returncode == 0
    assert b"Traceback" not in err


async def test_without_a_bot_each_request_gets_a_sentence(tmp_path: Path) -> None:
    async with harbour(tmp_path) as port:
        words = command(port)
    bridge = await start(*words, env={"DIGMBOT_MCP_TOKEN": "digm_x"})
    assert bridge.stdin is not None
    assert bridge.stdout is not None
    bridge.stdin.write(b'{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{}}\n')
    async with asyncio.timeout(PATIENCE):
        answer = JSON.validate_json(await bridge.stdout.readline())
        bridge.stdin.close()
        await bridge.wait()

    assert answer["id"] == "a"
    assert "digmbot is not running at" in json.dumps(answer)
    assert bridge.returncode == 0


@pytest.mark.parametrize(
    ("words", "token", "sentence"),
    [
        ([], "", "DIGMBOT_MCP_TOKEN is not set; make a token with /mcp token new"),
        ([], "two words", "that is no token"),
        (["--token-file", "nowhere"], "", "--token-file: nowhere cannot be read"),
        (["--url", "ftp://x"], "digm_x", "--url: 'ftp://x' is no address"),
        (["--url", "http://[x"], "digm_x", "is no address"),
        (["--toolset", "everything"], "digm_x", "everything"),
    ],
)
async def test_wrong_usage_is_one_sentence(words: list[str], token: str, sentence: str, tmp_path: Path) -> None:
    bridge = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "mcp", *words, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=tmp_path,
        env={**os.environ, "DIGMBOT_MCP_TOKEN": token},
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        out, err = await bridge.communicate()

    assert bridge.returncode == 2
    assert sentence in err.decode()
    assert out == b""
    assert "Traceback" not in err.decode()
