"""An OpenAI-compatible server on a loopback socket that misbehaves by script: each request gets the next reply."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

from pydantic import JsonValue, TypeAdapter

JSON = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])
DONE = b"data: [DONE]\n\n"


class Ending(Enum):
    """How a reply ends."""

    CLEAN = "clean"
    CUT = "cut"
    """The connection closes in the middle of the body."""
    STALL = "stall"
    """Nothing more comes, and the connection stays."""


@dataclass(frozen=True)
class Reply:
    """Bytes on the wire; `until` holds back what follows the first piece."""

    pieces: Sequence[bytes]
    status: int = 200
    kind: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ending: Ending = Ending.CLEAN
    until: asyncio.Event | None = None


@dataclass(frozen=True)
class Request:
    """What arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, JsonValue]


class ScriptedServer:
    """The last reply is given to every request that follows it, too."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.arrived = asyncio.Event()
        self.hung_up = asyncio.Event()
        """The client closed a stalled connection."""
        self.url = ""

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncGenerator[None]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with server:
            yield

    def reply(self, request: Request) -> Reply:
        del request
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        if request is None:
            writer.close()
            return
        self.requests.append(request)
        self.arrived.set()
        reply = self.reply(request)
        try:
            await self._write(reply, writer)
            if reply.ending is Ending.STALL:
                await reader.read()
                self.hung_up.set()
        except ConnectionError:
            self.hung_up.set()
        finally:
            writer.close()

    async def _write(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {reply.status} Scripted", f"Content-Type: {reply.kind}", "Connection: close"]
        lines += ["Transfer-Encoding: chunked", *(f"{name}: {value}" for name, value in reply.headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        for piece in reply.pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            if reply.until:
                await reply.until.wait()
        if reply.ending is Ending.CLEAN:
            writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        start, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(start.split(" ")[1], headers, JSON.validate_json(body) if body else {})


def event(value: JsonValue) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def delta(said: dict[str, JsonValue], finish: str | None = None) -> bytes:
    return event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said, "finish_reason": finish}]})


def text(content: str, finish: str | None = None) -> bytes:
    return delta({"content": content}, finish)


def call(name: JsonValue, arguments: JsonValue, *, index: JsonValue = 0, call_id: JsonValue = None) -> JsonValue:
    return {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*entries: JsonValue, finish: str | None = None) -> bytes:
    return delta({"tool_calls": list(entries)}, finish)


def usage(read: int, written: int) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": read, "completion_tokens": written}})


def says(*pieces: str, tokens: tuple[int, int] = (100, 10)) -> Reply:
    """A well-behaved stream of text."""
    return Reply([*(text(piece) for piece in pieces), text("", "stop"), usage(*tokens), DONE])


def asks(*entries: JsonValue, tokens: tuple[int, int] = (100, 10)) -> Reply:
    """A well-behaved stream of tool calls."""
    return Reply([calls(*entries), delta({}, "tool_calls"), usage(*tokens), DONE])


def stream(*pieces: bytes, ending: Ending = Ending.CLEAN) -> Reply:
    return Reply(pieces, ending=ending)


def whole(value: JsonValue, *, status: int = 200, **headers: str) -> Reply:
    """One JSON document."""
    named = {name.replace("_", "-"): each for name, each in headers.items()}
    return Reply([json.dumps(value).encode()], status=status, kind="application/json", headers=named)


def error(status: int, message: str, code: str | None = None, **headers: str) -> Reply:
    return whole({"error": {"message": message, "code": code}}, status=status, **headers)
