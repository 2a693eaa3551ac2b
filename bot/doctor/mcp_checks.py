"""Does each outside MCP server answer, in which protocol, with how many tools?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from bot.doctor.findings import Finding, broken, ok, warning
from chat.clock import utc_now
from mcp_servers.outside.manager import Outside
from mcp_servers.outside.state import State
from mcp_servers.outside.states import ServerState
from mcp_servers.outside.transports import HttpClients
from mcp_servers.outside.wishes import Address, AuthKind, Program, ServerWish

SECONDS = 8.0
"""Of one server: the question for the newest protocol may take a slow one several."""
MOST_NAMED = 5
HINTS = {
    True: "start it by hand with the same `command` and `args`, and look at what it writes",
    False: "look at `url` and `headers`; of a server on this machine or in your network write allow_private = true",
}


async def check_server(wish: ServerWish, http: HttpClients, *, seconds: float = SECONDS) -> AsyncIterator[Finding]:
    """Connects as the bot would, for a few seconds, and leaves again."""
    area = f"mcp {wish.name}"
    if isinstance(wish.at, Address) and wish.at.auth is not AuthKind.NONE:
        yield ok(area, "is signed in to by the running bot, where `/mcp servers` shows how it is; not tried from here")
        return
    for finding in _told(area, wish, await _state_of(wish, http, seconds), seconds):
        yield finding


async def _state_of(wish: ServerWish, http: HttpClients, seconds: float) -> ServerState:
    outside = Outside(wishes=[wish], http=http, clock=utc_now)
    serving = asyncio.create_task(outside.serve())
    try:
        await asyncio.sleep(0)  # now it has begun to connect
        await outside.settled(seconds)
        return outside.states()[0]
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _told(area: str, wish: ServerWish, state: ServerState, seconds: float) -> Sequence[Finding]:
    match state.state:
        case State.UP:
            pass
        case State.CONNECTING:
            text = f"did not answer within {seconds:g} seconds"
            return [broken(area, text, 'if it is only slow to begin, protocol = "legacy" may help')]
        case State.SIGN_IN:
            return [warning(area, state.error, "sign in from Discord; `/mcp servers` shows how it is")]
        case State.DOWN | State.UNOPENED:
            return [broken(area, f"is down: {state.error}", HINTS[isinstance(wish.at, Program)])]
    counts = [f"{len(state.tools)} tools"]
    counts += [f"{state.resources} resources"] if state.resources else []
    counts += [f"{state.prompts} prompts"] if state.prompts else []
    found = [ok(area, f"answers in protocol {state.protocol}, with {', '.join(counts)}")]
    mended = [each for each in state.left_out if "allow" not in each.why]
    if mended:
        some = "; ".join(f"{each.name} ({each.why})" for each in mended[:MOST_NAMED])
        more = f"; and {len(mended) - MOST_NAMED} more" if len(mended) > MOST_NAMED else ""
        found.append(warning(area, f"tools that cannot be offered: {some}{more}", "tell its makers; the others work"))
    if not state.tools and not state.prompts:
        found.append(warning(area, "offers nothing that can be used", "look at tools.allow and tools.deny"))
    return found
