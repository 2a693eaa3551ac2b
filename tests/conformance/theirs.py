"""What the suite wants to see and our server does not do: the mcp library's own server says it.

We ask nothing back of a client (no sampling, no elicitation), send no log lines, and have no subscriptions. The suite
mixes such tools with the others, so the fixture has them too; they test the library below our modules.
"""

import asyncio
import base64
import json
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import Message, UserMessage
from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    EmbeddedResource,
    ImageContent,
    InputRequests,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)
from pydantic import JsonValue

from tests.conformance.ours import PNG

Ctx = Context[Any]  # the library's own context; what its lifespan yields is not used
WAV = base64.b64encode(b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00@\x1f\x00\x00").decode()
IMAGE = ImageContent(type="image", data=base64.b64encode(PNG).decode(), mime_type="image/png")


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def embedded(uri: str, words: str, kind: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=kind, text=words))


def add_tools(server: MCPServer) -> None:
    @server.tool(structured_output=False)
    async def test_audio_content() -> list[ContentBlock]:
        """Answer a sound."""
        return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]

    @server.tool(structured_output=False)
    async def test_embedded_resource() -> list[ContentBlock]:
        """Answer a resource."""
        return [embedded("test://embedded-resource", "This is an embedded resource content.")]

    @server.tool(structured_output=False)
    async def test_multiple_content_types() -> list[ContentBlock]:
        """Answer several kinds of content."""
        data = embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
        return [text("Multiple content types test:"), IMAGE, data]


def add_notices(server: MCPServer) -> None:
    @server.tool()
    async def test_tool_with_logging(ctx: Ctx) -> str:
        """Log three lines."""
        for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.info(line)  # pyright: ignore[reportDeprecated] - the suite looks at what is deprecated, too
            await asyncio.sleep(0.05)  # the suite asks for the pauses
        return "Logged."

    @server.tool()
    async def test_logging_tool(ctx: Ctx) -> str:
        """Log a line."""
        await ctx.info("a line")  # pyright: ignore[reportDeprecated]
        return "Logged."

    @server.tool()
    async def test_reconnection(ctx: Ctx) -> str:
        """Close the stream in the middle of the call."""
        await ctx.close_sse_stream()
        return "Reconnected."

    @server.tool()
    async def test_trigger_tool_change(ctx: Ctx) -> str:
        """Say that the tools have changed."""
        await ctx.notify_tools_changed()
        return "Told."

    @server.tool()
    async def test_trigger_prompt_change(ctx: Ctx) -> str:
        """Say that the prompts have changed."""
        await ctx.notify_prompts_changed()
        return "Told."


def add_questions(server: MCPServer) -> None:
    """Tools that ask the client while they run: handshake protocols only."""

    @server.tool()
    async def test_sampling(prompt: str, ctx: Ctx) -> str:
        """Have the client's model say something."""
        said = SamplingMessage(role="user", content=text(prompt))
        answer = await ctx.session.create_message(  # pyright: ignore[reportDeprecated]
            messages=[said], max_tokens=100
        )
        return f"LLM response: {answer.content.text if isinstance(answer.content, TextContent) else ''}"

    @server.tool()
    async def test_elicitation(message: str, ctx: Ctx) -> str:
        """Ask the client's person."""
        fields: dict[str, JsonValue] = {
            "username": {"type": "string", "description": "User's response"},
            "email": {"type": "string", "description": "User's email address"},
        }
        return f"User response: {await ask(ctx, message, fields, required=list(fields))}"


def add_forms(server: MCPServer) -> None:
    @server.tool()
    async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
        """Ask with defaults."""
        fields: dict[str, JsonValue] = {
            "name": {"type": "string", "default": "John Doe"},
            "age": {"type": "integer", "default": 30},
            "score": {"type": "number", "default": 95.5},
            "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
            "verified": {"type": "boolean", "default": True},
        }
        return f"Elicitation completed: {await ask(ctx, 'Please fill in', fields)}"

    @server.tool()
    async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
        """Ask with choices of every kind."""
        titled: list[JsonValue] = [{"const": f"value{n}", "title": f"{word} Option"} for n, word in enumerate(COUNT, 1)]
        choices: list[JsonValue] = ["option1", "option2", "option3"]
        fields: dict[str, JsonValue] = {
            "untitledSingle": {"type": "string", "enum": choices},
            "titledSingle": {"type": "string", "oneOf": titled},
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": {"type": "array", "items": {"type": "string", "enum": choices}},
            "titledMulti": {"type": "array", "items": {"anyOf": titled}},
        }
        return f"Elicitation completed: {await ask(ctx, 'Please choose', fields)}"


COUNT = ("First", "Second", "Third")


async def ask(ctx: Ctx, message: str, fields: dict[str, JsonValue], *, required: list[str] | None = None) -> str:
    schema: dict[str, JsonValue] = {"type": "object", "properties": fields}
    if required:
        schema["required"] = [*required]
    answer = await ctx.session.elicit_form(message, schema)
    return f"action={answer.action}, content={json.dumps(answer.content)}"


def question(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema: dict[str, object] = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(words: str, tokens: int) -> CreateMessageRequest:
    said = [SamplingMessage(role="user", content=text(words))]
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=said, max_tokens=tokens))


def roots() -> ListRootsRequest:
    return ListRootsRequest()


def needs(requests: InputRequests, state: str | None = None) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def done(words: str) -> CallToolResult:
    return CallToolResult(content=[text(words)])


def prompt_of(words: str, *before: ContentBlock) -> list[Message]:
    return [UserMessage(each) for each in (*before, text(words))]
