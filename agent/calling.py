"""Carrying out the tool calls of one answer: side by side, with keys that survive a crash, never in circles."""

import asyncio
import json
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from agent.budget import cut_text
from agent.quoting import defused
from agent.turn import CallTrace, Progress
from tools.calls import ToolCall, ToolResult, Toolset
from tools.context import Report, ToolContext

MOST_REPEATS = 2
CIRCLE = (
    "You have made exactly this call twice already; it is not made again. Use the results that you have, change the "
    "arguments, or answer and say what is missing."
)


class Caller:
    """The calls of one turn."""

    def __init__(self, toolset: Toolset, *, context: ToolContext, result_tokens: int, progress: Progress) -> None:
        self._toolset = toolset
        self._context = context
        self._result_tokens = result_tokens
        self._progress = progress
        self._made: Counter[tuple[str, str]] = Counter()
        self._of_tool: Counter[str] = Counter()

    async def carry_out(self, calls: Sequence[ToolCall]) -> list[CallTrace]:
        """In the order of the calls, whichever ends first."""
        prepared = [(call, self._key(call), self._is_circle(call)) for call in calls]
        async with asyncio.TaskGroup() as together:
            tasks = [together.create_task(self._carry_out(*each)) for each in prepared]
        return [task.result() for task in tasks]

    async def _carry_out(self, call: ToolCall, key: str, is_circle: bool) -> CallTrace:
        if is_circle:
            return CallTrace(call, ToolResult(call.id, CIRCLE, is_error=True), 0.0, is_carried_out=False)
        clock = asyncio.get_running_loop().time
        start = clock()
        with self._reporting(call) as report:
            result = await self._toolset.call(call, replace(self._context, call_key=key, report=report))
        content = cut_text(defused(result.content), self._result_tokens)
        return CallTrace(call, replace(result, call_id=call.id, content=content), clock() - start)

    @contextmanager
    def _reporting(self, call: ToolCall) -> Generator[Report]:
        """A report that comes after its call has ended would be shown in place of the answer."""
        is_running = True

        def report(text: str) -> None:
            if is_running:
                self._progress.doing(call, text)

        try:
            yield report
        finally:
            is_running = False

    def _key(self, call: ToolCall) -> str:
        self._of_tool[call.name] += 1
        return f"{self._context.root}/{call.name}/{self._of_tool[call.name]}"

    def _is_circle(self, call: ToolCall) -> bool:
        same = (call.name, canonical(call.arguments))
        self._made[same] += 1
        return self._made[same] > MOST_REPEATS


def canonical(arguments: str) -> str:
    """Equal for arguments that mean the same."""
    try:
        return json.dumps(json.loads(arguments or "{}"), sort_keys=True)
    except (ValueError, RecursionError):
        return arguments.strip()
