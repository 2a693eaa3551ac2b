"""A small outside MCP server over its standard streams: `python -m tests.life.greeter`."""

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

server = MCPServer("greeter", version="1.0", log_level="WARNING")


@server.tool()
async def greet(name: str) -> str:
    """Greet somebody by name."""
    return f"Good day, {name}!"


@server.tool()
async def paint(wall: str) -> str:
    """Paint a wall."""
    return f"The {wall} wall is painted."


@server.prompt(title="Write a letter")
async def letter(to: Annotated[str, Field(description="Who gets it")], mood: str = "kind") -> str:
    """A letter to somebody."""
    return f"Write a {mood} letter to {to}."


@server.prompt()
async def joke() -> str:
    """A joke."""
    return "Tell a joke about walls."


if __name__ == "__main__":
    server.run()
