"""After new zone data: what waits for a wall time keeps the wall time, and comes at the moment that is then."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, select, update

from reminders.tables import reminders
from reminders.values import Status
from reminders.wall import to_utc
from storage.database import Database

PAGE = 1_000
c = reminders.c


async def retime(database: Database) -> int:
    """Set right what does not come when its wall shows it; answers how many. In small pages, as the bot is running."""
    changed, last = 0, ""
    while True:
        page = await database.read(lambda connection, after=last: _page(connection, after))
        if not page:
            return changed
        last = page[-1][0]
        wrong = [(id_, old, new) for id_, old, new in page if old != new]
        if wrong:
            changed += await database.write(lambda connection, rows=wrong: _correct(connection, rows))


def _page(connection: Connection, after: str) -> list[tuple[str, datetime, datetime]]:
    """Ids with the moments they have and the moments they should have."""
    waiting = c.status == Status.PENDING.value
    query = select(c.id, c.due_at, c.due_wall, c.zone).where(waiting, c.due_wall.is_not(None), c.id > after)
    rows = connection.execute(query.order_by(c.id).limit(PAGE))
    return [(id_, due, _moment(wall, zone, due)) for id_, due, wall, zone in rows]


def _moment(wall: datetime, zone: str, known: datetime) -> datetime:
    try:
        return to_utc(wall, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, OverflowError):  # the zone has left the data: it comes when it was promised
        return known


def _correct(connection: Connection, rows: list[tuple[str, datetime, datetime]]) -> int:
    changed = 0
    for id_, old, new in rows:
        stands = (c.id == id_) & (c.due_at == old) & (c.status == Status.PENDING.value) & (c.attempts == 0)
        changed += connection.execute(update(reminders).where(stands).values(due_at=new, wake_at=new)).rowcount
    return changed
