"""What the suite wants to see and our own modules can say: native tools, served by our desks."""

import asyncio
from typing import Annotated

from pydantic import Field

from tools.calls import Picture, ToolCall, ToolError, ToolResult, Toolset, ToolSpec
from tools.context import ToolContext
from tools.native import NativeTools, tool

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


class SuiteTools:
    """Named as the suite expects."""

    @tool(title="Simple text")
    async def test_simple_text(self) -> str:
        """Answer a simple text."""
        return "This is a simple text response for testing."

    @tool(title="Image")
    async def test_image_content(self) -> str:
        """Answer a picture."""
        return "A red pixel:"

    @tool(title="Error")
    async def test_error_handling(self) -> str:
        """Always fail."""
        raise ToolError("This tool intentionally returns an error for testing")

    @tool(title="Progress")
    async def test_tool_with_progress(self, *, context: ToolContext) -> str:
        """Say how far it is, three times."""
        for step in ("begun", "half way", "done"):
            context.report(step)
            await asyncio.sleep(0.05)  # the suite asks for the pauses
        return "It is done."

    @tool(title="Region")
    async def test_region(
        self, *, region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "eu"
    ) -> str:
        """A parameter that is told in a header as well."""
        return region


class WithPictures:
    """A toolset whose results carry pictures, as those of outside servers do."""

    def __init__(self, inner: Toolset) -> None:
        self._inner = inner

    async def specs(self, context: ToolContext) -> "list[ToolSpec]":
        return list(await self._inner.specs(context))

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        result = await self._inner.call(call, context)
        if call.name != "test_image_content":
            return result
        return ToolResult(call.id, result.content, pictures=(Picture("image/png", PNG),))


NATIVE = NativeTools(SuiteTools())
