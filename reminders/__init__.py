"""Promises to act later: their store and their alarm clock."""
