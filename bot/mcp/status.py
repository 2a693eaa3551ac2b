"""What `/mcp servers` says, for managers how the servers are, for everybody what they may use."""

from collections.abc import Iterable, Iterator, Sequence

import discord

from chat.ids import UserId
from mcp_servers.outside.naming import BETWEEN
from mcp_servers.outside.states import ServerState
from tools.calls import Effect, ToolSpec

ROOM = 1850
MOST_TOOLS = 12  # of each server, while there are several to tell of
LEGEND = "-# ✎ changes something, and may need your click"


def told_to_managers(states: Sequence[ServerState], me: UserId, *, only: str | None = None) -> str:
    """`only`: the one server that is asked about, told in full."""
    chosen = [state for state in states if only in (None, state.name)]
    if not chosen:
        return "There is no such server." if only else "No MCP servers are set up here; see docs/mcp.md."
    lines = [line for name in dict.fromkeys(state.name for state in chosen) for line in _server(chosen, name, me, only)]
    return _cut([*lines, LEGEND])


def told_to_members(specs: Iterable[ToolSpec], *, only: str | None = None) -> str:
    """By what is offered to this person in this place."""
    by_server: dict[str, list[str]] = {}
    for spec in specs:
        server, _, tool = spec.name.partition(BETWEEN)
        if only in (None, server):
            by_server.setdefault(server, []).append(_tool(tool, spec.effect))
    if not by_server:
        return "There are no tools of MCP servers that you can use here."
    return _cut([*(f"**{name}**: {_listed(tools, only)}" for name, tools in by_server.items()), LEGEND])


def _server(states: Sequence[ServerState], name: str, me: UserId, only: str | None) -> Iterator[str]:
    """Of connections under people's own accounts, the reader's own; of the others only how many there are."""
    of_it = [state for state in states if state.name == name]
    shown = next((state for state in of_it if state.person in (None, me)), None)
    others = sum(state.person is not None and state.person != me for state in of_it)
    if shown is not None:
        yield from _state(shown, only)
    else:
        yield f"**{name}**: you have not used it yet"
    if others:
        yield f"-# and under the accounts of {others} other {'person' if others == 1 else 'people'}"


def _state(state: ServerState, only: str | None) -> Iterator[str]:
    since = discord.utils.format_dt(state.since, "R")
    error = f": {_plain(state.error)}" if state.error else ""
    spoken = f", {state.protocol}" if state.protocol else ""
    yield f"**{state.name}**: {state.state.value} (since {since}{spoken}){error}"
    parts = [_listed([_tool(tool.name, tool.effect) for tool in state.tools], only) if state.tools else ""]
    parts += [
        f"{state.prompts} prompts" if state.prompts else "",
        f"{state.resources} resources" * bool(state.resources),
    ]
    if told := "; ".join(filter(None, parts)):
        yield f"> {told}"
    if state.left_out:
        some = [
            f"`{_code(each.name)}` ({_plain(each.why)})" if only else f"`{_code(each.name)}`" for each in state.left_out
        ]
        yield f"> left out: {_listed(some, only)}"


def _tool(name: str, effect: Effect) -> str:
    return f"`{_code(name)}`" + (" ✎" if effect is not Effect.READ else "")


def _listed(items: Sequence[str], only: str | None) -> str:
    shown = items if only else items[:MOST_TOOLS]
    more = f", and {len(items) - len(shown)} more" if len(items) > len(shown) else ""
    return ", ".join(shown) + more


def _cut(lines: Sequence[str]) -> str:
    """Whole lines, as many as one message holds, and a word on the rest; a single long line is cut itself."""
    told = ""
    for number, line in enumerate(lines):
        if len(told) + len(line) > ROOM:
            if not told:
                told = f"{line[:ROOM].rpartition(', ')[0]}, …\n"
            return f"{told}-# {len(lines) - number} more lines do not fit; `/mcp servers name:…` shows one server."
        told += f"{line}\n"
    return told.strip()


def _code(name: str) -> str:
    return name.replace("`", "'")[:64]


def _plain(text: str) -> str:
    """Somebody else's words: no mention, no link, no formatting."""
    flat = discord.utils.escape_mentions(discord.utils.escape_markdown(" ".join(text.split())))
    return flat.replace("://", ":\u200b//")
