"""Which model the demo takes, looked for at real servers on loopback."""

import asyncio
import socket
from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.demo.finding import Found, find_model
from bot.demo.scripted_model import scripted_model
from bot.demo.served import Served


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def listing(*names: str) -> Starlette:
    async def models(_: Request) -> Response:
        return JSONResponse({"data": [{"id": name, "object": "model"} for name in names]})

    return Starlette(routes=[Route("/v1/models", models)])


def saying(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Starlette:
    async def models(_: Request) -> Response:
        return PlainTextResponse(text, status, headers)

    return Starlette(routes=[Route("/v1/models", models)])


async def test_the_first_that_answers_is_taken_with_a_model_that_can_chat() -> None:
    async with Served(listing("nomic-embed-text", "qwen3:4b")) as first, Served(listing("llama")) as second:
        found = await find_model([closed_port(), f"{first}/v1", f"{second}/v1"])
    assert found == Found(f"{first}/v1", "qwen3:4b")


async def test_the_configured_model_is_asked_for_though_others_are_listed() -> None:
    async with Served(listing("llama")) as url:
        assert await find_model([f"{url}/v1"], wanted="mine") == Found(f"{url}/v1", "mine")


async def test_the_configured_server_may_keep_its_models_to_itself() -> None:
    async with Served(saying("not here", 404)) as url:
        assert await find_model([f"{url}/v1"], wanted="mine") == Found(f"{url}/v1", "mine")


@pytest.mark.parametrize(
    "server",
    [
        listing(),
        listing("bge-m3", "whisper-1"),
        saying("<html>a web server of another kind</html>"),
        saying("{}"),
        saying('{"data": 3}'),
        saying("not found", 404),
    ],
)
async def test_what_has_no_model_to_chat_with_is_passed_over(server: Starlette) -> None:
    async with Served(server) as url, Served(listing("llama")) as good:
        assert await find_model([f"{url}/v1", f"{good}/v1"]) == Found(f"{good}/v1", "llama")


async def test_a_server_that_is_broken_does_not_answer() -> None:
    async with Served(saying("bad gateway", 502)) as url:
        assert await find_model([f"{url}/v1"], wanted="mine") is None


async def test_a_server_that_hangs_costs_a_moment_and_no_more() -> None:
    left = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, asyncio.timeout(4):
        port = server.sockets[0].getsockname()[1]
        assert await find_model([f"http://127.0.0.1:{port}/v1"]) is None
        await left.wait()


async def test_nonsense_for_an_address_is_passed_over() -> None:
    assert await find_model(["http://[/v1", "nonsense", ""], wanted="mine") is None


async def test_a_server_of_this_machine_is_reached_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    async with Served(scripted_model()) as url:
        assert await find_model([f"{url}/v1"]) == Found(f"{url}/v1", "scripted-demo")
