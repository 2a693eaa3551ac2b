"""The queue between the archive and the vectors, and the archive's side of comparing the two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from chat.ids import ChannelId, GuildId
from memory import full_text
from memory.batches import ROWS
from memory.rows import line, scope, to_message, to_row
from memory.scopes import Scope, scope_of
from memory.space import Due
from memory.tables import full_text_purge, index_queue, messages
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Work:
    """The oldest entries of the queue, as what the vectors must now become."""

    entries: Sequence[int]
    gone_scopes: Collection[Scope]
    gone: Mapping[Scope, Sequence[int]]
    """Messages that are not kept (any more)."""
    due: Sequence[Due]
    """Messages that are."""


class IndexQueue:
    """Hands out work and forgets it when it is done. Work done twice, or half, and again, comes to the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, limit: int) -> Work:
        return await self._database.read(lambda c: _take(c, limit))

    async def done(self, work: Work) -> None:
        forget = delete(index_queue).where(index_queue.c.seq.in_(work.entries))
        await self._database.write(lambda c: c.execute(forget))

    async def length(self) -> int:
        query = select(func.count()).select_from(index_queue)
        return await self._database.read(lambda c: c.execute(query).scalar_one())

    async def add_everything(self) -> None:
        """Write the full text again, and have every message looked at for its vector."""
        last = 0
        while ids := await self._database.write(lambda c, last=last: _again(c, last)):
            last = ids[-1]

    async def due(self, ids: Sequence[int]) -> Sequence[Due]:
        """These messages, as far as they are kept."""
        return await self._database.read(lambda c: _due(c, ids))

    async def counts(self) -> Mapping[Scope, int]:
        """How many messages are kept in each scope."""
        return await self._database.read(_counts)

    async def kept(self, scope_: Scope) -> set[int]:
        """The ids of all messages of a scope."""
        number = int(scope_[1:])
        inside = (
            messages.c.guild_id == number
            if scope_.startswith("g")
            else (messages.c.channel_id == number) & messages.c.guild_id.is_(None)
        )
        query = select(messages.c.id).where(inside)
        return await self._database.read(lambda c: set(c.execute(query).scalars()))

    async def purge_due(self) -> int:
        """The newest erasure whose words have not left the full-text index's files; 0 for none."""
        query = select(func.coalesce(func.max(full_text_purge.c.seq), 0))
        return await self._database.read(lambda c: c.execute(query).scalar_one())

    async def purge(self, until: int) -> bool:
        """Drop the words of all erasures up to this one from the files; False when it must be tried again."""
        more = await self._database.write(lambda c: full_text.merge(c, start=True))
        while more:
            more = await self._database.write(lambda c: full_text.merge(c, start=False))
        if not await self._database.forget_log():
            return False
        await self._database.write(lambda c: c.execute(delete(full_text_purge).where(full_text_purge.c.seq <= until)))
        return True


def _again(connection: Connection, after: int) -> list[int]:
    kept = connection.execute(select(messages).where(messages.c.id > after).order_by(messages.c.id).limit(ROWS))
    rows = [to_row(to_message(row)) for row in kept.mappings()]
    ids = [row["id"] for row in rows]
    if rows:
        full_text.remove(connection, ids)
        full_text.put(connection, [(row["id"], line(row), scope(row)) for row in rows])
        connection.execute(insert(index_queue), [{"scope": scope(row), "message_id": row["id"]} for row in rows])
    return ids


def _take(connection: Connection, limit: int) -> Work:
    entries = connection.execute(select(index_queue).order_by(index_queue.c.seq).limit(limit)).mappings().all()
    wanted = {int(entry["message_id"]): Scope(entry["scope"]) for entry in entries if entry["message_id"] is not None}
    due = _due(connection, list(wanted))
    kept = {(each.scope, each.id) for each in due}
    gone: dict[Scope, list[int]] = {}
    for id_, scope_ in wanted.items():
        if (scope_, id_) not in kept:
            gone.setdefault(scope_, []).append(id_)
    return Work(
        entries=[entry["seq"] for entry in entries],
        gone_scopes={Scope(entry["scope"]) for entry in entries if entry["message_id"] is None},
        gone=gone,
        due=due,
    )


def _due(connection: Connection, ids: Sequence[int]) -> list[Due]:
    kept = connection.execute(select(messages).where(messages.c.id.in_(ids))).mappings()
    rows = [to_row(to_message(each)) for each in kept]
    return [Due(scope(row), row["id"], line(row)) for row in rows]


def _counts(connection: Connection) -> dict[Scope, int]:
    guild = messages.c.guild_id
    of_guilds = select(guild, func.count()).where(guild.is_not(None)).group_by(guild)
    of_people = select(messages.c.channel_id, func.count()).where(guild.is_(None)).group_by(messages.c.channel_id)
    return {scope_of(GuildId(number), None): count for number, count in connection.execute(of_guilds)} | {
        scope_of(None, ChannelId(number)): count for number, count in connection.execute(of_people)
    }
