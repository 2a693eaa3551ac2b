"""The server that the suite looks at: our desks, our limits and our listener, with the suite's tools besides.

What our modules can say comes from them (`ours`); for the rest their handlers are asked first and the library's own
second. Run as `python -m tests.conformance.server`; prints its address, and ends when standard input does.
"""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    EmptyResult,
    GetPromptRequestParams,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    RequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    Tool,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, JsonValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from chat.ids import MessageId, UserId, snowflake_at
from chat.messages import Message
from mcp_servers.offered.callers import Caller
from mcp_servers.offered.http import PATH, manager
from mcp_servers.offered.listening import Listener
from mcp_servers.offered.prompts import PROMPTS
from mcp_servers.offered.rates import Rates
from mcp_servers.offered.server import Offer, build_server
from mcp_servers.offered.wishes import ServeWish
from tests.conformance.ours import NATIVE, WithPictures
from tests.conformance.pages import add_prompts, add_resources
from tests.conformance.rounds import add_rounds, add_several, add_states
from tests.conformance.theirs import add_forms, add_notices, add_questions, add_tools
from tests.tools.world import Town
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.native import NativeTools
from tools.permission import Permissions
from tools.toolsets import Combined

SCHEMA_2020: dict[str, JsonValue] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
STRICT = Tool(name="json_schema_2020_12_tool", description="Only listed.", input_schema=SCHEMA_2020)

Handled = ServerRequestContext[object]


