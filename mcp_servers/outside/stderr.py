"""The last lines that a server's program wrote to its standard error: what an operator wants to see when it fails."""

import asyncio
import os
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TextIO

MOST_LINES = 20
LONGEST_LINE = 300


class LastLines:
    """Bounded, and never logged: a program may print its secrets."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._open = b""

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        if rest := _line(self._open):
            yield rest

    def clear(self) -> None:
        self._lines.clear()
        self._open = b""

    def feed(self, data: bytes) -> None:
        *whole, rest = (self._open + data).split(b"\n")
        self._lines.extend(line for each in whole[-MOST_LINES:] if (line := _line(each)))
        self._open = rest[:LONGEST_LINE]

    @contextmanager
    def gathered(self) -> Generator[TextIO]:
        """A file to give to a program as its standard error."""
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        os.set_blocking(reading, False)

        def read() -> None:
            try:
                data = os.read(reading, 65536)
            except BlockingIOError:
                return
            if not data:
                loop.remove_reader(reading)
            self.feed(data)

        try:
            with os.fdopen(writing, "w") as file:
                loop.add_reader(reading, read)
                yield file
                read()
        finally:
            loop.remove_reader(reading)
            os.close(reading)


def _line(written: bytes) -> str:
    return " ".join(written.decode(errors="replace").split())[:LONGEST_LINE]
