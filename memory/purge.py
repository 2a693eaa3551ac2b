"""Erased words leave the files too, not only the answers.

SQLite zeroes what it deletes (`secure_delete`), but the full-text index first only notes that a line is gone, and the
write-ahead log keeps older pages for a while. A purge rewrites the one and empties the other.
"""

import asyncio
import logging
import time

from memory.bell import Bell
from memory.queue import IndexQueue

logger = logging.getLogger(__name__)

REST = 50  # times as long as a purge took, before the next: it rewrites the whole index, which is seconds for a big one
BUSY_SECONDS = 0.2
TRIES = 20
RETRY_SECONDS = 60.0


class Purge:
    """What is due stands in the database, so an interrupted purge is done at the next start."""

    def __init__(self, *, queue: IndexQueue, erased: Bell) -> None:
        self._queue = queue
        self._erased = erased

    async def run(self) -> None:
        """Purge whenever something was erased; ends by cancellation only."""
        while True:
            started = time.monotonic()
            try:
                await self._once()
            except Exception:  # boundary: the disk may be full; what is due stays due
                logger.exception("erased words could not be wiped from the database's files yet")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            took = time.monotonic() - started
            await self._erased.rest()
            await asyncio.sleep(REST * took)

    async def settled(self) -> None:
        """Wait until what was erased before this call is in no file any more."""
        await self._erased.quiet()

    async def _once(self) -> None:
        if not (due := await self._queue.purge_due()):
            return
        for _ in range(TRIES):
            if await self._queue.purge(due):
                return
            await asyncio.sleep(BUSY_SECONDS)
        logger.warning("erased words may still stand in the database's log: it is being read all the time")
