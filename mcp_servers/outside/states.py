"""How the connections are, for whoever looks at them: `/mcp` and the doctor."""

from dataclasses import dataclass
from datetime import datetime

from chat.ids import UserId
from mcp_servers.outside.catalogue import LeftOut
from mcp_servers.outside.connection import Connection
from mcp_servers.outside.offering import is_allowed, offers
from mcp_servers.outside.state import State
from mcp_servers.outside.wishes import ServerWish
from tools.calls import Effect


@dataclass(frozen=True, slots=True)
class ToolState:
    """A tool that is offered, under its server's own name."""

    name: str
    title: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class ServerState:
    """One connection."""

    name: str
    person: UserId | None
    """Whose account it uses; None for one that all share."""
    state: State
    since: datetime
    error: str
    """Why it is not up: a phrase, or a sentence about a sign-in."""
    protocol: str = ""
    tools: tuple[ToolState, ...] = ()
    """Offered, or what was offered before it went away."""
    left_out: tuple[LeftOut, ...] = ()
    resources: int = 0
    prompts: int = 0


def state_of(connection: Connection, person: UserId | None) -> ServerState:
    wish, catalogue = connection.wish, connection.catalogue
    known = ServerState(wish.name, person, connection.state, connection.since, connection.error)
    if catalogue is None:
        return known
    refused = [
        LeftOut(each.name, "the operator's `allow` and `deny`")
        for each in catalogue.tools
        if not is_allowed(wish, each.name)
    ]
    return ServerState(
        name=known.name,
        person=person,
        state=known.state,
        since=known.since,
        error=known.error,
        protocol=catalogue.protocol,
        tools=tuple(ToolState(each.tool, each.title, each.effect) for each in offers(wish, catalogue)),
        left_out=(*catalogue.left_out, *refused),
        resources=catalogue.resources,
        prompts=len(catalogue.prompts),
    )


def unopened(wish: ServerWish, now: datetime) -> ServerState:
    return ServerState(wish.name, None, State.UNOPENED, now, "")
