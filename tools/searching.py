"""One search of the memory: its filters as they were looked up, and what it finds, for everybody here or for one."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Literal, Protocol

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.people import Person
from memory.time_words import span_of
from tools.context import ToolContext
from tools.permission import Permissions
from tools.verifying import Verifier

SPARE = 8  # hits that may turn out to be nothing but earlier questions

Has = Literal["image", "link", "file"]

MayShow = Callable[[Collection[ChannelId]], Awaitable[frozenset[ChannelId]]]
Times = tuple[datetime, datetime]


class Hit(Protocol):
    """One thing remembered."""

    @property
    def message(self) -> Message: ...


class Recall(Protocol):
    """What was said, searchable: `memory.recall.Memory`."""

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
        prefer: Times | None = None,
    ) -> Sequence[Hit]:
        """The best hits, best first, from channels that `may_show` lets through, asked now."""
        ...

    async def around(self, message_id: MessageId, *, before: int, after: int) -> Sequence[Message]:
        """A message with those before and after it in its channel, oldest first; nothing if it is not kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for. The memory is kept server by server, and so is each direct conversation."""

    query: str
    scopes: Sequence[tuple[GuildId | None, ChannelId | None]]
    """Servers, each with the one channel to look in, or all."""
    limit: int
    author: UserId | None = None
    after: datetime | None = None
    before: datetime | None = None
    has: Sequence[Has] = ()


class Searcher:
    """Finds messages with live rights, and gives only those that still stand on Discord."""

    def __init__(self, *, memory: Recall, verifier: Verifier, permissions: Permissions) -> None:
        self._memory = memory
        self._verifier = verifier
        self._permissions = permissions

    async def told(self, search: Search, context: ToolContext) -> Sequence[Message]:
        """What everybody who reads the answer may see, best first. To be verified before it is shown."""

        async def may_show(sources: Collection[ChannelId]) -> frozenset[ChannelId]:
            return await self._permissions.showable(context, sources)

        return await self._found(search, context, may_show)

    async def withheld(self, search: Search, context: ToolContext) -> Sequence[Message]:
        """What the asker may see and somebody who reads the answer may not, best first: for the asker alone."""

        async def may_show(sources: Collection[ChannelId]) -> frozenset[ChannelId]:
            readable = await self._permissions.readable(context, sources)
            return readable - await self._permissions.showable(context, readable)

        standing = await self._verifier.verify(await self._found(search, context, may_show))
        # Asked once more: rights may have changed while the search ran.
        readable = await self._permissions.readable(context, {message.channel_id for message in standing})
        return [message for message in standing if message.channel_id in readable]

    async def _found(self, search: Search, context: ToolContext, may_show: MayShow) -> Sequence[Message]:
        await self._verifier.caught_up()
        prefer = None if search.after or search.before else meant_time(context, search.query)
        searches = [
            await self._memory.recall(
                search.query,
                guild_id=guild_id,
                channel=channel,
                may_show=may_show,
                limit=search.limit + SPARE,
                author=search.author,
                after=search.after,
                before=search.before,
                has=search.has,
                prefer=prefer,
            )
            for guild_id, channel in search.scopes
        ]
        found = [hit.message for hit in _in_turn(searches) if hit.message.id != context.request.id]
        return answers_first(found, context.bot)[: search.limit]


def meant_time(context: ToolContext, query: str = "") -> Times | None:
    """The time that a query speaks of, or else the request that it was made for: a model leaves such words out."""
    for words in (query, context.request.own_words):
        if span := span_of(words, context.request.created_at, context.zone):
            return span.first, span.end
    return None


def answers_first(messages: Sequence[Message], bot: Person) -> list[Message]:
    """What was asked of the bot before is like what is asked now, and answers nothing: it comes last."""
    return sorted(messages, key=lambda message: message.text.startswith(f"@{bot.name}"))


def _in_turn(searches: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The best of each first: scores compare the hits of one search only."""
    ranked = [(rank, hit) for hits in searches for rank, hit in enumerate(hits)]
    return [hit for _, hit in sorted(ranked, key=itemgetter(0))]
