"""Tokens with which a person's MCP client speaks to the bot: minted once, kept as a hash, ended by time or by hand.

A token has 256 random bits, so a plain SHA-256 keeps it: there is nothing to guess. All that are valid are held in
memory, because each request looks one up; this object is the only one that writes the table.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import RowMapping, delete, func, insert, or_, select, update

from chat.clock import Clock
from chat.ids import UserId
from mcp_servers.offered.tables import mcp_tokens
from storage.database import Database

PREFIX = "digm_"
MAX_PER_PERSON = 10
MAX_NAME = 50
DEFAULT_DAYS = 90
MAX_DAYS = 365
KEPT_DAYS = 90  # of one that has ended: who looks into the log finds whose it was


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    WRITE = "write"


class TokenError(Exception):
    """It cannot be done: one sentence for the person."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret."""

    id: str
    user_id: UserId
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    @property
    def may_write(self) -> bool:
        return Scope.WRITE in self.scopes


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token with its secret, which is nowhere else."""

    token: Token
    secret: str

    def __repr__(self) -> str:
        return f"Minted({self.token.id})"


class Tokens:
    """The door to the table."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._valid: dict[str, Token] = {}
        """By hash."""
        self._used: dict[str, datetime] = {}
        """Uses that are not written yet, by id."""

    async def open(self) -> None:
        """Read the valid ones; what ended long ago goes."""
        now = self._clock()
        past = now - timedelta(days=KEPT_DAYS)
        ended = or_(mcp_tokens.c.expires_at < past, mcp_tokens.c.revoked_at < past)
        await self._database.write(lambda c: c.execute(delete(mcp_tokens).where(ended)))
        query = select(mcp_tokens).where(mcp_tokens.c.revoked_at.is_(None))
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        self._valid = {row["sha256"]: _token(row) for row in rows}

    async def mint(
        self, person: UserId, *, name: str = "", scopes: Collection[Scope] = (Scope.READ,), days: int = DEFAULT_DAYS
    ) -> Minted:
        """Raises TokenError."""
        if not 1 <= days <= MAX_DAYS:
            raise TokenError(f"A token lives for 1 to {MAX_DAYS} days.")
        mine = self.of(person)
        if len(mine) >= MAX_PER_PERSON:
            raise TokenError(f"You have {len(mine)} tokens already, which is the most; revoke one first.")
        now, secret = self._clock(), PREFIX + secrets.token_urlsafe(32)
        token = Token(
            id=secrets.token_hex(4),
            user_id=person,
            name=" ".join(name.split())[:MAX_NAME] or f"token {len(mine) + 1}",
            scopes=frozenset({Scope.READ, *scopes}),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        values = {
            "id": token.id,
            "user_id": person,
            "name": token.name,
            "sha256": _hash(secret),
            "scopes": " ".join(sorted(token.scopes)),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        self._valid[_hash(secret)] = token  # before the write: two at once must not pass the limit together
        try:
            await self._database.write(lambda c: c.execute(insert(mcp_tokens).values(values)))
        except BaseException:
            del self._valid[_hash(secret)]
            raise
        return Minted(token, secret)

    def verify(self, secret: str) -> Token | None:
        """The token that is meant, if it is valid now. Notes the use."""
        if not secret.startswith(PREFIX) or len(secret) > 100:
            return None
        # Looked up by its hash, so that how long it takes says nothing of the secret.
        token = self._valid.get(_hash(secret))
        if token is None or token.expires_at <= self._clock():
            return None
        self._used[token.id] = self._clock()
        return token

    def of(self, person: UserId) -> Sequence[Token]:
        """A person's valid ones, oldest first."""
        now = self._clock()
        mine = [token for token in self._valid.values() if token.user_id == person and token.expires_at > now]
        return [
            replace(token, last_used_at=self._used.get(token.id, token.last_used_at))
            for token in sorted(mine, key=lambda token: token.created_at)
        ]

    async def revoke(self, person: UserId, token_id: str) -> Token | None:
        """None when the person has no such token. Valid no more when this is called, written when it returns."""
        found = next((entry for entry in self._valid.items() if entry[1].id == token_id), None)
        if found is None or found[1].user_id != person:
            return None
        del self._valid[found[0]]
        ended = update(mcp_tokens).where(mcp_tokens.c.id == token_id).values(revoked_at=self._clock())
        await self._database.write(lambda c: c.execute(ended))
        return found[1]

    async def count(self, person: UserId) -> int:
        """How many rows there are about a person, ended ones too."""
        query = select(func.count()).select_from(mcp_tokens).where(mcp_tokens.c.user_id == person)
        return await self._database.read(lambda c: c.execute(query).scalar_one())

    async def forget(self, person: UserId) -> None:
        """Every trace of a person's tokens goes."""
        self._valid = {digest: token for digest, token in self._valid.items() if token.user_id != person}
        await self._database.write(lambda c: c.execute(delete(mcp_tokens).where(mcp_tokens.c.user_id == person)))

    async def note_uses(self) -> None:
        """Write when each was used last: now and then, so that no request waits for it."""
        used, self._used = self._used, {}
        self._valid = {
            digest: replace(token, last_used_at=used.get(token.id, token.last_used_at))
            for digest, token in self._valid.items()
        }
        for token_id, at in used.items():
            noted = update(mcp_tokens).where(mcp_tokens.c.id == token_id).values(last_used_at=at)
            await self._database.write(lambda c, noted=noted: c.execute(noted))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        user_id=UserId(row["user_id"]),
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"].split()),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )
