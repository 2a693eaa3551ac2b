"""Ctrl-C and SIGTERM: the first asks the bot to finish up, the second ends the process at once."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import TypeVar

from bot.inbox import Inbox

T = TypeVar("T")
logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AT_ONCE = 130  # what a shell expects of a program that was interrupted


@contextmanager
def stop_on_signals() -> Generator[asyncio.Event]:
    """An event that the first signal sets. To be used on the main thread's running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stopped() -> None:
        if stop.is_set():
            logger.warning("stopped at once")
            os._exit(AT_ONCE)  # everything that matters is committed; waiting is what a second signal refuses
        logger.info("stopping; once more to stop at once")
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, stopped)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


@contextmanager
def on_hang_up(act: Callable[[], None] | None) -> Generator[None]:
    """SIGHUP acts, as services know it. On a terminal it keeps its own meaning: the terminal was closed."""
    if act is None or not hasattr(signal, "SIGHUP") or (sys.stdin is not None and sys.stdin.isatty()):
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, act)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def unless_stopped(stop: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """What `work` comes to; None when `stop` is set before it is done."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait({working, stopping})


async def finish_up(inbox: Inbox, seconds: float) -> None:
    """Give running answers their time; what is dropped is named."""
    if dropped := await inbox.close(seconds):
        links = " ".join(mention.message.link for mention in dropped)
        logger.warning("%d mentions are left for the next start: %s", len(dropped), links)
