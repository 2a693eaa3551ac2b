"""Recall: what was said about something, for those who may read it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Text, bindparam, cast, select

from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from memory import full_text
from memory.archive import Archive
from memory.batches import batches
from memory.meaning import MeaningDoor
from memory.proposals import Proposals, Proposed
from memory.ranking import Clues, rank, without_names
from memory.scopes import scope_of
from memory.surroundings import Line, surroundings
from memory.tables import messages
from storage.database import Database

logger = logging.getLogger(__name__)

ROUNDS = ((80, 300), (1000, 1000), (5000, 5000))
"""How many messages the words and the vectors are asked for: more when permissions and filters leave too few."""
SEEDS = 50
"""How many of each are looked at closely, together with what was said around them."""

MayShow = Callable[[Collection[ChannelId]], Awaitable[frozenset[ChannelId]]]
"""Answers those of the channels whose messages may be shown to the audience, right now."""


Has = Literal["image", "link", "file"]
"""What a message may have to have."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found. Scores compare hits of one recall, nothing else."""

    message: Message
    score: float


class _Place(NamedTuple):
    """Who wrote a message, and where. A tuple, for a recall makes hundreds of them."""

    id: MessageId
    author: UserId
    name: str
    channel: ChannelId
    is_bot: bool
    text: str
    files: str


_PLACES = select(
    *(messages.c.id, messages.c.author_id, messages.c.author_name, messages.c.channel_id, messages.c.author_is_bot),
    *(messages.c.text, cast(messages.c.attachments, Text)),
).where(messages.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters of one recall."""

    author: UserId | None
    channel: ChannelId | None
    first: int
    last: int
    has: Collection[Has] = ()

    def is_near(self, place: _Place) -> bool:
        """Whether it was said where and when the answer was."""
        return self.first <= place.id <= self.last and (self.channel is None or place.channel == self.channel)

    def admits(self, line: _Place | Line) -> bool:
        """Bots repeat what people said, and are found only when they are asked for."""
        by_whom = line.author == self.author if self.author else not line.is_bot
        where = self.first <= line.id <= self.last and (self.channel is None or line.channel == self.channel)
        return by_whom and where and all(_has(line, each) for each in self.has)


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
        has: Collection[Has] = (),
        prefer: tuple[datetime, datetime] | None = None,
    ) -> Sequence[Hit]:
        """The messages that answer the question best, best first; of a server, or of the direct conversation `channel`.

        What `may_show` does not allow is left out before anything is counted. `prefer` is a time that the question
        speaks of: what was said then is likelier to be meant. Never raises for what is in a question.
        """
        first = snowflake_at(after) if after else 0
        last = snowflake_at(before) - 1 if before else full_text.MAX_ID
        if not question.strip() or limit < 1:
            return []
        wanted = _Wanted(author, channel, first, last, has)
        scope = scope_of(guild_id, channel)
        proposals = Proposals(
            database=self._database, meaning=self._door.now, scope=scope, first=wanted.first, last=wanted.last
        )
        clues = Clues(question, prefer=(snowflake_at(prefer[0]), snowflake_at(prefer[1])) if prefer else None)
        search = _Search(self._database, proposals, wanted, _Showable(may_show))
        best = await search.best(clues, limit)
        self._note_trouble(proposals)
        kept = await self._archive.get([line.id for line, _ in best])
        return [Hit(kept[line.id], score) for line, score in best if line.id in kept]

    async def around(self, message_id: MessageId, *, before: int, after: int) -> Sequence[Message]:
        """A message with those before and after it in its channel, oldest first; nothing if it is not kept."""
        return await self._archive.around(message_id, before=before, after=after)

    def _note_trouble(self, proposals: Proposals) -> None:
        """Once each time search by meaning goes away; not once a question."""
        if proposals.by_meaning_too == self._words_only:
            self._words_only = not proposals.by_meaning_too
            logger.info("recall works %s", "by words alone" if self._words_only else "by meaning too")


class _Search:
    """One recall: proposals, permission, a closer look; more widely until there is enough."""

    def __init__(self, database: Database, proposals: Proposals, wanted: _Wanted, showable: "_Showable") -> None:
        self._database = database
        self._proposals = proposals
        self._wanted = wanted
        self._showable = showable

    async def best(self, clues: Clues, limit: int) -> list[tuple[Line, float]]:
        best: list[tuple[Line, float]] = []
        for words, meaning in ROUNDS:
            proposed, places = await self._proposed(clues.question, words, meaning)
            seeds = await self._seeds(proposed, places)
            found = await self._database.read(lambda c, seeds=seeds: surroundings(c, seeds))
            allowed = await self._showable.among({line.channel for line in found.lines})
            look = replace(clues, by_meaning=proposed.meaning)
            best = [
                (line, score)
                for line, score in await asyncio.to_thread(rank, look, found, seeds)
                if line.channel in allowed and self._wanted.admits(line)
            ]
            enough = sum(self._wanted.admits(places[seed]) for seed in seeds) >= SEEDS
            if proposed.everything or (enough and len(best) >= limit):
                break
        return best[:limit]

    async def _proposed(self, question: str, words: int, meaning: int) -> tuple[Proposed, dict[MessageId, "_Place"]]:
        """What the indexes bring up. Names of authors blur what a question means: it counts without them, too."""
        proposed = await self._proposals.ask(question, words=words, meaning=meaning)
        places = await self._places({*proposed.words, *proposed.meaning})
        plain = without_names(question, {place.name for place in places.values()})
        if not proposed.meaning or plain == question:
            return proposed, places
        near = await self._proposals.nearest([question, plain], meaning)
        return replace(proposed, meaning=near), places | await self._places(near.keys() - places.keys())

    async def _seeds(self, proposed: Proposed, places: dict[MessageId, "_Place"]) -> list[MessageId]:
        """The best of each index that may be shown; those first that could be an answer themselves."""
        here = {id_: place for id_, place in places.items() if self._wanted.is_near(place)}
        allowed = await self._showable.among({place.channel for place in here.values()})
        seeds: dict[MessageId, None] = {}
        for ranking in (proposed.words, proposed.meaning):
            shown = [here[id_] for id_ in ranking if id_ in here and here[id_].channel in allowed]
            shown.sort(key=self._wanted.admits, reverse=True)
            seeds |= dict.fromkeys(place.id for place in shown[:SEEDS])
        return list(seeds)

    async def _places(self, ids: Collection[MessageId]) -> dict[MessageId, "_Place"]:
        return await self._database.read(lambda c: _places(c, list(ids))) if ids else {}


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


def _places(connection: Connection, ids: Sequence[MessageId]) -> dict[MessageId, _Place]:
    """Who wrote each of these messages where, as far as they are still kept."""
    rows = (row for some in batches(ids) for row in connection.execute(_PLACES, {"ids": some}))
    return {place.id: place for place in map(_Place._make, rows)}


def _has(line: _Place | Line, what: Has) -> bool:
    match what:
        case "image":
            return '"content_type": "image/' in line.files
        case "link":
            return "https://" in line.text or "http://" in line.text
        case "file":
            return line.files != "[]"
