"""A scripted OpenAI-compatible server for the benchmarks: streaming, and it notes when a request arrived."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

MARK = re.compile(r"#(\d+)#")


class ScriptedLlm:
    """Answers `words` words, one each `pace` seconds. `arrived[mark]` and `ended[mark]` are `time.perf_counter()`s.

    A mark is the last `#123#` in the request: the benchmark writes it into the mention.
    """

    def __init__(self, *, first: float = 0.3, words: int = 20, pace: float = 0.0) -> None:
        """`first`: seconds to the first word. 0.3 is a quick model; none is instant."""
        self.first = first
        self.words = words
        self.pace = pace
        self.arrived: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.app = Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
            ]
        )

    async def _models(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "floor", "object": "model"}]})

    async def _complete(self, request: Request) -> Response:
        at = time.perf_counter()
        marks = MARK.findall((await request.body()).decode())
        mark = int(marks[-1]) if marks else -1
        self.arrived.setdefault(mark, at)
        return StreamingResponse(self._stream(mark), media_type="text/event-stream")

    async def _stream(self, mark: int) -> AsyncIterator[str]:
        def event(delta: dict[str, str], finish: str | None) -> str:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "floor", "choices": [choice]}
            return f"data: {json.dumps(chunk)}\n\n"

        await asyncio.sleep(self.first)
        for number in range(self.words):
            yield event({"content": f"word{number} "}, None)
            if self.pace:
                await asyncio.sleep(self.pace)
        yield event({"content": f"end-of-{mark}"}, None)
        self.ended[mark] = time.perf_counter()
        yield event({}, "stop")
        yield "data: [DONE]\n\n"
