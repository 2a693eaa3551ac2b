"""An ASGI application on a loopback port, for the length of an `async with`."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """A guest in somebody else's process: signals stay with the host."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Served:
    """Listens on 127.0.0.1 from the moment it is entered; `url` has no trailing slash."""

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        self._port = port
        self._server = _Server(uvicorn.Config(app, log_level="warning", lifespan="off"))

    async def __aenter__(self) -> str:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task
