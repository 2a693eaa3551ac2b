"""Tests of MCP both ways."""
