"""One question put to both indexes, ever more widely: which messages might answer it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from chat.ids import MessageId
from memory import full_text
from memory.meaning import Meaning
from memory.scopes import Scope
from storage.database import Database

logger = logging.getLogger(__name__)

Scored = Mapping[MessageId, float]
"""Best first; more is better."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the indexes brought up."""

    words: Scored
    meaning: Scored
    everything: bool
    """Whether asking for more would bring no more."""


class Proposals:
    """Asks by words and, as far as there is an embedder, by meaning, side by side."""

    def __init__(self, *, database: Database, meaning: Meaning | None, scope: Scope, first: int, last: int) -> None:
        """Only messages with ids from `first` to `last` matter."""
        self._database = database
        self._meaning = meaning
        self._scope = scope
        self._first, self._last = first, last

    @property
    def by_meaning_too(self) -> bool:
        return self._meaning is not None

    async def ask(self, question: str, *, words: int, meaning: int) -> Proposed:
        """Up to so many of each index."""
        async with asyncio.TaskGroup() as tasks:
            by_words = tasks.create_task(self._database.read(self._by_words(question, words)))
            by_meaning = tasks.create_task(self.nearest([question], meaning))
        found, near = by_words.result(), by_meaning.result()
        return Proposed(found, near, everything=len(found) < words and len(near) < meaning)

    async def nearest(self, questions: list[str], count: int) -> Scored:
        """The messages that are closest to what the questions mean together; none once that has failed."""
        if self._meaning is None:
            return {}
        try:
            return await self._meaning.nearest(self._scope, questions, count)
        except Exception:  # boundary: words alone are a better answer than none
            logger.exception("search by meaning failed")
            self._meaning = None
            return {}

    def _by_words(self, question: str, count: int) -> Callable[[Connection], Scored]:
        return lambda c: dict(
            full_text.search(c, self._scope, question, limit=count, first=self._first, last=self._last)
        )
