"""Prompt → model → tool calls → answer."""
