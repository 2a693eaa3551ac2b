"""The suite's resources and prompts beside ours, from the mcp library's own server."""

import json

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts.base import Message
from mcp_types import InputRequiredResult

from tests.conformance.ours import PNG
from tests.conformance.rounds import answered
from tests.conformance.theirs import IMAGE, Ctx, embedded, needs, prompt_of, question


def add_resources(server: MCPServer) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        """A text."""
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        """A picture."""
        return PNG

    @server.resource("test://watched-resource", mime_type="text/plain")
    async def watched() -> str:
        """Something to subscribe to."""
        return "watched"

    @server.resource("test://template/{id}/data", mime_type="application/json")
    async def from_template(id: str) -> str:  # noqa: A002 - the suite's name
        """One of many."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def add_prompts(server: MCPServer) -> None:
    @server.prompt()
    async def test_simple_prompt() -> str:
        """Say something simple."""
        return "This is a simple prompt for testing."

    @server.prompt()
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """Say the arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt()
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:  # noqa: N803 - the suite's
        """Show a resource."""
        resource = embedded(resourceUri, "Embedded resource content for testing.")
        return prompt_of("Please process the embedded resource above.", resource)

    @server.prompt()
    async def test_prompt_with_image() -> list[Message]:
        """Show a picture."""
        return prompt_of("Please analyze the image above.", IMAGE)

    @server.prompt()
    async def test_input_required_result_prompt(ctx: Ctx) -> list[Message] | InputRequiredResult:
        """Ask before it says anything."""
        context = answered(ctx, "user_context", "context")
        if context:
            return prompt_of(f"The context is {context}.")
        return needs({"user_context": question("What context should the prompt use?", "context")})
