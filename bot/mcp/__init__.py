"""MCP where it meets Discord: the `/mcp` commands, questions of outside servers to people, signing in."""
