"""Our native tools as MCP tools: the very same objects, with their schemas as they are."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace

from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ContentBlock,
    ImageContent,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import JsonValue, TypeAdapter

from mcp_servers.offered.callers import Caller, CallerRefusedError
from mcp_servers.offered.door import Door, RequestContext, Visit, as_protocol_errors
from mcp_servers.offered.progress import reporting
from mcp_servers.offered.subjects import Subject, subject_of
from tools.calls import Effect, ToolCall, ToolResult, Toolset
from tools.context import ToolContext
from tools.native import NativeTool
from tools.toolsets import unknown_tool

_OBJECT = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])


class ToolDesk:
    """Lists and calls the tools of one subject, or all, within the operator's policy and the token's scope."""

    def __init__(self, *, toolset: Toolset, tools: Sequence[NativeTool], subject: Subject | None, door: Door) -> None:
        """`toolset` carries the calls out, and says which tools the operator lets through; `tools` describes them."""
        self._toolset = toolset
        self._tools = {tool.spec.name: tool for tool in tools if subject in (None, subject_of(tool))}
        self._door = door

    def input_schema(self, name: str) -> dict[str, JsonValue] | None:
        tool = self._tools.get(name)
        return dict(tool.spec.parameters) if tool else None

    async def listing(self, ctx: RequestContext, params: PaginatedRequestParams | None) -> ListToolsResult:  # noqa: ARG002
        async with as_protocol_errors(), self._door.look(ctx) as visit:
            return ListToolsResult(tools=[described(tool) for tool in await self._offered(visit)])

    async def call(self, ctx: RequestContext, params: CallToolRequestParams) -> CallToolResult:
        known = self._tools.get(params.name)
        try:
            async with self._door.call(ctx, f"tool {known.spec.name}" if known else "an unknown tool") as visit:
                async with reporting(ctx) as report:
                    context = replace(visit.context, call_key=f"{visit.context.root_key}/{params.name}", report=report)
                    result = await self._carried_out(params, context, visit)
                visit.outcome = "error" if result.is_error else "ok"
                return _told(result, known)
        except CallerRefusedError as error:
            return _told(ToolResult("", str(error), is_error=True), None)

    async def _carried_out(self, params: CallToolRequestParams, context: ToolContext, visit: Visit) -> ToolResult:
        call = ToolCall("mcp", params.name, json.dumps(params.arguments or {}))
        tool = self._tools.get(params.name)
        if tool is None:
            return unknown_tool(call, [each.spec.name for each in await self._offered(visit)])
        if not _may_call(tool, visit.caller):
            sentence = f"This token may only read, and {params.name} writes; make one that may write with /mcp token."
            return ToolResult(call.id, sentence, is_error=True)
        return await self._toolset.call(call, context)

    async def _offered(self, visit: Visit) -> list[NativeTool]:
        names = {spec.name for spec in await self._toolset.specs(visit.context)}
        return [tool for name, tool in self._tools.items() if name in names and _may_call(tool, visit.caller)]


def described(tool: NativeTool) -> Tool:
    spec = tool.spec
    reads = spec.effect is Effect.READ
    return Tool(
        name=spec.name,
        title=spec.title,
        description=spec.description,
        input_schema=dict(spec.parameters),
        output_schema=dict(tool.output_schema) if tool.output_schema is not None else None,
        annotations=ToolAnnotations(
            title=spec.title,
            read_only_hint=reads,
            destructive_hint=spec.effect is Effect.DESTRUCTIVE,
            idempotent_hint=tool.idempotent,
            # Other people's words come back, or other people read ours.
            open_world_hint=spec.reads_others or subject_of(tool) is Subject.DISCORD,
        ),
    )


def _may_call(tool: NativeTool, caller: Caller) -> bool:
    return caller.may_write or tool.spec.effect is Effect.READ


def _told(result: ToolResult, tool: NativeTool | None) -> CallToolResult:
    text = TextContent(type="text", text=result.content)
    pictures = [
        ImageContent(type="image", data=base64.b64encode(picture.data).decode(), mime_type=picture.media_type)
        for picture in result.pictures
    ]
    content: list[ContentBlock] = [text, *pictures]
    if result.is_error or tool is None or tool.output_schema is None:
        return CallToolResult(content=content, is_error=result.is_error)
    return CallToolResult(content=content, structured_content=_OBJECT.validate_json(result.content))
