"""The reminders in the database, as people see them: made, listed, cancelled, forgotten.

What the alarm clock does to them is `reminders.claims`. Each method is one transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chat.ids import GuildId, MessageId, UserId
from reminders.rows import from_row, in_order, to_row
from reminders.tables import reminders, time_zones
from reminders.values import Limits, Reminder, ReminderError, Status
from storage.database import Database

c = reminders.c
OPEN = (Status.PENDING.value, Status.CLAIMED.value)


class ReminderStore:
    """Raises `sqlalchemy.exc.SQLAlchemyError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_source(self, source_key: str) -> Reminder | None:
        found = await self._select(c.source_key == source_key, limit=1)
        return found[0] if found else None

    async def get(self, reminder_id: str) -> Reminder | None:
        found = await self._select(c.id == reminder_id, limit=1)
        return found[0] if found else None

    async def add(self, reminder: Reminder, limits: Limits) -> Reminder:
        """Keep it, or answer the one that has its source key already. Raises ReminderError when there are too many."""
        row = to_row(reminder)

        def work(connection: Connection) -> Reminder:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            statement = insert(reminders).values(row).on_conflict_do_nothing(index_elements=["source_key"])
            connection.execute(statement)  # the write comes first: SQLite then waits its turn instead of giving up
            found = connection.execute(select(reminders).where(c.source_key == reminder.source_key)).mappings().one()
            kept = from_row(found)
            if kept.id == reminder.id:
                _hold_to(limits, kept, connection)
            return kept

        return await self._database.write(work)

    async def guilds(self) -> frozenset[GuildId]:
        """The servers that there are reminders of."""
        some = select(c.guild_id).where(c.guild_id.is_not(None)).distinct()
        return frozenset(map(GuildId, await self._database.read(lambda k: k.execute(some).scalars().all())))

    async def open_of(self, owner: UserId) -> Sequence[Reminder]:
        return await self._select(and_(c.owner_id == owner, c.status.in_(OPEN)))

    async def every_one_of(self, owner: UserId) -> Sequence[Reminder]:
        return await self._select(owned_by(owner))

    async def open_ones(
        self, guild_id: GuildId | None, limit: int, *, besides: UserId | None = None
    ) -> Sequence[Reminder]:
        place = c.guild_id == guild_id if guild_id is not None else c.wake_at.is_not(None)
        others = c.owner_id != besides if besides is not None else true()
        return await self._select(and_(place, others, c.status.in_(OPEN)), limit=limit)

    async def cancel(self, which: ColumnElement[bool], now: datetime) -> Sequence[Reminder]:
        """Close what is open of `which`; answers what was closed. A claim stays noted: it may still be said."""
        statement = (
            update(reminders)
            .where(which, c.status.in_(OPEN))
            .values(status=Status.CANCELLED.value, wake_at=None, closed_at=now)
            .returning(reminders)
        )

        def work(connection: Connection) -> list[Reminder]:
            return in_order(from_row(row) for row in connection.execute(statement).mappings())

        return await self._database.write(work)

    async def change(self, before: Reminder, after: Reminder) -> bool:
        """Write down what it has become, if it still stands as before; False when something else happened to it."""
        stands = and_(
            c.id == before.id,
            c.status == before.status.value,
            c.turn == before.turn,
            c.attempts == before.attempts,
            c.due_at == before.due_at,
        )
        statement = update(reminders).where(stands).values(to_row(after))
        return await self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    async def acknowledge(self, which: ColumnElement[bool], now: datetime) -> Sequence[Reminder]:
        """Note of those that were delivered that the last turn was seen; answers them."""
        statement = (
            update(reminders)
            .where(which, c.delivered_message_id.is_not(None))
            .values(acknowledged_at=now)
            .returning(reminders)
        )
        return await self._database.write(lambda c: [from_row(row) for row in c.execute(statement).mappings()])

    async def unheard_of(self, person: UserId) -> Sequence[Reminder]:
        return await self._select(and_(c.owner_id == person, c.unheard_at.is_not(None)))

    async def heard(self, told: Sequence[Reminder]) -> None:
        """Those were told; what became unheard since stays so."""

        def work(connection: Connection) -> None:
            for each in told:
                stands = and_(c.id == each.id, c.unheard_at == each.unheard_at)
                connection.execute(update(reminders).where(stands).values(unheard_at=None))

        await self._database.write(work)

    async def zone_of(self, person: UserId) -> str | None:
        query = select(time_zones.c.zone).where(time_zones.c.person_id == person)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one_or_none())

    async def set_zone(self, person: UserId, zone: str, now: datetime) -> None:
        def work(connection: Connection) -> None:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            values = {"zone": zone, "set_at": now}
            statement = insert(time_zones).values(person_id=person, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))

        await self._database.write(work)

    async def forget_zone(self, person: UserId) -> None:
        statement = delete(time_zones).where(time_zones.c.person_id == person)
        await self._database.write(lambda connection: connection.execute(statement))

    async def delete(self, which: ColumnElement[bool]) -> int:
        return await self._database.write(
            lambda connection: connection.execute(delete(reminders).where(which)).rowcount
        )

    async def _select(self, which: ColumnElement[bool], limit: int | None = None) -> list[Reminder]:
        query = select(reminders).where(which).order_by(c.due_at, c.id).limit(limit)
        return await self._database.read(lambda connection: [from_row(r) for r in connection.execute(query).mappings()])


def with_id(reminder_id: str, owner: UserId | None = None) -> ColumnElement[bool]:
    return c.id == reminder_id if owner is None else and_(c.id == reminder_id, c.owner_id == owner)


def made_by(message_id: MessageId, *, but_not: str | None = None) -> ColumnElement[bool]:
    made = c.request_id == message_id
    return made if but_not is None else and_(made, c.source_key.not_like(f"{but_not}/%"))


def owned_by(owner: UserId) -> ColumnElement[bool]:
    return c.owner_id == owner


def in_guild(guild_id: GuildId) -> ColumnElement[bool]:
    return c.guild_id == guild_id


def closed_before(moment: datetime) -> ColumnElement[bool]:
    return and_(c.wake_at.is_(None), c.closed_at < moment)


def cause(error: SQLAlchemyError) -> str:
    """What the database said, without the statement's parameters: they hold what people wrote."""
    return str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__


def _hold_to(limits: Limits, kept: Reminder, connection: Connection) -> None:
    def count(which: ColumnElement[bool]) -> int:
        return connection.execute(select(func.count()).where(which, c.status.in_(OPEN))).scalar_one()

    if count(c.owner_id == kept.owner.id) > limits.per_person:
        raise ReminderError(
            f"You have {limits.per_person} reminders waiting already, which is the most a person may have; "
            "cancel one of them first."
        )
    if kept.guild_id is not None and count(c.guild_id == kept.guild_id) > limits.per_guild:
        raise ReminderError(
            f"This server has {limits.per_guild} reminders waiting already, which is the most a server may have."
        )
