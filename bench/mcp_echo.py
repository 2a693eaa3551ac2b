"""An MCP server with one tool: what the benches connect to. `python -m bench.mcp_echo stdio`, or `… http PORT`."""

import sys

from mcp.server.mcpserver import MCPServer


def server() -> MCPServer:
    made = MCPServer("echo", log_level="ERROR")

    @made.tool()
    async def echo(text: str) -> str:
        """The same text."""
        return text

    return made


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server().run()
    else:
        server().run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
