"""Programs that are MCP servers, good and bad ones."""
