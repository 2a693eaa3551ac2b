"""The table of traces: what is deleted on Discord, forgotten or too old leaves it."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    select,
    update,
)

from bot.tables import trace_messages, traces
from bot.tracing.values import CallWords, Figures, Trace
from chat.ids import ChannelId, GuildId, MessageId, UserId
from memory.tables import messages
from storage.database import Database

WORDS = TypeAdapter(tuple[tuple[CallWords, ...], ...])
CHUNK = 500  # ids in one statement
T, M = traces.c, trace_messages.c


class TraceStore:
    """Each of its methods is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, trace: Trace) -> None:
        row: dict[str, object] = {
            "run_id": trace.run_id,
            "asker_id": trace.asker_id,
            "guild_id": trace.guild_id,
            "channel_id": trace.channel_id,
            "request_id": trace.request_id,
            "at": trace.at,
            "figures": trace.figures.model_dump_json(),
            "words": None if trace.words is None else WORDS.dump_json(trace.words).decode(),
        }

        def work(connection: Connection) -> None:
            connection.execute(insert(traces).values(row))
            _link(connection, trace.run_id, trace.sources, is_answer=False)

        await self._database.write(work)

    async def answered(self, run_id: str, answer: Collection[MessageId]) -> None:
        """The answer of this run stands in these messages; those of earlier runs that stood there are gone."""

        def work(connection: Connection) -> None:
            if connection.execute(select(T.run_id).where(T.run_id == run_id)).first() is None:
                return
            _erase(connection, T.run_id.in_(_runs_of(M.message_id.in_(answer) & M.is_answer)))
            _link(connection, run_id, answer, is_answer=True)

        await self._database.write(work)

    async def newest(self, asker: UserId, channel: ChannelId) -> Trace | None:
        return await self._one((T.asker_id == asker) & (T.channel_id == channel))

    async def about(self, message: MessageId) -> Trace | None:
        """By a message of the answer, or the request."""
        return await self._one(
            (T.request_id == message) | T.run_id.in_(_runs_of((M.message_id == message) & M.is_answer))
        )

    async def _one(self, condition: ColumnElement[bool]) -> Trace | None:
        newest = select(traces).where(condition).order_by(T.at.desc()).limit(1)

        def work(connection: Connection) -> Trace | None:
            row = connection.execute(newest).mappings().first()
            if row is None:
                return None
            read = select(M.message_id).where((M.run_id == row["run_id"]) & not_(M.is_answer))
            return Trace(
                run_id=row["run_id"],
                asker_id=UserId(row["asker_id"]),
                guild_id=None if row["guild_id"] is None else GuildId(row["guild_id"]),
                channel_id=ChannelId(row["channel_id"]),
                request_id=MessageId(row["request_id"]),
                at=row["at"],
                figures=Figures.model_validate_json(row["figures"]),
                words=None if row["words"] is None else WORDS.validate_json(row["words"]),
                sources=tuple(MessageId(each) for each in connection.execute(read).scalars()),
            )

        return await self._database.read(work)

    async def gone(self, ids: Collection[MessageId]) -> None:
        """Deleted on Discord: a request or an answer takes its trace along, anything else that was read its words."""

        def work(connection: Connection) -> None:
            for part in _chunks(ids):
                mine = T.request_id.in_(part) | T.run_id.in_(_runs_of(M.message_id.in_(part) & M.is_answer))
                _erase(connection, mine)
                _silence(connection, T.run_id.in_(_runs_of(M.message_id.in_(part))))

        await self._database.write(work)

    async def silence(self, ids: Collection[MessageId]) -> None:
        """These read otherwise now, so that the words of runs that read them may quote what stands there no more."""

        def work(connection: Connection) -> None:
            for part in _chunks(ids):
                _silence(connection, T.run_id.in_(_runs_of(M.message_id.in_(part) & not_(M.is_answer))))

        await self._database.write(work)

    async def channel_gone(self, channel: ChannelId) -> None:
        await self._database.write(lambda c: _erase(c, T.channel_id == channel))

    async def guilds(self) -> frozenset[GuildId]:
        some = select(T.guild_id).where(T.guild_id.is_not(None)).distinct()
        return frozenset(map(GuildId, await self._database.read(lambda c: c.execute(some).scalars().all())))

    async def forget_guild(self, guild: GuildId) -> None:
        await self._database.write(lambda c: _erase(c, T.guild_id == guild))

    async def sweep(self, *, before: datetime, settled: datetime) -> None:
        """Erase what is older than `before`; and the words of runs, if they ended before `settled`, that read what is
        not archived (any more): deleted unheard, forgotten, too old, or never to be kept.
        """
        unknown = not_(exists(select(messages.c.id).where(messages.c.id == M.message_id)))
        read = _runs_of(not_(M.is_answer) & unknown)

        def work(connection: Connection) -> None:
            _erase(connection, T.at < before)
            _silence(connection, and_(T.at < settled, T.run_id.in_(read)))

        await self._database.write(work)


def forget_person(connection: Connection, person: UserId) -> int:
    """Their traces, and the words of others' that read what they wrote; while that is still archived."""
    theirs = select(messages.c.id).where(messages.c.author_id == person)
    _silence(connection, T.run_id.in_(_runs_of(M.message_id.in_(theirs))))
    count = count_of(connection, person)
    _erase(connection, T.asker_id == person)
    return count


def count_of(connection: Connection, person: UserId) -> int:
    return connection.execute(select(func.count()).select_from(traces).where(T.asker_id == person)).scalar_one()


def export_of(connection: Connection, person: UserId) -> list[dict[str, object]]:
    """All that is kept of their traces, for JSON."""
    rows = connection.execute(select(T.at, T.figures, T.words).where(T.asker_id == person).order_by(T.at))
    return [
        {"at": at.isoformat(), "figures": json.loads(figures), "words": words and json.loads(words)}
        for at, figures, words in rows
    ]


def _runs_of(condition: ColumnElement[bool]):  # noqa: ANN202 - SQLAlchemy's Select of one column
    return select(M.run_id).where(condition)


def _silence(connection: Connection, condition: ColumnElement[bool]) -> None:
    connection.execute(update(traces).where(condition & T.words.is_not(None)).values(words=None))


def _erase(connection: Connection, condition: ColumnElement[bool]) -> None:
    runs = list(connection.execute(select(T.run_id).where(condition)).scalars())
    for first in range(0, len(runs), CHUNK):
        part = runs[first : first + CHUNK]
        connection.execute(delete(trace_messages).where(M.run_id.in_(part)))
        connection.execute(delete(traces).where(T.run_id.in_(part)))


def _link(connection: Connection, run_id: str, ids: Iterable[MessageId], *, is_answer: bool) -> None:
    same = (M.run_id == run_id) & (M.message_id == bindparam("gone", type_=BigInteger))
    rows = [{"run_id": run_id, "message_id": each, "is_answer": is_answer} for each in dict.fromkeys(ids)]
    if rows:
        connection.execute(delete(trace_messages).where(same), [{"gone": row["message_id"]} for row in rows])
        connection.execute(insert(trace_messages), rows)


def _chunks(ids: Collection[MessageId]) -> Iterable[list[MessageId]]:
    listed = list(ids)
    return (listed[first : first + CHUNK] for first in range(0, len(listed), CHUNK))
