"""Where sign-ins are kept: encrypted, each for one server, one address of it and one person."""

import logging
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from mcp.shared.auth import OAuthClientInformationFull, OAuthMetadata, OAuthToken, ProtectedResourceMetadata
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, delete, select

from chat.clock import Clock
from chat.ids import UserId
from mcp_servers.outside.sign_in_rows import SignInRows
from mcp_servers.outside.tables import mcp_credentials as table
from storage.database import Database

logger = logging.getLogger(__name__)

BOT = UserId(0)
"""Stands for the one sign-in that all share."""


class Grant(BaseModel):
    """What somebody has at one server: who the bot is there, and the tokens, if there are any yet."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    server: str
    person: int
    resource: str
    """The URL of the server it is for; it is never sent to another."""
    client: OAuthClientInformationFull | None = None
    tokens: OAuthToken | None = None
    expires_at: float | None = None
    """Seconds since 1970, as far as the server told."""
    metadata: OAuthMetadata | None = None
    protected: ProtectedResourceMetadata | None = None
    issuer: str | None = None
    """Who gave the tokens."""

    def __repr__(self) -> str:
        return f"Grant({self.server!r}, person={self.person})"

    __str__ = __repr__


class Vault(SignInRows):
    """Grants in the database. What cannot be opened (another key, a moved row) counts as not there."""

    def __init__(self, database: Database, key: bytes, clock: Clock) -> None:
        super().__init__(database)
        self._fernet = Fernet(key)
        self._clock = clock

    async def load(self, server: str, person: UserId, resource: str) -> Grant | None:
        """Only what was granted for this very address."""
        where = (table.c.server == server) & (table.c.person_id == person) & (table.c.resource == resource)
        sealed = await self._database.read(lambda c: c.execute(select(table.c.sealed).where(where)).scalar())
        if sealed is None:
            return None
        try:
            grant = Grant.model_validate_json(self._fernet.decrypt(sealed))
        except (InvalidToken, ValidationError):
            logger.warning("a sign-in at %s cannot be decrypted with this key; it has to be done again", server)
            return None
        is_its_own = (grant.server, grant.person, grant.resource) == (server, person, resource)
        return grant if is_its_own else None

    async def save(self, grant: Grant) -> None:
        """Instead of what was there for this server and person."""
        row = {
            "server": grant.server,
            "person_id": grant.person,
            "resource": grant.resource,
            "sealed": self._fernet.encrypt(grant.model_dump_json(exclude_none=True).encode()),
            "updated_at": self._clock(),
        }
        await self._database.write(lambda c: _replace(c, row))


def _replace(connection: Connection, row: Mapping[str, object]) -> None:
    connection.execute(delete(table).where((table.c.server == row["server"]) & (table.c.person_id == row["person_id"])))
    connection.execute(table.insert().values(row))
