"""The door of our MCP server: who comes in, how often, under which rights; each call leaves one line in the log."""

import asyncio
import hashlib
import json
import logging
import math
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeGuard

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST
from starlette.requests import Request

from mcp_servers.offered.callers import Caller, CallerRefusedError, Callers, Identify
from mcp_servers.offered.rates import Rates
from tools.context import ToolContext

logger = logging.getLogger(__name__)

RequestContext = ServerRequestContext[object]

ONCE = "idempotency-key"
SESSION = "mcp-session-id"
BROKEN = "That went wrong on the bot's side; its operator finds it in the log."


@dataclass(slots=True)
class Visit:
    """One request that was let in."""

    caller: Caller
    context: ToolContext
    outcome: str = "ok"
    """What the log says became of it."""


class Door:
    """Lets requests in, or raises CallerRefusedError; bugs beyond it are logged and withheld."""

    def __init__(self, *, callers: Callers, identify: Identify, rates: Rates) -> None:
        self._callers = callers
        self._identify = identify
        self._rates = rates

    @asynccontextmanager
    async def look(self, ctx: RequestContext) -> AsyncGenerator[Visit]:
        """For lists: not counted and not logged."""
        request = _request(ctx)
        caller = self._identify(request)
        with _withheld():
            yield Visit(caller, await self._callers.context_for(caller.user_id, root_key=_root(ctx, request, caller)))

    @asynccontextmanager
    async def call(self, ctx: RequestContext, what: str) -> AsyncGenerator[Visit]:
        """For whatever reads or acts. `what` names it in the log; arguments never stand there."""
        request, started = _request(ctx), time.perf_counter()
        caller, outcome = self._identify(request), "failed"
        try:
            with _withheld():
                self._admit(caller)
                context = await self._callers.context_for(caller.user_id, root_key=_root(ctx, request, caller))
                visit = Visit(caller, context)
                yield visit
                outcome = visit.outcome
        except CallerRefusedError:
            outcome = "refused"
            raise
        except MCPError:
            outcome = "error"
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            took = (time.perf_counter() - started) * 1000
            logger.info(
                "mcp: %s for person %s by token %s: %s, %.0f ms", what, caller.user_id, caller.token_id, outcome, took
            )

    def _admit(self, caller: Caller) -> None:
        if wait := self._rates.take(caller.token_id):
            raise CallerRefusedError(f"Too many calls with this token; try again in {math.ceil(wait)} s.")


class _withheld:  # noqa: N801 - reads as the verb it is
    """A bug is logged here; the client learns only that there was one."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, MCPError | CallerRefusedError):
            logger.error("a request over MCP failed", exc_info=error)
            raise MCPError(INTERNAL_ERROR, BROKEN) from None


@asynccontextmanager
async def as_protocol_errors() -> AsyncGenerator[None]:
    """For requests whose results cannot carry a refusal."""
    try:
        yield
    except CallerRefusedError as error:
        raise MCPError(INVALID_REQUEST, str(error)) from None


def is_request(given: object) -> TypeGuard[Request]:
    """Its type is generic in what this code does not use."""
    return isinstance(given, Request)


def _request(ctx: RequestContext) -> Request | None:
    request: object = ctx.request
    return request if is_request(request) else None


def _root(ctx: RequestContext, request: Request | None, caller: Caller) -> str:
    """The same for the same request sent twice, as after a lost answer; else what no other request has.

    Ids of requests are unique within a session only. Since 2026-07-28 there are no sessions: there a client that wants
    to repeat a request safely says so with an Idempotency-Key, as `digmbot mcp` does.
    """
    named = (request.headers.get(ONCE) or request.headers.get(SESSION)) if request else None
    client = named or secrets.token_hex(16)
    asked = json.dumps([client, ctx.request_id, ctx.method, _asked(ctx)], sort_keys=True, default=str)
    return f"mcp/{caller.token_id}/{hashlib.sha256(asked.encode()).hexdigest()[:32]}"


def _asked(ctx: RequestContext) -> object:
    """The parameters without what changes each time it is sent."""
    return {name: value for name, value in (ctx.params or {}).items() if name != "_meta"}
