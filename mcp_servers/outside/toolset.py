"""The tools of all outside servers as one toolset beside the native ones."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from chat.ids import RoleId
from chat.people import Person
from mcp_servers.outside.catalogue import Catalogue
from mcp_servers.outside.connection import Connection
from mcp_servers.outside.manager import Outside, is_personal
from mcp_servers.outside.naming import Route, names_of
from mcp_servers.outside.offering import SIGN_IN, Offer, may_use, offers
from mcp_servers.outside.requests import carry_out
from mcp_servers.outside.state import State
from mcp_servers.outside.wishes import ServerWish
from tools.arguments import read_arguments
from tools.calls import ToolCall, ToolError, ToolResult, ToolSpec
from tools.context import ToolContext
from tools.toolsets import unknown_tool

logger = logging.getLogger(__name__)

FIRST_SECONDS = 3.0
"""How long after a connection was wished for a run waits for it; later, what is not up is not waited for."""
MOST_REMEMBERED = 32

RolesOf = Callable[[ToolContext], Awaitable[frozenset[RoleId]]]
SignIn = Callable[[ServerWish, Person], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Offered:
    spec: ToolSpec
    server: str
    offer: Offer


class OutsideTools:
    """What the asker of a run may use of them, where they asked.

    A server that went away keeps its tools on offer, so that the model can say what is wrong.
    """

    def __init__(self, outside: Outside, *, roles_of: RolesOf, sign_in: SignIn | None = None) -> None:
        """`roles_of`: the roles of a run's asker, as they are now; nobody has any in a direct message. `sign_in`: has
        somebody sign in where a call needs it, and says in a sentence what they have to do.
        """
        self._sign_in = sign_in
        self._outside = outside
        self._roles_of = roles_of
        self._remembered: OrderedDict[tuple[object, ...], Mapping[str, _Offered]] = OrderedDict()

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        return [offered.spec for offered in (await self._offered(context)).values()]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        offered = await self._offered(context)
        chosen = offered.get(call.name)
        if chosen is None:
            return unknown_tool(call, offered)
        connection = self._outside.connection(chosen.server, context.asker.id)
        if connection is None:
            return ToolResult(call.id, f"{chosen.server} is no longer there.", is_error=True)
        try:
            result = await carry_out(connection, chosen.offer, call, read_arguments(call.arguments), context)
        except ToolError as error:
            return ToolResult(call.id, str(error), is_error=True, untrusted=error.quotes_others)
        except Exception:  # boundary: a fault of ours or of the library fails its call, not the run
            logger.exception("tool %s failed", call.name)
            return ToolResult(call.id, f"{call.name} failed by a fault of its own; do not try it again.", is_error=True)
        if self._sign_in is not None and connection.state is State.SIGN_IN:
            return ToolResult(call.id, await self._sign_in(connection.wish, context.asker), is_error=True)
        return result

    async def _offered(self, context: ToolContext) -> Mapping[str, _Offered]:
        connections = await self._usable(context)
        parts = [(each.wish, each.catalogue, each.state is State.SIGN_IN) for each in connections]
        key = tuple((wish.name, id(wish), catalogue, needs) for wish, catalogue, needs in parts)
        if key not in self._remembered:
            self._remembered[key] = _named(connections)
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return self._remembered[key]

    async def _usable(self, context: ToolContext) -> Sequence[Connection]:
        wishes = self._outside.wishes
        asks_roles = context.guild is not None and any(wish.roles for wish in wishes)
        roles = await self._roles_of(context) if asks_roles else frozenset[RoleId]()
        mine = [wish for wish in wishes if may_use(wish, context, roles)]
        opened = [(wish, self._outside.connection(wish.name, context.asker.id)) for wish in mine]
        await asyncio.gather(*(each.settled(FIRST_SECONDS) for _, each in opened if each is not None))
        return [each for _, each in opened if each is not None]


def _named(connections: Sequence[Connection]) -> Mapping[str, _Offered]:
    """In the order of the servers, and of their tools' names, so that a provider's cache of prompts holds."""
    found: list[tuple[Connection, Offer]] = []
    for each in connections:
        found += [(each, offer) for offer in _offers(each)]
    names = names_of([Route(each.wish.name, offer.tool) for each, offer in found])
    made: dict[str, _Offered] = {}
    for each, offer in found:
        name = names[Route(each.wish.name, offer.tool)]
        made[name] = _Offered(offer.spec(name, each.wish), each.wish.name, offer)
    return made


def _offers(connection: Connection) -> Sequence[Offer]:
    catalogue: Catalogue | None = connection.catalogue
    if catalogue is not None:
        return offers(connection.wish, catalogue)
    return [SIGN_IN] if connection.state is State.SIGN_IN and is_personal(connection.wish) else []
