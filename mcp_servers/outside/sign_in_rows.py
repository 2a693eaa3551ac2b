"""Who has signed in where: to look at, and to erase, without the key and without the mcp library."""

from sqlalchemy import ColumnElement, delete, select

from chat.ids import UserId
from mcp_servers.outside.tables import mcp_credentials as table
from storage.database import Database


class SignInRows:
    """The rows, unopened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove(self, server: str, person: UserId) -> bool:
        """Whether there was one."""
        return await self._delete((table.c.server == server) & (table.c.person_id == person)) > 0

    async def servers_of(self, person: UserId) -> list[str]:
        """Where this person has signed in, in order."""
        query = select(table.c.server).where(table.c.person_id == person).order_by(table.c.server)
        return list(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def forget(self, person: UserId) -> int:
        """How many there were."""
        return await self._delete(table.c.person_id == person)

    async def _delete(self, where: ColumnElement[bool]) -> int:
        return await self._database.write(lambda c: c.execute(delete(table).where(where)).rowcount)
