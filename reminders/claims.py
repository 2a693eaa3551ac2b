"""The reminders in the database, as an alarm clock sees them: what is due, who says it, what became of it.

Several processes may share one database. A reminder belongs to the process whose conditional UPDATE took it, until its
lease ends (`wake_at`); every later write of that process is conditional on still holding it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Update, and_, or_, select, update

from chat.ids import MessageId
from reminders.rows import changes, from_row, in_order, to_row
from reminders.tables import reminders
from reminders.turns import after_turn
from reminders.values import Reminder, Status
from storage.database import Database

c = reminders.c


class Claims:
    """The claims of one process. Raises `sqlalchemy.exc.SQLAlchemyError` where the database cannot be used."""

    def __init__(self, database: Database, *, by: str) -> None:
        self._database = database
        self._by = by

    async def next_wake(self, *, but_not: Collection[str]) -> datetime | None:
        """The earliest moment at which an open reminder has to be looked at; None when there is none."""
        query = select(c.wake_at).where(c.wake_at.is_not(None), c.id.not_in(list(but_not))).order_by(c.wake_at).limit(1)

        def work(connection: Connection) -> datetime | None:
            return connection.execute(query).scalars().first()

        return await self._database.read(work)

    async def claim(
        self, *, now: datetime, until: datetime, late_before: datetime, fresh: int, late: int, but_not: Collection[str]
    ) -> Sequence[Reminder]:
        """Take what is due, until its lease ends: up to `fresh` of the punctual ones, and up to `late` of those that
        were due before `late_before`, but not more than `fresh` together. Soonest due first.
        """
        held = c.id.not_in(list(but_not))
        punctual = and_(c.wake_at > late_before, c.wake_at <= now, held)
        overdue = and_(c.wake_at <= late_before, held)

        def work(connection: Connection) -> list[Reminder]:
            taken = self._take(connection, punctual, until, fresh)
            room = min(late, fresh - len(taken))
            if room > 0:
                taken += self._take(connection, overdue, until, room)
            return in_order(taken)

        return await self._database.write(work)

    async def renew(self, ids: Collection[str], until: datetime) -> None:
        await self._run(self._mine(c.id.in_(list(ids))).values(wake_at=until))

    async def settle(
        self, reminder: Reminder, *, message_id: MessageId | None, failure: str, now: datetime, unheard: bool = False
    ) -> bool:
        """Its turn is over, and the next one waits: both at once. True if it was still ours; also when it was cancelled
        meanwhile, for what was said was said.
        """
        ours = and_(c.id == reminder.id, c.claimed_by == self._by, c.turn == reminder.turn)
        cancelled = c.status == Status.CANCELLED.value
        after = after_turn(reminder, now=now, message_id=message_id, failure=failure, unheard=unheard)
        # These two may have changed since it was claimed.
        over = {**changes(reminder, after), "wake_at": after.wake_at, "acknowledged_at": None}

        def work(connection: Connection) -> bool:
            claimed = ours & (c.status == Status.CLAIMED.value)
            if connection.execute(update(reminders).where(claimed).values(over)).rowcount > 0:
                return True
            if message_id is None:
                return False
            stays = reminder.schedule is not None
            said = {"delivered_message_id": message_id, "claimed_by": None, "failure": ""}
            closed = {} if stays else {"status": Status.DELIVERED.value, "closed_at": now}
            return connection.execute(update(reminders).where(ours, cancelled).values(**said, **closed)).rowcount > 0

        return await self._database.write(work)

    async def catch_up(self, reminder: Reminder) -> bool:
        """Its turn is for another time than it was claimed for."""
        times = {name: value for name, value in to_row(reminder).items() if name in {"due_at", "due_wall"}}
        return await self._run(self._mine(c.id == reminder.id).values(times))

    async def put_back(self, reminder_id: str, reason: str, wake_at: datetime) -> bool:
        """It could not be said now: to be tried again at `wake_at`, by whoever is first."""
        values = {"status": Status.PENDING.value, "wake_at": wake_at, "claimed_by": None}
        return await self._run(self._mine(c.id == reminder_id).values(**values, failure=reason))

    async def let_go(self, now: datetime) -> None:
        """Give back everything this process holds, to be taken at once."""
        await self._run(self._mine(c.id.is_not(None)).values(status=Status.PENDING.value, wake_at=now, claimed_by=None))

    async def rein_in(self, now: datetime, *, lease_end: datetime, last_try: datetime) -> None:
        """After the clock was set back: no lease and no further try may lie further ahead than this process gives."""
        beyond = or_(
            and_(c.status == Status.CLAIMED.value, c.wake_at > lease_end),
            and_(c.status == Status.PENDING.value, c.attempts > 0, c.wake_at > last_try),
        )
        await self._run(update(reminders).where(c.wake_at > now, beyond).values(wake_at=lease_end))

    def _take(self, connection: Connection, due: ColumnElement[bool], until: datetime, limit: int) -> list[Reminder]:
        soonest = select(c.id).where(due).order_by(c.wake_at).limit(limit).with_for_update(skip_locked=True)
        statement = (
            update(reminders)
            .where(c.id.in_(soonest), due)  # `due` again: PostgreSQL checks it anew on a row that somebody just changed
            .values(status=Status.CLAIMED.value, claimed_by=self._by, wake_at=until, attempts=c.attempts + 1)
            .returning(reminders)
        )
        return [from_row(row) for row in connection.execute(statement).mappings()]

    def _mine(self, which: ColumnElement[bool]) -> Update:
        return update(reminders).where(which, c.status == Status.CLAIMED.value, c.claimed_by == self._by)

    async def _run(self, statement: Update) -> bool:
        return await self._database.write(lambda connection: connection.execute(statement).rowcount > 0)
