"""Recall: what was said about something, for those who may read it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from memory import full_text
from memory.archive import Archive
from memory.batches import batches
from memory.embedders import Vectors
from memory.fusion import Ranking, fuse
from memory.meaning import Meaning, MeaningDoor
from memory.scopes import Scope, scope_of
from memory.tables import messages
from storage.database import Database

logger = logging.getLogger(__name__)

ROUNDS = (100, 1000, 5000)
"""How many candidates each index is asked for: more when the permissions and filters leave too few of them."""

MayShow = Callable[[Collection[ChannelId]], Awaitable[frozenset[ChannelId]]]
"""Answers those of the channels whose messages may be shown to the audience, right now."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found. Scores compare hits of one recall, nothing else."""

    message: Message
    score: float


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters of one recall."""

    author: UserId | None
    channel: ChannelId | None
    first: int
    last: int

    def admits(self, id_: MessageId, place: "_Place") -> bool:
        """Bots repeat what people said, and are found only when they are asked for."""
        return (
            self.first <= id_ <= self.last
            and (place.author == self.author if self.author else not place.is_bot)
            and (self.channel is None or place.channel == self.channel)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Who wrote a message, and where."""

    author: UserId
    channel: ChannelId
    is_bot: bool


class Memory:
    """Searches the archive by words and, once its embedder is loaded, by meaning."""

    def __init__(self, *, database: Database, archive: Archive, door: MeaningDoor) -> None:
        self._database = database
        self._archive = archive
        self._door = door
        self._words_only = False

    async def recall(
        self,
        question: str,
        *,
        guild_id: GuildId | None,
        may_show: MayShow,
        limit: int = 8,
        author: UserId | None = None,
        channel: ChannelId | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
    ) -> Sequence[Hit]:
        """The messages that answer the question best, best first; of a server, or of the direct conversation `channel`.

        What `may_show` does not allow is left out before anything is counted. Never raises for what is in a question.
        """
        wanted = _Wanted(
            author,
            channel,
            first=snowflake_at(after) if after else 0,
            last=snowflake_at(before) - 1 if before else full_text.MAX_ID,
        )
        if not question.strip() or limit < 1:
            return []
        search = _Search(self._database, self._door.now, scope_of(guild_id, channel), question, wanted)
        showable = _Showable(may_show)
        chosen: list[tuple[MessageId, float]] = []
        for count in ROUNDS:
            ranking, everything = await search.candidates(count)
            chosen = await self._choose(ranking, wanted, showable, limit)
            if everything or len(chosen) >= limit:
                break
        self._note_trouble(search)
        kept = await self._archive.get([id_ for id_, _ in chosen])
        return [Hit(kept[id_], score) for id_, score in chosen if id_ in kept]

    async def _choose(
        self, ranking: Ranking, wanted: _Wanted, showable: "_Showable", limit: int
    ) -> list[tuple[MessageId, float]]:
        """The best that are still kept, wanted and allowed."""
        places = await self._database.read(lambda c: _places(c, [id_ for id_, _ in ranking]))
        admitted = [(id_, score) for id_, score in ranking if id_ in places and wanted.admits(id_, places[id_])]
        allowed = await showable.among({places[id_].channel for id_, _ in admitted})
        return [(id_, score) for id_, score in admitted if places[id_].channel in allowed][:limit]

    def _note_trouble(self, search: "_Search") -> None:
        """Once each time search by meaning goes away; not once a question."""
        if search.by_meaning_too == self._words_only:
            self._words_only = not search.by_meaning_too
            logger.info("recall works %s", "by words alone" if self._words_only else "by meaning too")


class _Showable:
    """What the audience may see, asked once for each channel of a recall."""

    def __init__(self, may_show: MayShow) -> None:
        self._may_show = may_show
        self._asked: set[ChannelId] = set()
        self._allowed: set[ChannelId] = set()

    async def among(self, channels: Collection[ChannelId]) -> Collection[ChannelId]:
        if new := set(channels) - self._asked:
            self._allowed |= new & await self._may_show(new)
            self._asked |= new
        return self._allowed


class _Search:
    """One question put to both indexes, ever more widely."""

    def __init__(
        self, database: Database, meaning: Meaning | None, scope: Scope, question: str, wanted: _Wanted
    ) -> None:
        self._database = database
        self._meaning = meaning
        self._scope = scope
        self._question = question
        self._wanted = wanted
        self._vector: Vectors | None = None

    @property
    def by_meaning_too(self) -> bool:
        return self._meaning is not None

    async def candidates(self, count: int) -> tuple[Ranking, bool]:
        """Up to `count` of each index, fused; and whether this is all there is."""
        async with asyncio.TaskGroup() as tasks:
            by_words = tasks.create_task(self._database.read(self._by_words(count)))
            by_meaning = tasks.create_task(self._by_meaning(count))
        words, meaning = by_words.result(), by_meaning.result()
        return fuse(meaning, words, all_words=len(words) < count), max(len(words), len(meaning)) < count

    def _by_words(self, count: int) -> Callable[[Connection], Ranking]:
        first, last = self._wanted.first, self._wanted.last
        return lambda c: full_text.search(c, self._scope, self._question, limit=count, first=first, last=last)

    async def _by_meaning(self, count: int) -> Ranking:
        if self._meaning is None:
            return []
        try:
            return await asyncio.to_thread(self._nearest, self._meaning, count)
        except Exception:  # boundary: words alone are a better answer than none
            logger.exception("search by meaning failed")
            self._meaning = None
            return []

    def _nearest(self, meaning: Meaning, count: int) -> Ranking:
        vector = meaning.embedder.embed_question(self._question) if self._vector is None else self._vector
        self._vector = vector
        return meaning.store.nearest(self._scope, vector, count)


def _places(connection: Connection, ids: Sequence[MessageId]) -> dict[MessageId, _Place]:
    """Who wrote each of these messages where, as far as they are still kept."""
    columns = messages.c.id, messages.c.author_id, messages.c.channel_id, messages.c.author_is_bot
    found: dict[MessageId, _Place] = {}
    for some in batches(ids):
        query = select(*columns).where(messages.c.id.in_(some))
        found |= {
            MessageId(id_): _Place(UserId(author), ChannelId(channel), is_bot)
            for id_, author, channel, is_bot in connection.execute(query)
        }
    return found
