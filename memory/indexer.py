"""The background worker that brings the vectors up to the archive, and erased words out of the files."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from memory.apart import EndedError
from memory.batches import batches
from memory.bell import Bell
from memory.meaning import Meaning, MeaningDoor
from memory.queue import IndexQueue, Work
from memory.space import Due, Space

logger = logging.getLogger(__name__)

BATCH = 1_024  # changes taken at once: the more, the more have the same length, and such are embedded faster
CALL = 256  # messages handed over at once: a second or two, which is what closing may have to wait for
RETRY_SECONDS = (0.5, 2, 10, 60)
REOPEN_AFTER = 2  # failures in a row, after which the vectors themselves are suspected


@dataclass(frozen=True, slots=True)
class IndexStats:
    """How far the indexes are behind the archive."""

    waiting: int
    """Changes and messages that search by meaning does not know yet."""
    indexed: int
    """Messages indexed since the start."""
    failures: int
    """Failures in a row; 0 when all is well."""


class Indexer:
    """`run` it in a task group. Trouble is logged, waited out and loses no work: the queue is in the database."""

    def __init__(self, *, queue: IndexQueue, changed: Bell, door: MeaningDoor) -> None:
        self._queue = queue
        self._changed = changed
        self._door = door
        self._indexed = 0
        self._failures = 0
        self._compared = False
        self._missing: list[int] = []

    async def run(self) -> None:
        """Load the embedder, then work whenever something was written; ends by cancellation only."""
        while True:
            try:
                await self._catch_up()
            except EndedError:
                await self._recover()
            except Exception:  # boundary: one bad batch must not end all indexing
                logger.exception("indexing failed, %d times before; it will be tried again", self._failures)
                await self._recover()
            else:
                self._failures = 0
                await self._changed.rest()

    async def settled(self) -> None:
        """Wait until everything written before this call is known to search by meaning, or erased from it."""
        await self._changed.quiet()

    async def begin_anew(self) -> None:
        """Have everything indexed again, words and meaning; what is there serves meanwhile."""
        await self._queue.add_everything()
        self._changed.ring()

    async def stats(self) -> IndexStats:
        return IndexStats(await self._queue.length() + len(self._missing), self._indexed, self._failures)

    async def _recover(self) -> None:
        self._failures += 1
        await asyncio.sleep(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS)) - 1])
        if self._failures % REOPEN_AFTER == 0:
            await self._door.close()

    async def _catch_up(self) -> None:
        if (meaning := self._door.now) is None or not meaning.alive:
            self._compared = False
            meaning = await self._door.reopen()
        if meaning is None:
            return
        await self._drain(meaning)
        if not self._compared:
            await self._compare(meaning)
            self._compared = True
        while self._missing:
            await self._complete(meaning)
            await self._drain(meaning)  # what is said meanwhile comes first
        await meaning.change(Space.finish)

    async def _drain(self, meaning: Meaning) -> None:
        while (work := await self._queue.take(BATCH)).entries:
            await self._index(meaning, work)
            await self._queue.done(work)

    async def _index(self, meaning: Meaning, work: Work) -> None:
        for scope in work.gone_scopes:
            await meaning.change(Space.drop, scope)
        for scope, ids in work.gone.items():
            await meaning.change(Space.remove, scope, ids)
        await self._embed(meaning, Space.index, work.due)

    async def _compare(self, meaning: Meaning) -> None:
        """Once, with the queue empty: find what the vectors miss; drop what they should not have."""
        kept, known = await self._queue.counts(), await meaning.change(Space.counts)
        self._missing = []
        for scope in {*kept, *known}:
            if known.get(scope, 0) == kept.get(scope, 0):
                continue
            wanted, there = await self._queue.kept(scope), await meaning.change(Space.ids, scope)
            logger.info("%s: %d messages are indexed anew", scope, len(wanted ^ there))
            await meaning.change(Space.remove, scope, list(there - wanted))
            self._missing += wanted - there
        self._missing.sort()

    async def _complete(self, meaning: Meaning) -> None:
        """The newest of what is missing. It is in no queue: after an end it is found missing again."""
        newest = self._missing[-BATCH:]
        await self._embed(meaning, Space.complete, await self._queue.due(newest))
        del self._missing[-BATCH:]

    async def _embed(self, meaning: Meaning, how: Callable[[Space, Sequence[Due]], None], due: Sequence[Due]) -> None:
        """Texts of one length together: they waste no padding."""
        for some in batches(sorted(due, key=lambda each: len(each.line)), CALL):
            await meaning.change(how, some)
            self._indexed += len(some)
