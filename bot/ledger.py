"""The ledger of mentions: each gets exactly one outcome, over restarts too.

A mention is *taken* when work on it begins and *settled* when its one outcome is on Discord. What was taken and not
settled is owed after a restart; `reply_ids` say which messages an earlier attempt has already shown, so that the
next attempt edits these instead of answering twice.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.tables import mentions
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from storage.database import Database

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)  # far longer than any catch-up: only the newest decide, the rest is for `/why`
MAX_DM_CHANNELS = 100
MAX_KNOWN = 50_000
MAX_LOOKED_BACK = 500


class Outcome(StrEnum):
    """What became of a mention."""

    ANSWERED = "answered"
    FAILED = "failed"
    """Somebody was told in one sentence why there is no answer."""
    WITHDRAWN = "withdrawn"
    """The mention was deleted, or could not be answered anywhere."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A mention whose answer is still owed."""

    message_id: MessageId
    channel_id: ChannelId
    guild_id: GuildId | None
    author_id: UserId
    reply_ids: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A mention, who made it, and the messages of its answer."""

    message_id: MessageId
    author_id: UserId
    reply_ids: tuple[MessageId, ...]


class Ledger:
    """Knows each recent mention by heart, so that a repeated event costs no query."""

    def __init__(self, database: Database, clock: Clock, *, window: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._window = window
        self._known: set[MessageId] = set()

    async def open(self) -> None:
        """Load what is recent and drop what is past keeping. Raises what the database raises."""
        now = self._clock()
        await self._database.write(
            lambda c: c.execute(delete(mentions).where(mentions.c.message_id < snowflake_at(now - KEPT)))
        )
        settled = select(mentions.c.message_id).where(
            mentions.c.message_id >= snowflake_at(now - 2 * self._window), mentions.c.outcome.is_not(None)
        )
        self._known = {MessageId(i) for i in await self._database.read(lambda c: c.execute(settled).scalars().all())}

    def claim(self, message_id: MessageId) -> bool:
        """True for the first who asks for this mention, and False for everybody after, until the next start."""
        if message_id in self._known:
            return False
        self._known.add(message_id)
        if len(self._known) > MAX_KNOWN:
            oldest = snowflake_at(self._clock() - 2 * self._window)
            self._known = {known for known in self._known if known >= oldest}
        return True

    def is_young(self, message_id: MessageId) -> bool:
        """Whether the mention is recent enough to be answered at all."""
        return message_id >= snowflake_at(self._clock() - self._window)

    async def take(self, message: Message) -> None:
        row: dict[str, object] = {
            "message_id": message.id,
            "channel_id": message.channel_id,
            "guild_id": message.guild_id,
            "author_id": message.author.id,
            "reply_ids": list[int](),
            "taken_at": self._clock(),
        }

        def work(connection: Connection) -> None:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(insert(mentions).values(row).on_conflict_do_nothing())

        await self._write(work)

    async def shown(self, message_id: MessageId, reply_ids: Sequence[MessageId]) -> None:
        """Part of the answer is on Discord: a later attempt must edit it."""
        await self._update(message_id, reply_ids=list(reply_ids))

    async def settle(self, message_id: MessageId, outcome: Outcome, reply_ids: Sequence[MessageId]) -> None:
        await self._update(message_id, outcome=outcome, reply_ids=list(reply_ids), settled_at=self._clock())

    async def owed(self) -> Sequence[Owed]:
        """What was taken and not settled yet, oldest first: by this process, or by one that was stopped."""
        c = mentions.c
        query = select(c.message_id, c.channel_id, c.guild_id, c.author_id, c.reply_ids)
        query = query.where(c.outcome.is_(None)).order_by(c.message_id)

        def work(connection: Connection) -> list[Owed]:
            return [Owed(m, ch, g, a, tuple(replies)) for m, ch, g, a, replies in connection.execute(query)]

        return await self._database.read(work)

    async def replies(self, message_id: MessageId) -> Sequence[MessageId]:
        """The messages in which an earlier attempt has shown something for this mention."""
        query = select(mentions.c.reply_ids).where(mentions.c.message_id == message_id)

        def work(connection: Connection) -> list[MessageId]:
            found: list[MessageId] | None = connection.execute(query).scalar()
            return found or []

        return await self._database.read(work)

    async def answered_in(self, channel_id: ChannelId, reply_id: MessageId) -> Answered | None:
        """The mention whose answer stands in this message, among the newest of the channel."""
        c = mentions.c
        newest = select(c.message_id, c.author_id, c.reply_ids).where(c.channel_id == channel_id)
        newest = newest.order_by(c.message_id.desc()).limit(MAX_LOOKED_BACK)

        def work(connection: Connection) -> Answered | None:
            for message_id, author_id, replies in connection.execute(newest):
                if reply_id in replies:
                    return Answered(message_id, author_id, tuple(replies))
            return None

        return await self._database.read(work)

    async def reopen(self, message_id: MessageId) -> None:
        """It is to be answered once more: until that is done, the answer is owed."""
        await self._update(message_id, outcome=None, settled_at=None)

    async def dm_channels(self) -> Sequence[ChannelId]:
        """Direct-message channels used lately: Discord lists none of them to a bot that comes back."""
        query = select(mentions.c.channel_id).where(mentions.c.guild_id.is_(None)).distinct().limit(MAX_DM_CHANNELS)
        return await self._database.read(lambda c: [ChannelId(i) for i in c.execute(query).scalars()])

    async def _update(self, message_id: MessageId, **values: object) -> None:
        statement = update(mentions).where(mentions.c.message_id == message_id).values(**values)
        await self._write(lambda c: c.execute(statement))

    async def _write(self, work: Callable[[Connection], object]) -> None:
        """A full disk must keep nobody from an answer: after a restart, the reply on Discord still tells of it."""
        try:
            await self._database.write(work)
        except DBAPIError as error:
            logger.error("the ledger of mentions cannot be written: %s", error.orig)  # noqa: TRY400
