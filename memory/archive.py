"""The archive: every message the bot may see, kept as it now stands on Discord; the truth behind all indexes.

Each write is one transaction over the message, its full text and the queue of the vectors, so a crash can only delay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from memory import full_text
from memory.batches import ROWS, batches
from memory.bell import Bell
from memory.rows import differ, line, scope, to_message, to_row
from memory.scopes import scope_of
from memory.tables import full_text_purge, index_queue, messages
from storage.database import Database

REMEMBERED_GONE = 20_000
NEVER = datetime.min.replace(tzinfo=UTC)


class Archive:
    """Keeps messages by id. Writing the same message twice changes nothing; an older state never replaces a newer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gone: dict[MessageId, None] = {}
        self.changed = Bell()
        """Rung by every write: the vectors have something to learn."""
        self.erased = Bell()
        """Rung when words were taken out, by an edit or an erasure: they must leave the files too."""

    async def archive(self, message: Message) -> None:
        await self.archive_many([message])

    async def archive_many(self, batch: Collection[Message]) -> None:
        """Keep these messages, or bring what is kept of them up to date."""
        newest: dict[MessageId, Message] = {}
        for message in batch:
            known = newest.get(message.id)
            if message.id not in self._gone and (known is None or _edited(message) >= _edited(known)):
                newest[message.id] = message
        for chunk in batches(list(newest.values())):
            replaced = await self._database.write(lambda c, chunk=chunk: _keep(c, chunk))
            self.changed.ring()
            if replaced:
                self.erased.ring()

    async def erase(self, ids: Collection[MessageId]) -> int:
        """Forget these messages; answers how many were kept. What arrives late about them is not kept again."""
        self._remember_gone(ids)
        return sum([await self._erase_where(messages.c.id.in_(chunk)) for chunk in batches(list(ids))])

    async def erase_channel(self, channel_id: ChannelId) -> int:
        """Forget everything said in a channel (its threads are channels of their own); answers how much it was."""
        return await self._erase_where(messages.c.channel_id == channel_id)

    async def erase_author(self, author: UserId) -> int:
        return await self._erase_where(messages.c.author_id == author)

    async def erase_answers_to(self, person: UserId) -> int:
        """Forget what bots answered to a person: it quotes them."""
        asked = select(messages.c.id).where(messages.c.author_id == person)
        return await self._erase_where(messages.c.author_is_bot & messages.c.reply_to.in_(asked))

    async def said_by(self, person: UserId) -> Sequence[Message]:
        """Everything that is kept of a person, oldest first."""
        return await self._select(messages.c.author_id == person)

    async def erase_older(self, channel_id: ChannelId, than: MessageId) -> int:
        """Forget what was said in a channel before a message."""
        return await self._erase_where((messages.c.channel_id == channel_id) & (messages.c.id < than))

    async def erase_guild(self, guild_id: GuildId) -> int:
        count = await self._erase_where(messages.c.guild_id == guild_id)
        gone = insert(index_queue).values(scope=scope_of(guild_id, None), message_id=None)
        await self._database.write(lambda c: c.execute(gone))
        self.changed.ring()
        return count

    async def get(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        """Those of the messages that are kept."""
        return {m.id: m for chunk in batches(list(ids)) for m in await self._select(messages.c.id.in_(chunk))}

    async def recent(self, channel_id: ChannelId, limit: int, before: MessageId | None = None) -> Sequence[Message]:
        """The newest messages of a channel (before one), oldest first."""
        there = messages.c.channel_id == channel_id
        found = await self._select(there if before is None else there & (messages.c.id < before), limit, newest=True)
        return found[::-1]

    async def around(self, message_id: MessageId, *, before: int, after: int) -> Sequence[Message]:
        """A message with those before and after it in its channel, oldest first; nothing if it is not kept."""
        if not (found := await self._select(messages.c.id == message_id)):
            return []
        there = messages.c.channel_id == found[0].channel_id
        older = await self._select(there & (messages.c.id < message_id), before, newest=True) if before else []
        newer = await self._select(there & (messages.c.id > message_id), after) if after else []
        return [*older[::-1], *found, *newer]

    async def ids_between(self, channel_id: ChannelId, first: MessageId, last: MessageId) -> frozenset[MessageId]:
        """What is kept of a channel from one message to another, both included."""
        there = (messages.c.channel_id == channel_id) & messages.c.id.between(first, last)
        found = await self._database.read(lambda c: c.execute(select(messages.c.id).where(there)).scalars().all())
        return frozenset(MessageId(each) for each in found)

    async def newest_id_by_channel(self) -> Mapping[ChannelId, MessageId]:
        """The newest message kept of each channel."""
        query = select(messages.c.channel_id, func.max(messages.c.id)).group_by(messages.c.channel_id)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {ChannelId(channel): MessageId(newest) for channel, newest in rows}

    async def count(self, channel_id: ChannelId | None = None) -> int:
        """How many messages are kept (of a channel)."""
        query = select(func.count()).select_from(messages)
        if channel_id is not None:
            query = query.where(messages.c.channel_id == channel_id)
        return await self._database.read(lambda c: c.execute(query).scalar_one())

    async def guilds(self) -> frozenset[GuildId]:
        """The servers of which something is kept."""
        query = select(messages.c.guild_id).where(messages.c.guild_id.is_not(None)).distinct()
        return frozenset(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def _select(
        self, condition: ColumnElement[bool], limit: int | None = None, *, newest: bool = False
    ) -> list[Message]:
        order = messages.c.id.desc() if newest else messages.c.id
        query = select(messages).where(condition).order_by(order).limit(limit)
        return await self._database.read(lambda c: [to_message(row) for row in c.execute(query).mappings()])

    async def _erase_where(self, condition: ColumnElement[bool]) -> int:
        erased = 0
        while ids := await self._database.write(lambda c: _erase(c, condition)):
            self._remember_gone(ids)
            erased += len(ids)
            self.changed.ring()
            self.erased.ring()
        return erased

    def _remember_gone(self, ids: Iterable[MessageId]) -> None:
        self._gone.update(dict.fromkeys(ids))
        for oldest in list(self._gone)[: max(0, len(self._gone) - REMEMBERED_GONE)]:
            del self._gone[oldest]


def _keep(connection: Connection, batch: Sequence[Message]) -> bool:
    """Gateway events come late, twice and out of order: only what is new, or newer, is written.

    Answers whether older words were replaced.
    """
    ids = [message.id for message in batch]
    known = {row["id"]: row for row in connection.execute(select(messages).where(messages.c.id.in_(ids))).mappings()}
    rows = [to_row(message) for message in batch if _is_news(message, known.get(message.id))]
    if not rows:
        return False
    replaced = [row["id"] for row in rows if row["id"] in known]
    if replaced:
        _forget_words(connection, replaced)
        connection.execute(delete(messages).where(messages.c.id.in_(replaced)))
    connection.execute(insert(messages), rows)
    full_text.put(connection, [(row["id"], line(row), scope(row)) for row in rows])
    connection.execute(insert(index_queue), [{"scope": scope(row), "message_id": row["id"]} for row in rows])
    return bool(replaced)


def _is_news(message: Message, known: RowMapping | None) -> bool:
    if known is None:
        return True
    kept = to_message(known)
    return _edited(message) >= _edited(kept) and differ(message, kept)


def _erase(connection: Connection, condition: ColumnElement[bool]) -> list[MessageId]:
    rows = [
        to_row(to_message(row)) for row in connection.execute(select(messages).where(condition).limit(ROWS)).mappings()
    ]
    ids = [MessageId(row["id"]) for row in rows]
    if ids:
        _forget_words(connection, ids)
        connection.execute(delete(messages).where(messages.c.id.in_(ids)))
        connection.execute(insert(index_queue), [{"scope": scope(row), "message_id": row["id"]} for row in rows])
    return ids


def _forget_words(connection: Connection, ids: Sequence[int]) -> None:
    full_text.remove(connection, ids)
    connection.execute(insert(full_text_purge))


def _edited(message: Message) -> datetime:
    return message.edited_at or NEVER
