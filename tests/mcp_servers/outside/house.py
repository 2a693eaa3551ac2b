"""Connections under test: real programs and real sockets, and a town to ask from."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from chat.clock import utc_now
from chat.ids import RoleId
from mcp_servers.outside.connection import Connection
from mcp_servers.outside.manager import Outside
from mcp_servers.outside.people import Elicitor, Sampler
from mcp_servers.outside.state import State
from mcp_servers.outside.toolset import OutsideTools
from mcp_servers.outside.transports import HttpClients, PlainHttp
from mcp_servers.outside.wishes import Address, Program, Protocol, ServerWish
from tests.tools.world import Town
from tools.calls import ToolCall, ToolResult, ToolSpec
from tools.context import ToolContext

SERVERS = Path(__file__).parent / "servers"
PATIENCE = 30.0
ERAS = [Protocol.AUTO, Protocol.LEGACY]


def plain(name: str = "plain", **changes: object) -> ServerWish:
    return changed(ServerWish(name, Program(sys.executable, (str(SERVERS / "plain.py"), "stdio"))), **changes)


def raw(manner: str, name: str = "raw", **changes: object) -> ServerWish:
    program = Program(sys.executable, (str(SERVERS / "raw.py"), manner))
    return changed(ServerWish(name, program, protocol=Protocol.LEGACY), **changes)


def at(port: int, name: str = "web", **changes: object) -> ServerWish:
    return changed(ServerWish(name, Address(f"http://127.0.0.1:{port}/mcp", allow_private=True)), **changes)


def changed(wish: ServerWish, **changes: object) -> ServerWish:
    return replace(wish, **changes)  # pyright: ignore[reportArgumentType] - the caller's words are the fields


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web_server(port: int, transport: str = "http") -> Generator[subprocess.Popen[bytes]]:
    """Listens once this is entered."""
    running = subprocess.Popen(
        [sys.executable, str(SERVERS / "plain.py"), transport, str(port)], stderr=subprocess.DEVNULL
    )
    try:
        listens(port)
        yield running
    finally:
        running.kill()
        running.wait()


def listens(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "it does not listen"
            time.sleep(0.05)
        else:
            return


async def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(0.01)


@dataclass
class Links:
    """Outside servers, and how a model uses them."""

    outside: Outside
    tools: OutsideTools
    town: Town
    roles: set[RoleId] = field(default_factory=set[RoleId])
    reports: list[str] = field(default_factory=list[str])

    def context(self, **changes: object) -> ToolContext:
        asked = replace(self.town.ask(self.town.ada), report=self.reports.append)
        return replace(asked, **changes)  # pyright: ignore[reportArgumentType]

    def connection(self, name: str) -> Connection:
        found = self.outside.connection(name, self.town.ada.id)
        assert found is not None
        return found

    def state(self, name: str) -> State:
        return next(each.state for each in self.outside.states() if each.name == name)

    def error(self, name: str) -> str:
        return next(each.error for each in self.outside.states() if each.name == name)

    async def up(self, *names: str) -> None:
        for name in names:
            await until(lambda name=name: self.state(name) is State.UP)

    async def call(self, name: str, context: ToolContext | None = None, /, **arguments: object) -> ToolResult:
        call = ToolCall("call", name, json.dumps(arguments))
        return await self.tools.call(call, context or self.context())

    async def specs(self, context: ToolContext | None = None) -> dict[str, ToolSpec]:
        return {spec.name: spec for spec in await self.tools.specs(context or self.context())}


@asynccontextmanager
async def links(
    *wishes: ServerWish,
    http: HttpClients | None = None,
    elicitor: Elicitor | None = None,
    sampler: Sampler | None = None,
) -> AsyncGenerator[Links]:
    """Serves as the bot does: in a task that is cancelled natively at the end."""
    outside = Outside(wishes=wishes, http=http or PlainHttp(), elicitor=elicitor, sampler=sampler, clock=utc_now)
    roles: set[RoleId] = set()

    async def roles_of(_: ToolContext) -> frozenset[RoleId]:
        return frozenset(roles)

    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(outside.serve())
        await asyncio.sleep(0)
        try:
            yield Links(outside, OutsideTools(outside, roles_of=roles_of), Town(), roles)
        finally:
            serving.cancel()


def programs(mark: str) -> list[psutil.Process]:
    """The programs below this process whose command line has this word, launchers aside."""
    found: list[psutil.Process] = []
    for each in psutil.Process().children(recursive=True):
        try:
            line = each.cmdline()
        except psutil.Error:
            continue
        if any(mark in word for word in line) and not any("leash.py" in word for word in line):
            found.append(each)
    return found
