"""MCP both ways: connections to outside servers, and our tools offered as a server. Nothing is here yet."""
