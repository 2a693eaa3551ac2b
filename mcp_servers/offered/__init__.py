"""Our tools as an MCP server: the same tool objects, under the rights of the Discord user whose token calls."""
