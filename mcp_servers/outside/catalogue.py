"""What a server offers, read once it is up and again whenever it says that something has changed."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import mcp_types as types
from mcp import Client, MCPError
from pydantic import JsonValue, ValidationError

from mcp_servers.outside.schemas import cleaned_schema

MOST_TOOLS = 1000
MOST_LISTED = 1000
MOST_PAGES = 100
LONGEST_DESCRIPTION = 2000
LONGEST_TITLE = 60
# What people are shown of a server's words is read as text: no mention, no link, no formatting.
_MARKUP = re.compile(r"[<>@#*_`~|\[\]()\\]|://")

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as its server describes it."""

    name: str
    title: str
    description: str
    parameters: Mapping[str, JsonValue]
    is_destructive: bool
    """By the server's own word, which can only make matters stricter."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not offered, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """A blank in a prompt."""

    name: str
    description: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class PromptView:
    """A prompt as its server describes it."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Catalogue:
    """What one server offers. A new one is another one, also when it says the same."""

    protocol: str
    tools: tuple[Listed, ...] = ()
    """By name."""
    left_out: tuple[LeftOut, ...] = ()
    resources: int = 0
    """How many, patterns of addresses among them."""
    prompts: tuple[PromptView, ...] = ()

    def without(self, bad: Sequence[LeftOut]) -> "Catalogue":
        """The same, with what was left out before it was read."""
        return replace(self, left_out=(*bad, *self.left_out))


async def read_catalogue(client: Client) -> Catalogue:
    """Raises what the library does when the tools cannot be listed."""
    can = client.server_capabilities
    tools: list[Listed] = []
    more: list[LeftOut] = []
    if can.tools is not None:
        seen: set[str] = set()
        for tool in await _all(_tools_of(client), MOST_TOOLS + 1):
            made = _listed(tool)
            if tool.name in seen:
                more.append(LeftOut(tool.name[:100], "its server has another tool of that name"))
            elif made is None:
                more.append(LeftOut(tool.name[:100], "the schema of its arguments is too large"))
            elif len(tools) == MOST_TOOLS:
                more.append(LeftOut("the rest", f"only {MOST_TOOLS} tools of one server are offered"))
            else:
                tools.append(made)
            seen.add(tool.name)
    resources = 0
    if can.resources is not None:
        resources += len(await _gently(_all(_resources_of(client), MOST_LISTED)))
        resources += len(await _gently(_all(_templates_of(client), MOST_LISTED)))
    prompts = await _gently(_all(_prompts_of(client), MOST_LISTED)) if can.prompts is not None else ()
    return Catalogue(
        protocol=client.protocol_version,
        tools=tuple(sorted(tools, key=lambda tool: tool.name)),
        left_out=tuple(more),
        resources=resources,
        prompts=tuple(map(_prompt, prompts)),
    )


Page = tuple[Sequence[ItemT], str | None]


def _tools_of(client: Client) -> Callable[[str | None], Awaitable[Page[types.Tool]]]:
    async def page(cursor: str | None) -> Page[types.Tool]:
        found = await client.list_tools(cursor=cursor)
        return found.tools, found.next_cursor

    return page


def _resources_of(client: Client) -> Callable[[str | None], Awaitable[Page[types.Resource]]]:
    async def page(cursor: str | None) -> Page[types.Resource]:
        found = await client.list_resources(cursor=cursor)
        return found.resources, found.next_cursor

    return page


def _templates_of(client: Client) -> Callable[[str | None], Awaitable[Page[types.ResourceTemplate]]]:
    async def page(cursor: str | None) -> Page[types.ResourceTemplate]:
        found = await client.list_resource_templates(cursor=cursor)
        return found.resource_templates, found.next_cursor

    return page


def _prompts_of(client: Client) -> Callable[[str | None], Awaitable[Page[types.Prompt]]]:
    async def page(cursor: str | None) -> Page[types.Prompt]:
        found = await client.list_prompts(cursor=cursor)
        return found.prompts, found.next_cursor

    return page


async def _all(page: Callable[[str | None], Awaitable[Page[ItemT]]], most: int) -> Sequence[ItemT]:
    found: list[ItemT] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        items, cursor = await page(cursor)
        found += items
        if cursor is None or len(found) >= most:
            break
    return found[:most]


async def _gently(listing: Awaitable[Sequence[ItemT]]) -> Sequence[ItemT]:
    """What is beside the tools must not keep them away."""
    try:
        return await listing
    except (MCPError, ValidationError):
        return ()


def _listed(tool: types.Tool) -> Listed | None:
    parameters = cleaned_schema(tool.input_schema)
    if parameters is None:
        return None
    hints = tool.annotations or types.ToolAnnotations()
    return Listed(
        name=tool.name,
        title=shown(tool.title or hints.title or tool.name) or "tool",
        description=(tool.description or "").strip()[:LONGEST_DESCRIPTION],
        parameters=parameters,
        is_destructive=hints.destructive_hint is True and hints.read_only_hint is not True,
    )


def _prompt(prompt: types.Prompt) -> PromptView:
    return PromptView(
        prompt.name,
        shown(prompt.title or prompt.name),
        (prompt.description or "")[:LONGEST_DESCRIPTION],
        tuple(
            PromptArgument(each.name, (each.description or "")[:LONGEST_DESCRIPTION], each.required is True)
            for each in prompt.arguments or ()
        ),
    )


def shown(text: str, longest: int = LONGEST_TITLE) -> str:
    """A server's words as people may be shown them in passing."""
    return " ".join(_MARKUP.sub(" ", text).split())[:longest].strip()
