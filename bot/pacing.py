"""How often an answer that streams may be edited, on a monotonic clock that is handed in."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pacing:
    """In seconds."""

    first_text: float = 0.5
    """How long the first text is held back, so that an answer which is done by then costs one call."""
    between: float = 1.2
    """From one edit to the next, at least."""
    slow: float = 2.0
    """After this, somebody who sees nothing yet is told what is going on."""
    most: float = 10.0
    """Slow or refused calls stretch the pace up to this."""
    retries: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
    """Pauses before the final text is tried again."""


class Stopwatch(Protocol):
    """Monotonic time, and waiting by it."""

    def now(self) -> float: ...

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Until `event` is set or `seconds` are over; without `seconds`, as long as it takes."""
        ...


class RealStopwatch:
    """The machine's monotonic clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


class Pace:
    """When the next call of one conversation is due."""

    def __init__(self, pacing: Pacing, started_at: float) -> None:
        self.pacing = pacing
        self._next = started_at
        self._between = pacing.between

    @property
    def next(self) -> float:
        return self._next

    def called(self, started: float, ended: float, *, calls: int, well: bool) -> None:
        """Calls were made. discord.py waits out a 429 inside of a call, so a slow one asks for a slower pace too."""
        if well:
            self._between = max(self.pacing.between, min(2 * (ended - started) / max(calls, 1), self.pacing.most))
        else:
            self._between = min(2 * self._between, self.pacing.most)
        self._next = max(started + self._between * max(calls, 1), ended)
