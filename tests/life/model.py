"""A scripted OpenAI-compatible server: its answers depend on the words of the request and the tools' results so far.

    model.on("deploy", call("post_message", channel="#ops", text="It is done."), say("Told them."))

Whatever nobody scripted is answered with `echo(words)`.
"""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from pydantic import JsonValue, TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

JSON = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])
PATIENCE = 5.0


@dataclass(frozen=True)
class Say:
    """Text, streamed piece by piece; each gate is waited for before the piece of its number (from the second on)."""

    pieces: Sequence[str]
    gates: Sequence[asyncio.Event] = ()
    pause: float = 0.0
    """Between the pieces, where a gate would be too much: how slow the model is."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True)
class Call:
    """One tool call."""

    tool: str
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Calls:
    """Tool calls, asked for in one answer."""

    calls: Sequence[Call]


@dataclass(frozen=True)
class Fail:
    """An error, or a page of HTML with status 200."""

    status: int
    retry_after: float | None = None
    says: str = "scripted"


@dataclass(frozen=True)
class Hang:
    """No answer until the gate opens."""

    gate: asyncio.Event


Step = Say | Calls | Fail | Hang


def say(text: str) -> Say:
    return Say([text])


def call(tool: str, **arguments: JsonValue) -> Calls:
    return Calls([Call(tool, arguments)])


def echo(words: str) -> str:
    return f"You said: {words}"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    words: str
    results: tuple[str, ...]
    """Of the tools that this turn has called so far."""
    tools: frozenset[str]
    prompt: str
    """All of it, as text."""
    pictures: tuple[str, ...] = ()
    """The data URLs of the last user message, in their order."""
    model: str = ""
    temperature: object = None


@dataclass
class ScriptedModel:
    """`url` is the base URL while `running`."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    default: Say | None = None
    models: list[str] = field(default_factory=lambda: ["scripted"])
    """What it lists."""
    scripts: list[tuple[str, tuple[Step, ...]]] = field(default_factory=list[tuple[str, tuple[Step, ...]]])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def on(self, words: str, *steps: Step) -> None:
        """Requests with these words are answered with these steps in turn; the newest script counts."""
        self.scripts.insert(0, (words, steps))

    async def wait_for(self, words: str, *, results: int = 0, times: int = 1) -> Asked:
        """The (last of so many) requests with these words after so many tool results."""

        def found() -> list[Asked]:
            return [each for each in self.asked if words in each.words and len(each.results) == results]

        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len(found()) >= times)
        return found()[times - 1]

    async def complete(self, request: Request) -> Response:
        asked = _asked(JSON.validate_json(await request.body()))
        async with self.changed:
            self.asked.append(asked)
            self.changed.notify_all()
        step = self._step(asked)
        if isinstance(step, Hang):
            await step.gate.wait()
            step = say(echo(asked.words))
        match step:
            case Fail(status=200, says=says):
                return HTMLResponse(f"<html><body>Bad gateway: {says}</body></html>")
            case Fail(status=status, retry_after=after, says=says):
                headers = {} if after is None else {"retry-after": str(after)}
                return JSONResponse({"error": {"message": says}}, status, headers)
            case Say() | Calls():
                return StreamingResponse(_stream(step), media_type="text/event-stream")

    async def listed(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    def _step(self, asked: Asked) -> Step:
        steps = next((steps for words, steps in self.scripts if words in asked.words), None)
        if steps is None:
            return self.default or say(echo(asked.words))
        return steps[min(len(asked.results), len(steps) - 1)]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["ScriptedModel"]:
        routes = [
            Route("/v1/models", self.listed),
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
        ]
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


class _Server(uvicorn.Server):
    """A guest in the test's process: signals stay with the host."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _asked(body: Mapping[str, JsonValue]) -> Asked:
    messages = [each for each in _list(body.get("messages")) if isinstance(each, dict)]
    users = [number for number, each in enumerate(messages) if each.get("role") == "user"]
    last = users[-1] if users else 0
    results = tuple(_text(each) for each in messages[last:] if each.get("role") == "tool")
    tools = frozenset(re.findall(r'"function": \{"name": "(\w+)"', json.dumps(body.get("tools"))))
    words, whole = _request_in(_text(messages[last])), "\n".join(map(_text, messages))
    return Asked(
        words,
        results,
        tools,
        whole,
        _pictures(messages[last]),
        str(body.get("model")),
        temperature=body.get("temperature"),
    )


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _text(message: Mapping[str, JsonValue]) -> str:
    match message.get("content"):
        case str(text):
            return text
        case list(parts):
            return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
        case _:
            return ""


def _pictures(message: Mapping[str, JsonValue]) -> tuple[str, ...]:
    images = [part.get("image_url") for part in _list(message.get("content")) if isinstance(part, dict)]
    return tuple(str(image["url"]) for image in images if isinstance(image, dict))


def _request_in(prompt: str) -> str:
    """The prompt of a run ends in a line `request {"text": …}`; what the doctor asks is all it says."""
    _, _, last = prompt.rstrip().rpartition("\n")
    quoted = last.removeprefix("request ")
    return last if quoted == last else str(JSON.validate_json(quoted)["text"])


async def _stream(step: Say | Calls) -> AsyncIterator[str]:
    if isinstance(step, Calls):
        yield _event({"tool_calls": [_tool_call(number, each) for number, each in enumerate(step.calls)]})
        yield _event({}, "tool_calls")
    else:
        for number, piece in enumerate(step.pieces):
            if 0 < number <= len(step.gates):
                await step.gates[number - 1].wait()
            elif number and step.pause:
                await _pause(step.pause)
            yield _event({"content": piece})
        yield _event({}, "stop")
    yield "data: [DONE]\n\n"


async def _pause(seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


def _event(delta: dict[str, JsonValue], finish: str | None = None) -> str:
    choice: JsonValue = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"


def _tool_call(number: int, each: Call) -> JsonValue:
    function: JsonValue = {"name": each.tool, "arguments": json.dumps(dict(each.arguments))}
    return {"index": number, "id": f"call_{number}", "type": "function", "function": function}
