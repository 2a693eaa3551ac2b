"""One object in a process of its own: what it does to the interpreter's lock, to memory or to itself, it does there.

`Apart` starts the process and sends it calls, which are functions over that object and its values, pickled. The process
ends with its parent, however that ends.
"""

from memory.apart.parent import Apart, EndedError

__all__ = ["Apart", "EndedError"]
