"""Connections to outside MCP servers: one owning task each; their tools are one toolset beside the native ones."""
