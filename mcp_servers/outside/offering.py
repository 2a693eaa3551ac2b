"""Which tools of a server are offered, as what, and to whom: the operator's wish over the server's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import JsonValue

from chat.ids import RoleId
from mcp_servers.outside.catalogue import Catalogue, Listed
from mcp_servers.outside.wishes import ServerWish
from tools.calls import Approval, Effect, ToolSpec
from tools.context import ToolContext


class Kind(StrEnum):
    """What a call of it does with the server."""

    TOOL = "tool"
    LIST_RESOURCES = "list_resources"
    READ_RESOURCE = "read_resource"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool of one server; the name under which it is called comes later."""

    kind: Kind
    tool: str
    """The server's own name for it."""
    title: str
    description: str
    parameters: Mapping[str, JsonValue]
    effect: Effect

    def spec(self, name: str, wish: ServerWish) -> ToolSpec:
        return ToolSpec(
            name=name,
            title=f"{self.title} ({wish.name})",
            description=f"[{wish.name}] {self.description or self.title}",
            parameters=self.parameters,
            effect=self.effect,
            reads_others=True,
            approval=wish.approval if self.kind is Kind.TOOL or wish.approval is Approval.NEVER else Approval.WRITES,
            sends_out=True,
        )


def may_use(wish: ServerWish, context: ToolContext, roles: frozenset[RoleId]) -> bool:
    """`roles`: those of the asker, where the request was made."""
    if wish.guilds and (context.guild is None or context.guild.id not in wish.guilds):
        return False
    return not wish.roles or (context.guild is not None and bool(wish.roles & roles))


def is_allowed(wish: ServerWish, tool: str) -> bool:
    return _matches(tool, wish.allow) and not _matches(tool, wish.deny)


def effect_of(wish: ServerWish, tool: Listed) -> Effect:
    """The server's own word never makes it milder."""
    if _matches(tool.name, wish.reads):
        return Effect.READ
    return Effect.DESTRUCTIVE if tool.is_destructive else Effect.WRITE


def offers(wish: ServerWish, catalogue: Catalogue) -> Sequence[Offer]:
    """Those that the operator lets through."""
    made = [
        Offer(Kind.TOOL, each.name, each.title, each.description, each.parameters, effect_of(wish, each))
        for each in catalogue.tools
    ]
    if catalogue.resources:
        own = {each.name for each in catalogue.tools}
        made += [each for each in (LIST_RESOURCES, READ_RESOURCE) if each.tool not in own]
    return [each for each in made if is_allowed(wish, each.tool)]


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _object(properties: dict[str, JsonValue], *required: str) -> Mapping[str, JsonValue]:
    needed: list[JsonValue] = list(required)
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


# Reading a resource is by the protocol a read: it takes an address and nothing else.
LIST_RESOURCES = Offer(
    Kind.LIST_RESOURCES,
    Kind.LIST_RESOURCES.value,
    "List resources",
    "The resources (documents, records) that this server can show, a page at a time, with their addresses.",
    _object({"cursor": {"type": "string", "description": "For the next page: what the last one named."}}),
    Effect.READ,
)
READ_RESOURCE = Offer(
    Kind.READ_RESOURCE,
    Kind.READ_RESOURCE.value,
    "Read a resource",
    "The contents of one resource of this server.",
    _object({"uri": {"type": "string", "description": "Its address, as it was listed."}}, "uri"),
    Effect.READ,
)
SIGN_IN = Offer(
    Kind.SIGN_IN,
    Kind.SIGN_IN.value,
    "Sign in",
    "The tools of this server can be used once the person who asks has signed in with their own account. Call this "
    "when the request needs them, to learn what they have to do.",
    _object({}),
    Effect.READ,
)
