"""The channels and threads that memory knows: what lies below which, and how far each one's history has been read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Executable, case, delete, func, insert, or_, select, update

from chat.ids import ChannelId, GuildId, MessageId
from memory.batches import batches
from memory.tables import memory_channels, messages
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: a channel, or a thread with its parent."""

    id: ChannelId
    guild_id: GuildId | None
    parent_id: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """All that was said from `bottom` to `top` has been read and archived; `complete`: and nothing came before it."""

    top: MessageId
    bottom: MessageId
    complete: bool


class Channels:
    """Kept in the database. What is noted twice is written once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: set[Place] = set()

    async def note(self, places: Collection[Place]) -> None:
        """Know these channels and what they belong to."""
        if new := [place for place in dict.fromkeys(places) if place not in self._noted]:
            for some in batches(new):
                await self._database.write(lambda c, some=some: _note(c, some))
            self._noted.update(new)

    async def walked(self) -> Mapping[ChannelId, Walked]:
        """How far each channel that was ever walked has been read."""
        query = select(memory_channels).where(memory_channels.c.walk_top.is_not(None))
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return {
            ChannelId(row["id"]): Walked(MessageId(row["walk_top"]), MessageId(row["walk_reached"]), row["complete"])
            for row in rows
        }

    async def reached(self, channel_id: ChannelId, walked: Walked, now: datetime) -> None:
        change = (
            update(memory_channels)
            .where(memory_channels.c.id == channel_id)
            .values(
                walk_top=case((memory_channels.c.walk_top > walked.top, memory_channels.c.walk_top), else_=walked.top),
                walk_reached=walked.bottom,
                complete=walked.complete,
                walk_finished_at=now if walked.complete else None,
            )
        )
        await self._database.write(lambda c: c.execute(change))

    async def heard(self, channel_ids: Collection[ChannelId], before: MessageId) -> None:
        """All that was said there before this message is archived: a later walk need not look for it."""
        c = memory_channels.c
        newest = (
            select(func.max(messages.c.id))
            .where(messages.c.channel_id == c.id, messages.c.id < before)
            .scalar_subquery()
        )
        for some in batches(list(channel_ids)):
            change = update(memory_channels).where(c.id.in_(some), newest > c.walk_top).values(walk_top=newest)
            await self._database.write(lambda c, change=change: c.execute(change))

    async def unread(self, channel_id: ChannelId) -> None:
        """Its history is to be read from the start, when it is read again."""
        change = (
            update(memory_channels)
            .where(memory_channels.c.id == channel_id)
            .values(walk_top=None, walk_reached=None, complete=False)
        )
        await self._database.write(lambda c: c.execute(change))

    async def guilds(self) -> frozenset[GuildId]:
        """The servers of which a channel is known."""
        query = select(memory_channels.c.guild_id).where(memory_channels.c.guild_id.is_not(None)).distinct()
        return frozenset(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def of_guild(self, guild_id: GuildId) -> frozenset[ChannelId]:
        """Every channel of the server that is known, or in which something is kept."""
        known = select(memory_channels.c.id).where(memory_channels.c.guild_id == guild_id)
        kept = select(messages.c.channel_id).where(messages.c.guild_id == guild_id).distinct()
        return await self._ids(known.union(kept))

    async def direct(self) -> frozenset[ChannelId]:
        """The direct conversations of which something is kept."""
        return await self._ids(select(messages.c.channel_id).where(messages.c.guild_id.is_(None)).distinct())

    async def within(self, channel_id: ChannelId) -> Sequence[ChannelId]:
        """The channel and the threads that are known to be in it."""
        query = select(memory_channels.c.id).where(memory_channels.c.parent_id == channel_id)
        return [channel_id, *sorted(await self._ids(query) - {channel_id})]

    async def forget(self, channel_ids: Collection[ChannelId]) -> None:
        """They are no more."""
        self._noted = {place for place in self._noted if place.id not in channel_ids}
        for some in batches(list(channel_ids)):
            change = delete(memory_channels).where(memory_channels.c.id.in_(some))
            await self._database.write(lambda c, change=change: c.execute(change))

    async def forget_guild(self, guild_id: GuildId) -> None:
        self._noted = {place for place in self._noted if place.guild_id != guild_id}
        change = delete(memory_channels).where(memory_channels.c.guild_id == guild_id)
        await self._database.write(lambda c: c.execute(change))

    async def _ids(self, query: Executable) -> frozenset[ChannelId]:
        found = await self._database.read(lambda c: c.execute(query).scalars().all())
        return frozenset(ChannelId(each) for each in found)


def _note(connection: Connection, places: Sequence[Place]) -> None:
    ids = [place.id for place in places]
    query = select(memory_channels.c.id).where(memory_channels.c.id.in_(ids))
    known = set(connection.execute(query).scalars())
    rows = [
        {"id": place.id, "guild_id": place.guild_id, "parent_id": place.parent_id, "complete": False}
        for place in places
        if place.id not in known
    ]
    if rows:
        connection.execute(insert(memory_channels), rows)
    for place in places:
        if place.id in known and place.parent_id is not None:
            moved = or_(memory_channels.c.parent_id.is_(None), memory_channels.c.parent_id != place.parent_id)
            connection.execute(
                update(memory_channels).where(memory_channels.c.id == place.id, moved).values(parent_id=place.parent_id)
            )
