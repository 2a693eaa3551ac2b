"""One call of an outside tool: its time, its progress, and what its answer or failure is to the model."""

import asyncio
from collections.abc import Mapping

from mcp import Client, InputRequiredRoundsExceededError, MCPError
from mcp_types import INVALID_PARAMS, REQUEST_TIMEOUT, CallToolResult
from pydantic import JsonValue, ValidationError

from mcp_servers.outside.asking import InFlight
from mcp_servers.outside.catalogue import shown
from mcp_servers.outside.connection import Connection
from mcp_servers.outside.failures import Unavailable, cleaned
from mcp_servers.outside.offering import Kind, Offer
from mcp_servers.outside.results import Gathered, resource_result, tool_result
from tools.calls import Effect, ToolCall, ToolResult
from tools.context import ToolContext

LONGEST_SECONDS = 600.0
"""Of one call, with whatever progress."""
LONGEST_REPORT = 100


async def carry_out(
    connection: Connection, offer: Offer, call: ToolCall, arguments: Mapping[str, JsonValue], context: ToolContext
) -> ToolResult:
    """Every answer and every error is by others: none is trusted."""
    seconds = connection.wish.seconds
    clock, whole = asyncio.timeout(seconds), asyncio.timeout(max(LONGEST_SECONDS, seconds))
    try:
        await connection.ready()  # how long that takes is not the call's time
        async with whole, clock:
            with connection.asking.during(InFlight(context, seconds, clock)) as mine:
                return await _made(connection, offer, call, arguments, mine)
    except TimeoutError:
        if not clock.expired() and not whole.expired():
            raise
        return _failed(call, _too_slow(connection, offer))
    except Unavailable as error:
        return _failed(call, str(error))
    except MCPError as error:
        return _failed(call, _refused(connection, error))
    except ValidationError:
        return _failed(call, f"{connection.wish.name} answered with something that is not MCP.")
    except InputRequiredRoundsExceededError:
        return _failed(call, f"{connection.wish.name} kept asking questions and was stopped.")


async def _made(
    connection: Connection, offer: Offer, call: ToolCall, arguments: Mapping[str, JsonValue], mine: InFlight
) -> ToolResult:
    match offer.kind:
        case Kind.TOOL:
            return tool_result(call.id, await _call_tool(connection, offer.tool, arguments, mine))
        case Kind.LIST_RESOURCES:
            cursor = arguments.get("cursor")
            return await _list_resources(connection, call, cursor if isinstance(cursor, str) and cursor else None)
        case Kind.READ_RESOURCE:
            uri = arguments.get("uri")
            if not isinstance(uri, str):
                return _failed(call, "`uri` must be the address of a resource, as it was listed.")
            return resource_result(call.id, await connection.ask(lambda client: client.read_resource(uri)))
        case Kind.SIGN_IN:
            return ToolResult(call.id, f"The asker is signed in to {connection.wish.name}; its tools can be used now.")


async def _call_tool(
    connection: Connection, tool: str, arguments: Mapping[str, JsonValue], mine: InFlight
) -> CallToolResult:
    server = connection.wish.name

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        mine.went_on()
        far = f"{progress:g}/{total:g}" if total else ""
        if said := " ".join(each for each in (shown(message or "", LONGEST_REPORT), far) if each):
            mine.context.report(f"{server}: {said}")

    async def made(client: Client) -> CallToolResult:
        return await client.call_tool(
            tool, dict(arguments), read_timeout_seconds=max(LONGEST_SECONDS, mine.seconds), progress_callback=heard
        )

    return await connection.ask(made)


async def _list_resources(connection: Connection, call: ToolCall, cursor: str | None) -> ToolResult:
    page = await connection.ask(lambda client: client.list_resources(cursor=cursor))
    gathered = Gathered()
    for each in page.resources:
        told = [each.title or each.name, each.mime_type, each.description]
        gathered.say(f"{each.uri[:500]} ({'; '.join(part[:300] for part in told if part)})")
    if cursor is None:
        try:
            templates = await connection.ask(lambda client: client.list_resource_templates())
            for each in templates.resource_templates:
                told = [each.title or each.name, each.mime_type, each.description]
                gathered.say(f"Pattern: {each.uri_template[:500]} ({'; '.join(part[:300] for part in told if part)})")
        except (MCPError, ValidationError):
            pass  # it has none
    if page.next_cursor:
        gathered.say(f"There are more: call this again with the cursor {page.next_cursor!r}.")
    return ToolResult(call.id, gathered.text or "There are no resources.", untrusted=True)


def _refused(connection: Connection, error: MCPError) -> str:
    server = connection.wish.name
    if error.code == REQUEST_TIMEOUT:
        return f"{server} did not answer in time."
    said = cleaned(error.message, connection.wish).rstrip(".")
    if error.code == INVALID_PARAMS:
        return f"{server} says that the call is wrong: {said}."
    return f"{server} answered with an error: {said}."


def _too_slow(connection: Connection, offer: Offer) -> str:
    seconds = connection.wish.seconds
    sentence = f"{connection.wish.name} took longer than {seconds:g} seconds without any progress and was stopped."
    if offer.effect is Effect.READ:
        return sentence
    return f"{sentence} It is not known whether the call took effect."


def _failed(call: ToolCall, sentence: str) -> ToolResult:
    return ToolResult(call.id, sentence, is_error=True, untrusted=True)
