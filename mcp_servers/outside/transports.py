"""From what the operator wrote of a server to a transport of the mcp library, and what is known when it fails."""

import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, get_default_environment, stdio_client
from mcp.client.streamable_http import streamable_http_client

from chat.ids import UserId
from mcp_servers.outside import leash
from mcp_servers.outside.asking import mine
from mcp_servers.outside.stderr import LastLines
from mcp_servers.outside.wishes import Address, Program, ServerWish

TIMEOUT = httpx2.Timeout(30, read=300)
MOST_EVENT_BYTES = 32 * 1024 * 1024
"""Of one event of a stream: the library's own megabyte is less than one large picture."""


class CannotStartError(Exception):
    """The program of a server cannot be started: one sentence."""


class HttpClients(Protocol):
    """Where the HTTP client of a connection comes from: its headers, whose account it uses, what it may reach."""

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:
        """A new one, which the connection closes. `person`: whose connection it is; None for the one that all share."""
        ...


class PlainHttp:
    """The headers of the wish, and nothing else: no sign-in, and no guard of where it leads."""

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:  # noqa: ARG002
        headers = dict(wish.at.headers) if isinstance(wish.at, Address) else {}
        return httpx2.AsyncClient(headers=headers, timeout=TIMEOUT)


class Door:
    """The way to one server, opened again for each attempt."""

    def __init__(self, wish: ServerWish, person: UserId | None, http: HttpClients) -> None:
        self._wish = wish
        self._person = person
        self._http = http
        self.lines = LastLines()
        """What the program wrote to its standard error, of the last attempt."""
        self.status: int | None = None
        """The last HTTP status that was an error, of the last attempt."""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[TransportStreams]:
        """Raises CannotStartError, and what the libraries raise when a server cannot be reached."""
        self.lines.clear()
        self.status = None
        match self._wish.at:
            case Program() as program:
                with self.lines.gathered() as errors:
                    async with stdio_client(_leashed(program), errlog=errors) as streams:
                        yield streams
            case Address(is_sse=True) as address:
                async with sse_client(
                    address.url,
                    httpx_client_factory=lambda headers=None, timeout=None, auth=None: self._client(),  # noqa: ARG005
                ) as streams:
                    yield streams
            case Address() as address:
                async with (
                    self._client() as client,
                    streamable_http_client(
                        address.url, http_client=client, max_sse_event_size=MOST_EVENT_BYTES
                    ) as streams,
                ):
                    yield streams

    def _client(self) -> httpx2.AsyncClient:
        client = self._http.client(self._wish, self._person)
        # Of a refused request the library tells only that there was an error.
        client.event_hooks["response"].append(self._note_status)
        client.event_hooks["request"].append(_watch_sending)
        return client

    async def _note_status(self, response: httpx2.Response) -> None:
        if response.status_code in {401, 403, 407, 429} or response.status_code >= 500:
            self.status = response.status_code


async def _watch_sending(request: httpx2.Request) -> None:
    """A call that could not even be sent may be made again; one that may have arrived must not."""
    call = mine()
    if call is None or request.method != "POST":
        return
    call.is_sent = False

    async def trace(event: str, _: object) -> None:
        if event.endswith("send_request_headers.started"):
            call.is_sent = True

    request.extensions["trace"] = trace


def _leashed(program: Program) -> StdioServerParameters:
    command = _found(program)
    return StdioServerParameters(
        command=sys.executable,
        args=["-I", "-S", str(Path(leash.__file__)), str(os.getpid()), command, *program.args],
        env=dict(program.env),
        cwd=program.cwd,
        encoding_error_handler="replace",
    )


def _found(program: Program) -> str:
    """Looked for before anything is started, because a sentence is worth more than the exit code of a launcher."""
    if program.cwd is not None and not program.cwd.is_dir():
        raise CannotStartError("its working directory `cwd` does not exist")
    command = program.command
    if os.sep in command and program.cwd is not None:
        command = str(program.cwd / command)
    path = {**get_default_environment(), **program.env}.get("PATH")
    if shutil.which(command, path=path) is None:
        raise CannotStartError(
            f"its program `{Path(program.command).name}` was not found; install it or correct `command`"
        )
    return command
