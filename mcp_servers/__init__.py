"""MCP both ways: `outside` holds connections to other people's servers, `offered` serves our tools to MCP clients."""
