"""Language model servers of several kinds, good and bad, over a real socket."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class Kind:
    """How a server behaves."""

    models: tuple[str, ...] | None = ("good",)
    """None: it keeps its list to itself."""
    calls_tools: bool = True
    refuses_tools: bool = False
    refuses_key: bool = False
    html: bool = False
    llama_context: int | None = None
    ollama_context: int | None = None


def server(kind: Kind) -> Starlette:
    async def models(_: Request) -> Response:
        if kind.refuses_key:
            return JSONResponse({"error": {"message": "bad key"}}, status_code=401)
        if kind.models is None:
            return HTMLResponse("<h1>Not here</h1>", status_code=404)
        return JSONResponse({"object": "list", "data": [{"id": name} for name in kind.models]})

    async def complete(request: Request) -> Response:
        body = json.loads(await request.body())
        if kind.html:
            return HTMLResponse("<h1>Gateway</h1>")
        if kind.refuses_tools and body.get("tools"):
            return JSONResponse({"error": {"message": "tool_choice is broken here"}}, status_code=400)
        calls = bool(body.get("tools")) and kind.calls_tools
        return StreamingResponse(_stream(calls=calls), media_type="text/event-stream")

    async def props(_: Request) -> Response:
        return JSONResponse({"default_generation_settings": {"n_ctx": kind.llama_context}})

    routes = [Route("/v1/models", models), Route("/v1/chat/completions", complete, methods=["POST"])]
    if kind.llama_context is not None:
        routes.append(Route("/props", props))
    if kind.ollama_context is not None:
        routes += _ollama(kind.ollama_context)
    return Starlette(routes=routes)


def _ollama(context: int) -> list[Route]:
    """An Ollama that is too old to derive models."""

    async def version(_: Request) -> Response:
        return JSONResponse({"version": "0.1.0"})

    async def show(_: Request) -> Response:
        return JSONResponse({"parameters": f"num_ctx {context}"})

    return [Route("/api/version", version), Route("/api/show", show, methods=["POST"])]


async def _stream(*, calls: bool) -> AsyncIterator[str]:
    call = {"index": 0, "id": "1", "function": {"name": "report_number", "arguments": '{"number": 7}'}}
    delta: dict[str, object] = {"tool_calls": [call]} if calls else {"content": "yes"}
    finish = "tool_calls" if calls else "stop"
    yield f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n"
    yield "data: [DONE]\n\n"
