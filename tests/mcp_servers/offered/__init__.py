"""Our tools as an MCP server."""
