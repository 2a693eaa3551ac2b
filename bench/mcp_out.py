"""A call of a native tool through our MCP endpoint against the mcp library's own minimal server, by the same client.

`python -m bench.mcp_out [--json]`. Each server is a process of its own, with one tool that only answers; ours takes a
token, looks up whose it is, applies limits and rights, and logs the call. They are asked in turn.
"""

import argparse
import asyncio
import json
import logging
import socket
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import httpx2
import uvicorn
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer

from mcp_servers.offered.tokens import Scope
from mcp_servers.offered.wishes import ServeWish
from tests.mcp_servers.offered.harbour import harbour
from tools.native import tool

Era = Literal["auto", "legacy"]
ROUNDS, CALLS, WARM = 15, 40, 40
WORDS = "a short answer"


class Echo:
    """The tool of both."""

    @tool(title="Echo")
    async def echo(self, *, text: str) -> str:
        """Say it again."""
        return text


async def serve_ours() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    wish = ServeWish(port=0, burst=1_000_000, stop_seconds=1)
    with tempfile.TemporaryDirectory() as folder:
        async with harbour(Path(folder), Echo(), wish=wish) as port:
            secret = await port.token(port.town.mia, Scope.WRITE)
            print(json.dumps([port.server.url, secret]), flush=True)
            await asyncio.to_thread(sys.stdin.read)


async def serve_floor() -> None:
    server = MCPServer("floor", log_level="INFO")

    @server.tool()
    async def echo(text: str) -> str:
        """Say it again."""
        return text

    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    running = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), port=number, log_level="warning"))
    print(json.dumps([f"http://127.0.0.1:{number}/mcp", ""]), flush=True)
    stopping = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    stopping.add_done_callback(lambda _: setattr(running, "should_exit", True))
    await running.serve()


@asynccontextmanager
async def process(side: str) -> AsyncGenerator[tuple[str, str]]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.mcp_out",
        "--serve",
        side,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        url, secret = json.loads(await child.stdout.readline())
        yield url, secret
    finally:
        child.stdin.close()
        await child.wait()


@asynccontextmanager
async def connected(at: tuple[str, str], era: Era) -> AsyncGenerator[Client]:
    url, secret = at
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        await client.list_tools()
        yield client


async def milliseconds(client: Client, calls: int) -> float:
    """The median of so many calls, one after the other."""
    taken: list[float] = []
    for _ in range(calls):
        started = time.perf_counter()
        result = await client.call_tool("echo", {"text": WORDS})
        taken.append((time.perf_counter() - started) * 1000)
        assert not result.is_error
    return statistics.median(taken)


async def compared(ours: tuple[str, str], floor: tuple[str, str], era: Era) -> dict[str, object]:
    async with connected(ours, era) as mine, connected(floor, era) as theirs:
        for client in (mine, theirs):
            await milliseconds(client, WARM)
        pairs = [(await milliseconds(mine, CALLS), await milliseconds(theirs, CALLS)) for _ in range(ROUNDS)]
    ratios = sorted(a / b for a, b in pairs)
    return {
        "ms": round(statistics.median(a for a, _ in pairs), 2),
        "floor_ms": round(statistics.median(b for _, b in pairs), 2),
        "ratio": round(statistics.median(ratios), 2),
        "spread": [round(ratios[len(ratios) // 10], 2), round(ratios[-1 - len(ratios) // 10], 2)],
    }


async def answers(url: str) -> None:
    """Wait until something listens there."""
    async with asyncio.timeout(30), httpx2.AsyncClient() as http:
        while True:
            try:
                await http.get(url)
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


async def measure() -> dict[str, object]:
    eras: Sequence[tuple[str, Era]] = (("2026-07-28", "auto"), ("2025-11-25", "legacy"))
    async with process("ours") as ours, process("floor") as floor:
        await answers(floor[0])
        return {name: await compared(ours, floor, era) for name, era in eras}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--serve", choices=["ours", "floor"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve_ours() if given.serve == "ours" else serve_floor())
        return
    figures = asyncio.run(measure())
    print(json.dumps(figures) if given.json else "\n".join(f"{name}: {row}" for name, row in figures.items()))


if __name__ == "__main__":
    main()