class SuiteCallers:
    """Everybody is Ada of the town."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._room = town.add_dm(town.ada)

    async def context_for(self, user_id: UserId, *, root_key: str) -> ToolContext:  # noqa: ARG002 - there is one
        now, town = datetime.now(UTC), self._town
        request = Message(MessageId(snowflake_at(now)), self._room.id, None, town.ada, "", now, typed="")
        return ToolContext(town.ada, town.bot, None, self._room, request, "run", ZoneInfo("UTC"), root_key=root_key)


def our_server() -> Server[object]:
    town = Town()
    permissions = Permissions(surface=town)
    directory = Directory(surface=town, permissions=permissions)
    places = NativeTools(ChannelTools(directory=directory, permissions=permissions))
    offer = Offer(
        toolset=Combined([("the suite", WithPictures(NATIVE)), ("ours", places)]),
        tools=[*NATIVE.tools, *places.tools],
        directory=directory,
        permissions=permissions,
        callers=SuiteCallers(town),
    )
    return build_server(offer, identify=everybody, rates=Rates(per_minute=60_000, burst=1000))


def everybody(_: Request | None) -> Caller:
    return Caller("suite", UserId(0), may_write=True)


class Mixed:
    """Two servers' handlers as one's: lists are joined, calls go to ours when the name is ours."""

    def __init__(self, first: Server[object], second: Server[object]) -> None:
        self._first, self._second = first, second

    async def handled(self, server: Server[object], ctx: Handled, params: BaseModel) -> BaseModel:
        entry = server.get_request_handler(ctx.method)
        assert entry is not None
        answer = await entry.handler(ctx, params)
        assert isinstance(answer, BaseModel)
        return answer

    async def tools(self, ctx: Handled, params: PaginatedRequestParams) -> ListToolsResult:
        ours, theirs = [await self.handled(each, ctx, params) for each in (self._first, self._second)]
        assert isinstance(ours, ListToolsResult)
        assert isinstance(theirs, ListToolsResult)
        return ListToolsResult(tools=[*ours.tools, *theirs.tools, STRICT])

    async def resources(self, ctx: Handled, params: PaginatedRequestParams) -> ListResourcesResult:
        ours, theirs = [await self.handled(each, ctx, params) for each in (self._first, self._second)]
        assert isinstance(ours, ListResourcesResult)
        assert isinstance(theirs, ListResourcesResult)
        return ListResourcesResult(resources=[*ours.resources, *theirs.resources])

    async def templates(self, ctx: Handled, params: PaginatedRequestParams) -> ListResourceTemplatesResult:
        ours, theirs = [await self.handled(each, ctx, params) for each in (self._first, self._second)]
        assert isinstance(ours, ListResourceTemplatesResult)
        assert isinstance(theirs, ListResourceTemplatesResult)
        return ListResourceTemplatesResult(resource_templates=[*ours.resource_templates, *theirs.resource_templates])

    async def prompts(self, ctx: Handled, params: PaginatedRequestParams) -> ListPromptsResult:
        ours, theirs = [await self.handled(each, ctx, params) for each in (self._first, self._second)]
        assert isinstance(ours, ListPromptsResult)
        assert isinstance(theirs, ListPromptsResult)
        return ListPromptsResult(prompts=[*ours.prompts, *theirs.prompts])

    async def call(self, ctx: Handled, params: CallToolRequestParams) -> BaseModel:
        is_ours = params.name in {tool.spec.name for tool in NATIVE.tools} | {"list_channels"}
        return await self.handled(self._first if is_ours else self._second, ctx, params)

    async def read(self, ctx: Handled, params: ReadResourceRequestParams) -> BaseModel:
        try:
            return await self.handled(self._second, ctx, params)
        except MCPError:  # what neither has, ours refuses
            return await self.handled(self._first, ctx, params)

    async def prompt(self, ctx: Handled, params: GetPromptRequestParams) -> BaseModel:
        is_ours = params.name in {prompt.name for prompt in PROMPTS}
        return await self.handled(self._first if is_ours else self._second, ctx, params)

    async def complete(self, ctx: Handled, params: CompleteRequestParams) -> BaseModel:
        return await self.handled(self._first, ctx, params)


async def accept(_: Handled, __: RequestParams) -> EmptyResult:
    """For what handshake protocols have and we do not: log levels, subscriptions."""
    return EmptyResult()


def suite_server() -> Server[object]:
    ours, theirs = our_server(), MCPServer("digmbot", version="1", log_level="WARNING")
    for add in (
        add_tools,
        add_notices,
        add_questions,
        add_forms,
        add_rounds,
        add_states,
        add_several,
        add_resources,
        add_prompts,
    ):
        add(theirs)
    # The library's own server on top: it has what only the suite's tools need (sealed states, subscriptions).
    top: Server[object] = theirs._lowlevel_server  # pyright: ignore[reportPrivateUsage] - no other way to its handlers
    copy: Server[object] = Server("copy")
    for method in ("tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read"):
        _keep(top, copy, method)
    for method in ("prompts/list", "prompts/get"):
        _keep(top, copy, method)
    mixed = Mixed(ours, copy)
    top.add_request_handler("tools/list", PaginatedRequestParams, mixed.tools)
    top.add_request_handler("tools/call", CallToolRequestParams, mixed.call)
    top.add_request_handler("resources/list", PaginatedRequestParams, mixed.resources)
    top.add_request_handler("resources/templates/list", PaginatedRequestParams, mixed.templates)
    top.add_request_handler("resources/read", ReadResourceRequestParams, mixed.read)
    top.add_request_handler("prompts/list", PaginatedRequestParams, mixed.prompts)
    top.add_request_handler("prompts/get", GetPromptRequestParams, mixed.prompt)
    top.add_request_handler("completion/complete", CompleteRequestParams, mixed.complete)
    top.add_request_handler("logging/setLevel", SetLevelRequestParams, accept)
    top.add_request_handler("resources/subscribe", SubscribeRequestParams, accept)
    top.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, accept)
    top.get_tool_input_schema = ours.get_tool_input_schema
    return top


def _keep(source: Server[object], target: Server[object], method: str) -> None:
    entry = source.get_request_handler(method)
    assert entry is not None
    target.add_request_handler(method, entry.params_type, entry.handler)


async def main() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    wish = ServeWish(port=0, stop_seconds=1)
    managed = manager(suite_server(), wish)
    app = Starlette(routes=[Route(PATH, StreamableHTTPASGIApp(managed))], lifespan=lambda _: managed.run())
    async with Listener(app, wish) as listener:
        sys.stdout.write(f"{listener.url.replace('127.0.0.1', 'localhost')}{PATH}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
