"""An ASGI application on a port, in the bot's own loop."""

import asyncio
import contextlib
import math
import os
import socket
from collections.abc import Generator
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from mcp_servers.offered.wishes import ServeWish

MAX_CONNECTIONS = 500
BACKLOG = 100


class CannotListenError(Exception):
    """The port cannot be had: one sentence for the operator."""


class Listener:
    """Listens from the moment it is entered; leaving it, what runs may end within `stop_seconds`."""

    def __init__(self, app: ASGIApp, wish: ServeWish) -> None:
        self._wish = wish
        self._server = _Uvicorn(_config(app, wish))
        self._port = wish.port
        self._running: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Without a path."""
        return self._wish.base_url(self._port)

    async def __aenter__(self) -> Self:
        """Raises CannotListenError."""
        listener = _listen(self._wish)
        self._port = listener.getsockname()[1]
        self._running = asyncio.create_task(self._server.serve(sockets=[listener]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._running, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if self._running.done():
            await self._running
            raise CannotListenError("the MCP endpoint did not start; the log says why")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stopping.set()
        if self._running is not None:
            await self._running


class _Uvicorn(uvicorn.Server):
    """A guest in the bot's loop: signals stay with the bot, and it wakes only to stop."""

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


def _config(served: ASGIApp, wish: ServeWish) -> uvicorn.Config:
    return uvicorn.Config(
        served,
        http="h11",  # httptools keeps blanks at the end of a header, and one scenario of conformance looks at that
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=math.ceil(wish.stop_seconds),
    )


def _listen(wish: ServeWish) -> socket.socket:
    family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
    # With its protocol named: asyncio switches Nagle's algorithm off only then, and it costs 40 ms an answer
    # (`asyncio.base_events._set_nodelay`; `socket.create_server` leaves the protocol at 0).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((wish.host, wish.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        why = error.strerror or "it cannot be used"
        raise CannotListenError(
            f"mcp.serve: {wish.host} port {wish.port}: {why}; set another mcp.serve.port, or end what uses it"
        ) from None
    return listener
