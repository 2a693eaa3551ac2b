"""The sandbox as one thing to start: builds the parts, listens on loopback, and goes away without a trace."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from sandbox.assembly import Assembly, Urls, assemble
from sandbox.building import build
from sandbox.models import Message
from sandbox.requests import Served
from sandbox.saving import load_state, save_state
from sandbox.state import State
from sandbox.web import LoopbackOnly
from sandbox.world_file import World

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the world, with what it takes to act as them."""

    id: int
    name: str
    token: str
    bot: bool

    @property
    def authorization(self) -> str:
        return f"Bot {self.token}" if self.bot else self.token


class _Server(uvicorn.Server):
    """uvicorn inside somebody else's loop: leaves signals alone and wakes only when asked to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def main_loop(self) -> None:
        self.listening.set()
        await self.stopping.wait()


class Sandbox:
    """`async with Sandbox(world) as box:` runs a local Discord on 127.0.0.1."""

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        state_file: Path | None = None,
        notice: str | None = None,
        realistic_limits: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        # With the protocol named, asyncio switches Nagle off; without, each answer may wait 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            state = _opened(world, state_file, clock)
            self._socket.bind((HOST, port))
        except BaseException:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self.urls = Urls.on(HOST, self.port)
        self._state_file = state_file
        self._parts: Assembly = assemble(state, self.urls, notice=notice, realistic_limits=realistic_limits)
        self.state = state
        self.faults = self._parts.faults
        self.log = self._parts.log
        self.limits = self._parts.limits
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def page_url(self) -> str:
        return self.urls.page

    @property
    def api_url(self) -> str:
        return self.urls.api

    @property
    def gateway_url(self) -> str:
        return self.urls.gateway

    @property
    def cdn_url(self) -> str:
        return self.urls.cdn

    async def __aenter__(self) -> Self:
        config = uvicorn.Config(
            self._app(),
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            date_header=False,
            server_header=False,
            # Longer than clients keep an idle connection: else one closes as the other sends, and a request is lost.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([self._socket]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._serving, listening}, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            listening.cancel()
            await self._serving
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._parts.gateway.say_goodbye()
        self._parts.interactions.close()
        if self._server is not None and self._serving is not None:
            self._server.stopping.set()
            await self._serving
        self.save()

    def save(self) -> None:
        """Write the state file, if there is one; also done at the end."""
        if self._state_file is not None:
            save_state(self.state, self._state_file)

    def _app(self) -> LoopbackOnly:
        parts = self._parts
        routes = [
            Route("/api/{version}/{path:path}", parts.pipeline.serve, methods=_METHODS),
            WebSocketRoute("/gateway", parts.gateway.serve),
            WebSocketRoute("/gateway/", parts.gateway.serve),
            Route("/cdn/attachments/{channel}/{attachment}/{filename:path}", parts.pages.file),
            Route("/", parts.pages.index),
            Route("/sandbox/people", parts.pages.people),
            Route("/sandbox/info", parts.pages.info),
            Mount("/static", parts.pages.static),
        ]
        return LoopbackOnly(Starlette(routes=routes))

    # For tests and the demo

    def person(self, name: str) -> Person:
        """By username or display name."""
        user = self.state.user_named(name)
        return Person(user.id, user.username, user.token, user.bot)

    def join(self, server: str, name: str) -> None:
        """Somebody comes into a server, as through an invitation; a bot gets its GUILD_CREATE."""
        self._parts.guilds.join(self.state.guild_named(server), self.state.user_named(name).id)

    def leave(self, server: str, name: str) -> None:
        """Somebody leaves a server; a bot gets its GUILD_DELETE."""
        self._parts.guilds.leave(self.state.guild_named(server), self.state.user_named(name).id)

    async def wait_for(self, wanted: Callable[[Served], bool], timeout: float = 5.0) -> Served:  # noqa: ASYNC109
        """The first REST request, already served or yet to come, that is wanted. Raises TimeoutError."""
        return await self.log.wait_for(wanted, timeout)

    async def wait_for_message(
        self,
        wanted: Callable[[Message], bool],
        timeout: float = 5.0,  # noqa: ASYNC109
    ) -> Message:
        """The first message, already there or yet to be written or edited so, that is wanted. Raises TimeoutError."""
        for message in self.state.contents.messages.values():
            if wanted(message):
                return message
        found: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def look(name: str, message: Message) -> None:
            if name != "MESSAGE_DELETE" and not found.done() and wanted(message):
                found.set_result(message)

        listeners = self._parts.hub.listeners
        listeners.append(look)
        try:
            async with asyncio.timeout(timeout):
                return await found
        finally:
            listeners.remove(look)


def _opened(world: World, state_file: Path | None, clock: Callable[[], datetime]) -> State:
    """From the state file when there is one, else fresh from the world."""
    if state_file is not None and state_file.exists():
        return load_state(state_file, clock)
    built = build(world, clock())
    return State(contents=built.contents, files=built.files, clock=clock)
