"""What the managers of a server allow a day, within what the operator allows."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from bot.tables import server_limits
from chat.clock import Clock
from chat.ids import GuildId, UserId
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Allowance:
    """A day's runs and tokens; 0 is no limit."""

    runs: int = 0
    tokens: int = 0

    def within(self, other: "Allowance") -> "Allowance":
        """The stricter of both."""
        return Allowance(_stricter(self.runs, other.runs), _stricter(self.tokens, other.tokens))

    def or_more(self, other: "Allowance") -> "Allowance":
        """The more generous of both."""
        return Allowance(_more(self.runs, other.runs), _more(self.tokens, other.tokens))


UNLIMITED = Allowance()


class Scope(StrEnum):
    """Whom a server's limit is for."""

    SERVER = "server"
    """All who are there, together."""
    PERSON = "person"
    ROLE = "role"
    """Each who holds it, instead of `PERSON`; of several roles the most generous counts."""


class LimitRules:
    """All of it is in memory; `load` it once. What is set counts at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rules: dict[GuildId, dict[tuple[Scope, int], Allowance]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        rows = await self._database.read(lambda c: c.execute(select(server_limits)).mappings().all())
        for row in rows:
            of_guild = self._rules.setdefault(GuildId(row["guild_id"]), {})
            of_guild[Scope(row["scope"]), row["role_id"]] = Allowance(row["runs"], row["tokens"])

    def of(self, guild_id: GuildId) -> Mapping[tuple[Scope, int], Allowance]:
        return self._rules.get(guild_id, {})

    def server(self, guild_id: GuildId) -> Allowance:
        return self.of(guild_id).get((Scope.SERVER, 0), UNLIMITED)

    def member(self, guild_id: GuildId, roles: Collection[int]) -> Allowance:
        """What each holder of these roles may have there."""
        rules = self.of(guild_id)
        held = [rules[Scope.ROLE, role] for role in roles if (Scope.ROLE, role) in rules]
        if not held:
            return rules.get((Scope.PERSON, 0), UNLIMITED)
        most = held[0]
        for each in held[1:]:
            most = most.or_more(each)
        return most

    async def set(
        self, guild_id: GuildId, scope: Scope, allowance: Allowance | None, *, role_id: int = 0, by: UserId
    ) -> None:
        """None takes the limit away."""
        table = server_limits.c
        same: ColumnElement[bool] = (
            (table.guild_id == guild_id) & (table.scope == scope.value) & (table.role_id == role_id)
        )
        row: dict[str, object] = {"guild_id": guild_id, "scope": scope.value, "role_id": role_id}

        def replace(connection: Connection) -> None:
            connection.execute(delete(server_limits).where(same))
            if allowance:
                more = {"runs": allowance.runs, "tokens": allowance.tokens, "set_by": by, "set_at": self._clock()}
                connection.execute(insert(server_limits).values(row | more))

        async with self._one_at_a_time:
            await self._database.write(replace)
            rules = self._rules.setdefault(guild_id, {})
            rules.pop((scope, role_id), None)
            if allowance:
                rules[scope, role_id] = allowance

    def guilds(self) -> frozenset[GuildId]:
        """The servers that have set something."""
        return frozenset(self._rules)

    async def forget_guild(self, guild_id: GuildId) -> None:
        async with self._one_at_a_time:
            there = server_limits.c.guild_id == guild_id
            await self._database.write(lambda c: c.execute(delete(server_limits).where(there)))
            self._rules.pop(guild_id, None)


def _stricter(one: int, other: int) -> int:
    return min(one or other, other or one)


def _more(one: int, other: int) -> int:
    return max(one, other) if one and other else 0
