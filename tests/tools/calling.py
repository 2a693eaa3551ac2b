"""Calling a tool as a model does, and reading the answer as JSON."""

import json

from pydantic import JsonValue, TypeAdapter

from tools.calls import ToolCall, ToolResult, Toolset
from tools.context import ToolContext

_OBJECT = TypeAdapter(dict[str, JsonValue])
_ROWS = TypeAdapter(list[dict[str, JsonValue]])


async def use(tools: Toolset, context: ToolContext, name: str, /, **arguments: object) -> ToolResult:
    return await tools.call(ToolCall("call", name, json.dumps(arguments)), context)


async def ask(tools: Toolset, context: ToolContext, name: str, /, **arguments: object) -> dict[str, JsonValue]:
    result = await use(tools, context, name, **arguments)
    assert not result.is_error, result.content
    return _OBJECT.validate_json(result.content)


async def refused(tools: Toolset, context: ToolContext, name: str, /, **arguments: object) -> str:
    result = await use(tools, context, name, **arguments)
    assert result.is_error, result.content
    return result.content


def rows(value: JsonValue) -> list[dict[str, JsonValue]]:
    return _ROWS.validate_python(value)
