"""An OpenAI-compatible server that is no LLM: it knows a handful of phrasings and calls the tools for real.

It lets a newcomer try the bot without a model. Whatever it says carries a label that says so.
"""

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.heard import Heard, hear
from bot.demo.phrases import Call, Say, respond

NAME = "scripted-demo"
LABEL = "scripted demo model, not an LLM"
WORD_SECONDS = 0.02  # slow enough to see the answer stream, quick enough not to bore


class _Function(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    arguments: str


class _ToolCall(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    function: _Function


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[dict[str, JsonValue]] | None = None
    tool_calls: list[_ToolCall] = []
    tool_call_id: str = ""

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text", "")) for part in self.content)
        return self.content or ""


class _Tool(BaseModel):
    model_config = ConfigDict(extra="ignore")

    function: dict[str, JsonValue]


class _Query(BaseModel):
    model_config = ConfigDict(extra="ignore")

    messages: list[_Message]
    tools: list[_Tool] = []
    stream: bool = False


def scripted_model(*, word_seconds: float = WORD_SECONDS) -> Starlette:
    """The server as an ASGI application: `/v1/models` and `/v1/chat/completions`."""

    async def complete(request: Request) -> Response:
        return _completed(await request.body(), word_seconds)

    return Starlette(
        routes=[Route("/v1/models", _models), Route("/v1/chat/completions", complete, methods=["POST"])],
    )


async def _models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": LABEL}]})


def _completed(body: bytes, word_seconds: float) -> Response:
    try:
        query = _Query.model_validate_json(body)
    except ValidationError:
        error = {"message": "this is no chat completion request", "type": "invalid_request_error"}
        return JSONResponse({"error": error}, status_code=400)
    answer = respond(_heard(query.messages), {str(tool.function.get("name")) for tool in query.tools})
    usage: dict[str, JsonValue] = {"prompt_tokens": len(body) // 4, "completion_tokens": 20}
    if not query.stream:
        return JSONResponse({**_envelope(), "choices": [_whole(answer)], "usage": usage})
    return StreamingResponse(_stream(answer, usage, word_seconds), media_type="text/event-stream")


def _heard(messages: Sequence[_Message]) -> Heard:
    """The newest request and what the tools have answered since."""
    last = max((i for i, message in enumerate(messages) if message.role == "user"), default=0)
    names = {call.id: call.function.name for message in messages for call in message.tool_calls}
    results = [(names.get(m.tool_call_id, ""), m.text) for m in messages[last:] if m.role == "tool"]
    system = next((message.text for message in messages if message.role == "system"), "")
    return hear(messages[last].text if messages else "", system=system, results=results)


def _envelope() -> dict[str, JsonValue]:
    return {
        "id": f"demo-{uuid.uuid4().hex[:8]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": NAME,
    }


def _tool_call(call: Call, index: int) -> dict[str, JsonValue]:
    function: dict[str, JsonValue] = {"name": call.tool, "arguments": json.dumps(call.arguments)}
    return {"index": index, "id": f"call_{uuid.uuid4().hex[:8]}", "type": "function", "function": function}


def _labelled(text: str) -> str:
    return f"{text}\n-# {LABEL}"


def _whole(answer: Say | Sequence[Call]) -> dict[str, JsonValue]:
    if isinstance(answer, Say):
        message: dict[str, JsonValue] = {"role": "assistant", "content": _labelled(answer.text)}
        return {"index": 0, "finish_reason": "stop", "message": message}
    calls: list[JsonValue] = [_tool_call(call, index) for index, call in enumerate(answer)]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    return {"index": 0, "finish_reason": "tool_calls", "message": message}


async def _stream(
    answer: Say | Sequence[Call], usage: Mapping[str, JsonValue], word_seconds: float
) -> AsyncIterator[str]:
    envelope = {**_envelope(), "object": "chat.completion.chunk"}

    def event(delta: Mapping[str, JsonValue], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
        return f"data: {json.dumps({**envelope, 'choices': [choice]})}\n\n"

    yield event({"role": "assistant", "content": ""})
    if isinstance(answer, Say):
        for word in re.findall(r"\s*\S+|\s+$", _labelled(answer.text)):
            yield event({"content": word})
            await asyncio.sleep(word_seconds)
        yield event({}, "stop")
    else:
        yield event({"tool_calls": [_tool_call(call, index) for index, call in enumerate(answer)]})
        yield event({}, "tool_calls")
    yield f"data: {json.dumps({**envelope, 'choices': [], 'usage': dict(usage)})}\n\ndata: [DONE]\n\n"
