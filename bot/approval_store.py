"""What is kept of questions before an act: no words, only what it takes to go on after a restart."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.tables import approvals, outside_calls
from chat.ids import ChannelId, GuildId, MessageId, UserId
from storage.database import Database
from tools.approval import Decision

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as it is kept."""

    key: str
    token: str
    """What its buttons carry."""
    root: str
    identity: str
    channel_id: ChannelId
    guild_id: GuildId | None
    asker_id: UserId
    expires_at: datetime
    message_id: MessageId | None = None
    decision: Decision | None = None


def new_token() -> str:
    return secrets.token_hex(12)


class QuestionStore:
    """Raises what the database raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str) -> Question | None:
        return await self._one(approvals.c.key == key)

    async def by_token(self, token: str) -> Question | None:
        return await self._one(approvals.c.token == token)

    async def add(self, question: Question) -> None:
        await self._database.write(lambda c: c.execute(insert(approvals).values(asdict(question))))

    async def shown(self, token: str, message_id: MessageId) -> None:
        statement = update(approvals).where(approvals.c.token == token).values(message_id=message_id)
        await self._database.write(lambda c: c.execute(statement))

    async def decide(self, token: str, decision: Decision, now: datetime) -> Decision | None:
        """What holds from now on: the first decision counts, and none after the time is up. None when the question
        is not kept (any more).
        """
        c = approvals.c

        def work(connection: Connection) -> Decision | None:
            still_open = (c.token == token) & c.decision.is_(None)
            in_time = still_open & (c.expires_at > now)
            connection.execute(update(approvals).where(in_time).values(decision=decision.value))
            connection.execute(update(approvals).where(still_open).values(decision=Decision.EXPIRED.value))
            found: str | None = connection.execute(select(c.decision).where(c.token == token)).scalar()
            return Decision(found) if found else None

        return await self._database.write(work)

    async def open_of(self, root: str) -> Sequence[Question]:
        return await self._all((approvals.c.root == root) & approvals.c.decision.is_(None))

    async def open_from(self, message_id: MessageId, *, but_not: str = "") -> Sequence[Question]:
        """Those that a message asked for, in any of its versions but one."""
        of_it = approvals.c.root.startswith(f"{int(message_id)}/", autoescape=True)
        return await self._all(of_it & (approvals.c.root != but_not) & approvals.c.decision.is_(None))

    async def overdue(self, now: datetime) -> Sequence[Question]:
        return await self._all(approvals.c.decision.is_(None) & (approvals.c.expires_at <= now))

    async def remove(self, token: str) -> None:
        await self._delete(approvals.c.token == token)

    async def forget_guild(self, guild_id: GuildId) -> None:
        await self._delete(approvals.c.guild_id == guild_id, outside_calls.c.guild_id == guild_id)

    async def forget_old(self, now: datetime) -> None:
        await self._delete(
            approvals.c.decision.is_not(None) & (approvals.c.expires_at < now - KEPT),
            outside_calls.c.begun_at < now - 7 * KEPT,  # as long as a mention may be answered late
        )

    async def _delete(self, asked: ColumnElement[bool], called: ColumnElement[bool] | None = None) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(approvals).where(asked))
            if called is not None:
                connection.execute(delete(outside_calls).where(called))

        await self._database.write(work)

    async def _one(self, condition: ColumnElement[bool]) -> Question | None:
        found = await self._all(condition)
        return found[0] if found else None

    async def _all(self, condition: ColumnElement[bool]) -> Sequence[Question]:
        def work(connection: Connection) -> list[Question]:
            rows = connection.execute(select(approvals).where(condition).order_by(approvals.c.expires_at)).mappings()
            return [_question(**row) for row in rows]

        return await self._database.read(work)


def forget_asker(connection: Connection, person: UserId) -> None:
    connection.execute(delete(approvals).where(approvals.c.asker_id == person))
    connection.execute(delete(outside_calls).where(outside_calls.c.asker_id == person))


def _question(
    *,
    key: str,
    token: str,
    root: str,
    identity: str,
    channel_id: int,
    guild_id: int | None,
    asker_id: int,
    message_id: int | None,
    decision: str | None,
    expires_at: datetime,
) -> Question:
    return Question(
        key=key,
        token=token,
        root=root,
        identity=identity,
        channel_id=ChannelId(channel_id),
        guild_id=None if guild_id is None else GuildId(guild_id),
        asker_id=UserId(asker_id),
        expires_at=expires_at,
        message_id=None if message_id is None else MessageId(message_id),
        decision=Decision(decision) if decision else None,
    )
