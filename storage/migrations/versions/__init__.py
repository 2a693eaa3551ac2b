"""One file a revision, numbered in order: `0001_memory.py` and so on."""
