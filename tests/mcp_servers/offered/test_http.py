"""The endpoint against what is not a friendly client."""

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mcp_servers.offered.http import OfferedServer
from mcp_servers.offered.listening import CannotListenError
from mcp_servers.offered.tokens import Scope
from mcp_servers.offered.wishes import ServeWish
from tests.mcp_servers.offered.harbour import Harbour, harbour, text_of

HELLO: Mapping[str, object] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


async def post(
    port: Harbour, body: object = HELLO, *, secret: str | None = None, path: str = "", headers: Mapping[str, str] = {}
) -> tuple[int, str, Mapping[str, str]]:
    sent = {**ACCEPT, **({"Authorization": f"Bearer {secret}"} if secret else {}), **headers}
    data = body if isinstance(body, str) else json.dumps(body)
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{port.server.url}{path}", data=data, headers=sent) as answer,
    ):
        return answer.status, await answer.text(), answer.headers


@pytest.mark.parametrize("path", ["", "/memory", "/discord", "/reminders"])
async def test_without_a_token_every_path_is_closed(port: Harbour, path: str) -> None:
    status, text, headers = await post(port, path=path)
    wrong, _, _ = await post(port, path=path, secret="digm_wrong")
    right, _, _ = await post(port, path=path, secret=await port.token(port.town.mia))

    assert (status, wrong, right) == (401, 401, 200)
    assert "Bearer" in headers["www-authenticate"]
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8848"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
async def test_a_page_cannot_reach_the_endpoint_through_dns(
    port: Harbour, headers: Mapping[str, str], status: int
) -> None:
    secret = await port.token(port.town.mia)

    assert (await post(port, secret=secret, headers=headers))[0] == status


async def test_the_host_is_checked_as_well_where_it_listens_everywhere(tmp_path: Path) -> None:
    wish = ServeWish(host="0.0.0.0", port=0, allowed_hosts=("mcp.example",), stop_seconds=1)
    async with harbour(tmp_path, wish=wish) as port:
        secret = await port.token(port.town.mia)
        url = port.server.url.replace("mcp.example", "127.0.0.1")
        seen: list[int] = []
        for host in ("mcp.example", "mcp.example:443", "evil.example", "127.0.0.1"):
            headers = {**ACCEPT, "Authorization": f"Bearer {secret}", "Host": host}
            async with (
                aiohttp.ClientSession() as http,
                http.post(url, data=json.dumps(HELLO), headers=headers) as answer,
            ):
                seen.append(answer.status)

    assert seen == [200, 200, 421, 200]
    assert "mcp.example" in port.server.url


async def test_what_is_no_request_is_refused(port: Harbour) -> None:
    secret = await port.token(port.town.mia)
    too_long = {**HELLO, "padding": "x" * 300_000}

    assert (await post(port, too_long, secret=secret))[0] == 413
    for nonsense in ("", "{", "[]", "null", '"hello"', "[1,2,3]", json.dumps({"jsonrpc": "1.0"})):
        status, text, _ = await post(port, nonsense, secret=secret)
        assert 400 <= status < 500, nonsense
        assert "Traceback" not in text
    async with aiohttp.ClientSession() as http:
        for method in ("GET", "PUT"):
            auth = {"Authorization": f"Bearer {secret}"}
            async with http.request(method, port.server.url, headers=auth) as answer:
                assert answer.status == 405
        async with http.get(port.server.url.replace("/mcp", "/elsewhere")) as answer:
            assert answer.status == 404


async def test_a_session_is_of_the_token_that_began_it(port: Harbour) -> None:
    mine, other = await port.token(port.town.ada), await port.token(port.town.mia)
    _, _, headers = await post(port, secret=mine)
    session = {"Mcp-Session-Id": headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
    asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}

    assert (await post(port, asked, secret=other, headers=session))[0] == 404
    assert (await post(port, asked, secret=mine, headers=session))[0] == 200


async def test_calls_are_limited_by_token_and_the_limit_is_told(tmp_path: Path) -> None:
    wish = ServeWish(port=0, calls_per_minute=60, burst=3, stop_seconds=1)
    async with harbour(tmp_path, wish=wish) as port:
        async with port.client(await port.token(port.town.mia)) as client:
            results = [await client.call_tool("list_facts", {}) for _ in range(5)]
        async with port.client(await port.token(port.town.ada)) as other:
            free = await other.call_tool("list_facts", {})

    assert [result.is_error for result in results[:3]] == [False] * 3
    assert results[4].is_error
    assert "Too many calls with this token; try again in 1 s." in text_of(results[4])
    assert not free.is_error


async def test_lists_cannot_be_asked_for_without_end_either(tmp_path: Path) -> None:
    wish = ServeWish(port=0, calls_per_minute=6, burst=1, stop_seconds=1)
    async with harbour(tmp_path, wish=wish) as port:
        secret = await port.token(port.town.mia)
        answers = [await post(port, secret=secret) for _ in range(7)]

    statuses = [status for status, _, _ in answers]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert int(answers[-1][2]["Retry-After"]) >= 1


async def test_a_port_that_is_taken_is_one_sentence(port: Harbour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        server = OfferedServer(port.offer, port.tokens, ServeWish(port=number))
        with pytest.raises(CannotListenError, match=f"127.0.0.1 port {number}: .*; set another mcp.serve.port"):
            await server.__aenter__()


async def test_other_pages_can_stand_beside_it(port: Harbour) -> None:
    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    wish = ServeWish(port=0, stop_seconds=1)
    async with (
        OfferedServer(port.offer, port.tokens, wish, routes=[Route("/hello", hello)]) as server,
        aiohttp.ClientSession() as http,
        http.get(server.url.replace("/mcp", "/hello")) as answer,
    ):
        assert await answer.text() == "hello"


async def test_it_stops_soon_though_a_call_never_ends(tmp_path: Path) -> None:
    from tests.mcp_servers.offered.test_tools import SlowTools  # noqa: PLC0415

    slow = SlowTools()
    calling: asyncio.Task[object] | None = None
    async with asyncio.timeout(15):
        async with harbour(tmp_path, slow) as port:
            secret = await port.token(port.town.mia, Scope.READ)
            nothing: dict[str, object] = {}
            meta = {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": nothing,
            }
            params = {"name": "wait", "arguments": nothing, "_meta": meta}
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "wait"}
            calling = asyncio.create_task(post(port, call, secret=secret, headers=headers))
            await slow.begun.wait()
        await slow.stopped.wait()
        await asyncio.wait([calling])
    calling.exception()
