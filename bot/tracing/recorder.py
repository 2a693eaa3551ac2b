"""Writes traces behind the answer's back: whoever tells it something waits for nothing."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import DBAPIError

from bot.tracing.store import TraceStore
from bot.tracing.values import Trace
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId
from memory.bell import Bell

logger = logging.getLogger(__name__)

MOST_WAITING = 2000
EVERY_SECONDS = 3600.0
SETTLED = timedelta(minutes=2)
"""By then what was said is archived."""


class Recorder:
    """Its first methods return at once; `run` does the writing, in order."""

    def __init__(self, store: TraceStore, clock: Clock, *, days: int) -> None:
        """`days` that traces are kept; 0 keeps none."""
        self.store = store
        self.days = days
        self._clock = clock
        self._waiting: deque[Callable[[], Awaitable[None]]] = deque()
        self._bell = Bell()

    def ran(self, trace: Trace) -> None:
        if self.days and len(self._waiting) < MOST_WAITING:
            self._later(partial(self.store.save, trace))

    def answered(self, run_id: str, answer: Collection[MessageId]) -> None:
        if self.days and answer:
            self._later(partial(self.store.answered, run_id, tuple(answer)))

    def gone(self, ids: Collection[MessageId]) -> None:
        self._later(partial(self.store.gone, tuple(ids)))

    def edited(self, message: MessageId) -> None:
        self._later(partial(self.store.silence, (message,)))

    def channel_gone(self, channel: ChannelId) -> None:
        self._later(partial(self.store.channel_gone, channel))

    def guild_gone(self, guild: GuildId) -> None:
        self._later(partial(self.store.forget_guild, guild))

    async def settled(self) -> None:
        """Wait until everything told before this call is written, as far as that is possible."""
        await self._bell.quiet()

    async def run(self) -> None:
        """Ends by cancellation only."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep())
            while True:
                await self._write_all()
                await self._bell.rest()

    async def _write_all(self) -> None:
        while self._waiting:
            work = self._waiting.popleft()
            try:
                await work()
            except DBAPIError as error:  # its text would show what people wrote
                logger.error("a trace cannot be written: %s", error.orig)  # noqa: TRY400
            except Exception:  # boundary: one trace that cannot be written must not stop the others
                logger.exception("a trace was refused")

    async def _sweep(self) -> None:
        while True:
            now = self._clock()
            self._later(partial(self.store.sweep, before=now - timedelta(days=self.days), settled=now - SETTLED))
            await asyncio.sleep(EVERY_SECONDS)

    def _later(self, work: Callable[[], Awaitable[None]]) -> None:
        self._waiting.append(work)
        self._bell.ring()
