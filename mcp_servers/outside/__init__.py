"""Connections to outside MCP servers: each has one owning task, and their tools are one toolset beside the native ones."""
