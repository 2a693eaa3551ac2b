"""The side that answers: `python -m memory.apart NUMBERS`, where these open files are its ends of the lines."""

import logging
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from typing import Any, Protocol, TypeVar

from memory.apart.lines import Call, Start


class Closable(Protocol):
    """What can be served."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


def main(numbers: Sequence[int]) -> None:
    """Serve until the parent says that it is enough, or is no more."""
    for each in (signal.SIGINT, signal.SIGTERM):  # when everybody is told to end, the parent ends this in order
        signal.signal(each, signal.SIG_IGN)
    life, log, *lines = [Connection(number) for number in numbers]
    made, ending = threading.Event(), threading.Event()
    threading.Thread(target=_wait_for_end, args=(life, made, ending), daemon=True).start()
    start: Start[Closable] = lines[0].recv()
    logging.basicConfig(level=start.log_level, handlers=[_Handler(log)])
    try:
        served = start.make()
    except BaseException as error:  # noqa: BLE001 - boundary: it goes to the parent as it is
        lines[0].send((False, _portable(error)))
        ending.wait()
        return
    made.set()
    lines[0].send((True, None))
    calling = [threading.Lock() for _ in lines]
    for line, lock in zip(lines, calling, strict=True):
        threading.Thread(target=_serve, args=(line, served, lock), daemon=True).start()
    ending.wait()
    for lock in calling:  # for good: no thread may be in native code while the interpreter is taken down
        lock.acquire()
    served.close()


def _wait_for_end(life: Connection, made: threading.Event, ending: threading.Event) -> None:
    try:
        life.recv()
    except (EOFError, OSError):
        _end_at_once()  # the parent is dead, and whoever comes after it may open the same files
    if not made.is_set():
        _end_at_once()  # there is nothing to close
    ending.set()


def _end_at_once() -> None:
    """With what it has started: this process leads a group of its own."""
    os.killpg(0, signal.SIGKILL)


def _serve(line: Connection, served: object, calling: threading.Lock) -> None:
    while True:
        try:
            call: Call = line.recv()
        except (EOFError, OSError):
            return
        with calling:
            line.send(_outcome(call, served))


def _outcome(call: Call, served: object) -> tuple[bool, Any]:
    try:
        return True, call.what(served, *call.args, **call.kwargs)
    except BaseException as error:  # noqa: BLE001 - boundary: it goes to the parent; a panic of Rust is no Exception
        return False, _portable(error)


def _portable(error: BaseException) -> BaseException:
    """The error as far as it can be sent, with where it came from."""
    where = "".join(traceback.format_tb(error.__traceback__))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, just made
    except Exception:  # noqa: BLE001 - boundary: whatever does not survive the journey
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error = error.with_traceback(None)
    error.add_note(f"in the process that searches by meaning:\n{where}")
    return error


class _Handler(QueueHandler):
    """Sends what is logged to the parent, which knows where it goes."""

    def __init__(self, log: Connection) -> None:
        super().__init__(log)  # pyright: ignore[reportArgumentType]
        self._log = log

    def enqueue(self, record: logging.LogRecord) -> None:
        self._log.send(record)


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
