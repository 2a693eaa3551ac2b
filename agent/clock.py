"""The time of one turn. It stands still while a person decides, up to a bound of its own."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

MOST_PAUSED = 300.0
"""Seconds in all that a turn may wait for people: its channel waits with it."""


class TurnClock:
    """Cancels what runs inside it once its time is up; leaving it then raises TimeoutError."""

    def __init__(self, seconds: float, *, most_paused: float = MOST_PAUSED) -> None:
        self._time = asyncio.get_running_loop().time
        self._timeout = asyncio.timeout(seconds)
        self._seconds = seconds
        self._started = self._time()
        self._pauses_left = most_paused
        self._paused_since: float | None = None
        self._paused_for = 0.0
        self._waiting = 0

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._timeout.__aexit__(kind, error, trace)

    def elapsed(self) -> float:
        """Seconds, without those in which people were waited for."""
        now = self._time()
        pause = 0.0 if self._paused_since is None else min(now - self._paused_since, self._pauses_left)
        return now - self._started - self._paused_for - pause

    def expired(self) -> bool:
        return self._timeout.expired()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Several at once are one pause, from the first to the last."""
        self._waiting += 1
        if self._waiting == 1:
            self._reschedule(self._seconds - self.elapsed() + self._pauses_left)
            self._paused_since = self._time()
        try:
            yield
        finally:
            self._waiting -= 1
            if self._waiting == 0 and self._paused_since is not None:
                pause = min(self._time() - self._paused_since, self._pauses_left)
                self._paused_for += pause
                self._pauses_left -= pause
                self._paused_since = None
                self._reschedule(self._seconds - self.elapsed())

    def _reschedule(self, seconds: float) -> None:
        if not self._timeout.expired():
            self._timeout.reschedule(self._time() + seconds)
