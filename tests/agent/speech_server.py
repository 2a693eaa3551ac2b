"""A server with OpenAI's /v1/audio/transcriptions that answers by script; the last reply is given again and again."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Reply:
    """What it answers; with a gate, not before that opens."""

    body: str | bytes
    status: int = 200
    kind: str = "application/json"
    gate: asyncio.Event | None = None


def heard(text: str) -> Reply:
    return Reply(json.dumps({"text": text}))


@dataclass(frozen=True)
class Upload:
    """A request as it came."""

    audio: bytes
    filename: str
    media_type: str
    fields: dict[str, str]
    key: str


class _Server(uvicorn.Server):
    """A guest in the test's process: signals stay with the host."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@dataclass
class SpeechServer:
    """`url` is the base URL while `running`."""

    script: list[Reply] = field(default_factory=list[Reply])
    uploads: list[Upload] = field(default_factory=list[Upload])
    url: str = ""

    async def _transcribe(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            fields = {key: value for key, value in form.items() if isinstance(value, str)}
            key = request.headers.get("authorization", "").removeprefix("Bearer ")
            about = file.filename or "", file.content_type or ""
            self.uploads.append(Upload(await file.read(), *about, fields, key))
        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if reply.gate is not None:
            await reply.gate.wait()
        return Response(reply.body, reply.status, media_type=reply.kind)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["SpeechServer"]:
        routes = [Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server, listener = _Server(config), socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([listener]))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.should_exit = server.force_exit = True
            await serving
