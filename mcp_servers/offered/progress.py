"""What a tool says about how far it is, as MCP's progress notifications."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import anyio

from mcp_servers.offered.door import RequestContext
from tools.context import Report, unreported

WAITING = 100


@asynccontextmanager
async def reporting(ctx: RequestContext) -> AsyncGenerator[Report]:
    """All that was reported is sent before this ends. Nothing is sent to who asked for no progress."""
    if "progress_token" not in (ctx.meta or {}):
        yield unreported
        return
    told: asyncio.Queue[str | None] = asyncio.Queue(WAITING)

    def report(text: str) -> None:
        if told.qsize() < WAITING - 1:  # the last place is for the end
            told.put_nowait(text)

    async def forward() -> None:
        step = 0
        while (text := await told.get()) is not None:
            step += 1
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):  # nobody listens any more
                await ctx.session.report_progress(float(step), message=text)

    async with asyncio.TaskGroup() as tasks:
        forwarding = tasks.create_task(forward())
        try:
            yield report
            told.put_nowait(None)
        except BaseException:
            forwarding.cancel()
            raise
