"""The side that asks."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from memory.apart.lines import ASKING, Call, Close, Start

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)

IT = "the process that searches by meaning"
END_SECONDS = 20
"""How long the process may take to end once it was told to; a change under way takes a second at the worst."""


class EndedError(Exception):
    """The process has ended: it was killed, or crashed."""


class Apart(Generic[S]):
    """An object in a process of its own. Its calls are awaited here and run there: questions side by side.

    Whatever is called is found by its name over there: no lambda, nothing local.
    """

    def __init__(self, *, ended: Callable[[], object]) -> None:
        """Start the process: blocking, for some milliseconds. `ended` is called when it has ended without being closed.

        That call comes from a thread.
        """
        ours, theirs = zip(*(Pipe() for _ in range(ASKING + 3)), strict=True)
        numbers = [end.fileno() for end in theirs]
        path = [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - this is what an empty entry means
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "memory.apart", *map(str, numbers)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
                stdin=subprocess.DEVNULL,
                pass_fds=numbers,
                start_new_session=True,  # Ctrl-C on the terminal is for the parent, which ends this one in order
            )
        finally:
            for end in theirs:
                end.close()
        self._life, log, self._changes, *questions = ours
        self._questions = questions
        self._free = SimpleQueue[Connection]()
        for line in questions:
            self._free.put(line)
        self._askers = ThreadPoolExecutor(ASKING, "asks")
        self._changer = ThreadPoolExecutor(1, "changes")
        self._ended = ended
        self._closing = False
        self._listener = threading.Thread(target=self._listen, args=(log,), name="apart-log")
        self._listener.start()

    async def make(self, make: Callable[[], S]) -> None:
        """Have the object made, once and before anything else. Raises what `make` raises, or `EndedError`."""
        start = Start(make, logging.getLogger("memory").getEffectiveLevel())
        await asyncio.get_running_loop().run_in_executor(self._changer, _said, self._changes, start)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def ask(self, what: Callable[Concatenate[S, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run this over the object, beside other questions. Raises what it raises, or `EndedError`."""
        ask: Callable[[], T] = partial(self._ask, Call(what, args, kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._askers, ask)

    async def change(self, what: Callable[Concatenate[S, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run this over the object, after all changes asked for earlier. Raises what it raises, or `EndedError`."""
        say: Callable[[], T] = partial(_said, self._changes, Call(what, args, kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._changer, say)

    def close(self) -> None:
        """Have it finish the change under way, close the object and end. Blocking."""
        self._closing = True
        with suppress(OSError):
            self._life.send(Close())
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("%s did not end in %d seconds, and is killed", IT, END_SECONDS)
            self._process.kill()
            self._process.wait()
        for stopped in (self._askers.shutdown, self._changer.shutdown, self._listener.join):
            stopped()
        for line in (self._life, self._changes, *self._questions):
            line.close()

    def _ask(self, call: Call) -> Any:  # noqa: ANN401 - what came over a wire
        line = self._free.get()
        try:
            return _said(line, call)
        finally:
            self._free.put(line)

    def _listen(self, log: Connection) -> None:
        """Pass on what the other process logs, until it ends."""
        with log, suppress(EOFError, OSError):
            while True:
                record: logging.LogRecord = log.recv()
                there = logging.getLogger(record.name)
                if there.isEnabledFor(record.levelno):
                    there.handle(record)
        if not self._closing:
            logger.warning("%s has ended (%d)", IT, self._process.wait())
            with suppress(RuntimeError):  # the loop that it speaks to may have ended, too
                self._ended()


def _said(line: Connection, what: Start[object] | Call) -> Any:  # noqa: ANN401 - what came over a wire
    """What the other side answers. Raises what it raised."""
    try:
        line.send(what)
        went_well, outcome = line.recv()
    except (EOFError, OSError) as error:
        raise EndedError(f"{IT} has ended") from error
    if not went_well:
        raise outcome
    return outcome
