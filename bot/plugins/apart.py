"""A thread with an event loop of its own, for one third-party plugin: what blocks it, blocks nobody else.

Python cannot end a thread. One that never comes back is left alone (it does not keep the process from ending), and
where it hangs is told.
"""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)

NOTICE_SECONDS = 1.0
"""How long a loop may take to react before it counts as blocked."""


class Stopped(Exception):  # noqa: N818 - what happened
    """The plugin wanted to end more than its own call, or its thread is over."""


class Apart:
    """Begins with `start`, ends with `stop`. Everything between runs in the thread, in the order it was asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name=f"plugin {name}", daemon=True)

    async def start(self) -> None:
        self._thread.start()
        await asyncio.wrap_future(self._begun)

    async def run(self, work: Callable[[], Awaitable[T]], *, seconds: float) -> T:
        """What `work` comes to. Raises TimeoutError, `Stopped`, and whatever `work` raises."""
        loop, _ = self._begun.result()
        if not self._thread.is_alive():
            raise Stopped("its thread is over")
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_contained(work), loop))

    async def blocked_at(self) -> str | None:
        """Where the thread is when its loop does not react: `file.py:12`; None when it does react."""
        loop, _ = self._begun.result()
        if not self._thread.is_alive():
            return None
        noticed: Future[None] = Future()
        loop.call_soon_threadsafe(noticed.set_result, None)
        done, _ = await asyncio.wait({asyncio.wrap_future(noticed)}, timeout=NOTICE_SECONDS)
        frame = sys._current_frames().get(self._thread.ident or 0)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - public in the docs
        if done or frame is None:
            return None
        inner = [each for each in traceback.extract_stack(frame) if "asyncio" not in Path(each.filename).parts]
        return f"{Path(inner[-1].filename).name}:{inner[-1].lineno}" if inner else "an unknown place"

    async def stop(self) -> None:
        """Cancels what runs there. A thread that does not react within a second is left behind."""
        if not self._thread.is_alive():
            return
        loop, stop = self._begun.result()
        loop.call_soon_threadsafe(stop.set)
        await asyncio.to_thread(self._thread.join, NOTICE_SECONDS)
        if self._thread.is_alive():
            logger.warning("the plugin %s does not stop; it is left behind", self.name)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        stop = asyncio.Event()
        self._begun.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()


async def _contained(work: Callable[[], Awaitable[T]]) -> T:
    """What would end the whole process, or what waits for this call, ends this call."""
    try:
        return await work()
    except Exception:
        raise
    except BaseException as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
            raise
        raise Stopped(f"it raised {type(error).__name__}") from error


class Hop:
    """From a plugin's thread to the bot's event loop and back."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def __call__(self, work: Coroutine[None, None, T]) -> T:
        if asyncio.get_running_loop() is self._loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
