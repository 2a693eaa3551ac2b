"""Where the managers of a server let the bot act, and for whom: kept, and answered as `tools.permission.Policy`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from bot.tables import server_policies
from chat.channels import Channel
from chat.clock import Clock
from chat.ids import GuildId, UserId
from chat.people import Person
from chat.rights import READ, Right
from storage.database import Database

NOT_HERE = "The managers of this server have set that I do not act in {where}."
NOT_FOR_YOU = "The managers of this server have set that only some roles may use me, and {asker} holds none of them."
NOT_ELSEWHERE = "The managers of this server have set that I write only where I am asked, and nowhere else."

RolesOf = Callable[[UserId, GuildId], Awaitable[frozenset[int]]]


class Where(StrEnum):
    """How the list of channels is meant."""

    ALL = "all"
    ONLY = "only"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class ServerRule:
    """What a server allows."""

    mode: Where = Where.ALL
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    """Who may use the bot; everybody when empty."""
    writes_elsewhere: bool = True
    """Whether it may write in other channels than the one it is asked in."""

    def lets_act_in(self, channel: Channel) -> bool:
        """A thread is where its channel is."""
        listed = not self.channels.isdisjoint({channel.id, channel.parent_id})
        return self.mode is Where.ALL or listed is (self.mode is Where.ONLY)


class PolicyRules:
    """Asked for every call, so all of it is in memory; `load` it once. What is set counts at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rules: dict[GuildId, ServerRule] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        rows = await self._database.read(lambda c: c.execute(select(server_policies)).mappings().all())
        self._rules = {
            GuildId(row["guild_id"]): ServerRule(
                Where(row["mode"]), frozenset(row["channels"]), frozenset(row["roles"]), row["writes_elsewhere"]
            )
            for row in rows
        }

    def of(self, guild_id: GuildId) -> ServerRule:
        return self._rules.get(guild_id, ServerRule())

    async def set(self, guild_id: GuildId, change: Callable[[ServerRule], ServerRule], *, by: UserId) -> ServerRule:
        """Replace what holds there by what `change` makes of it; answers with that."""
        async with self._one_at_a_time:
            rule = change(self.of(guild_id))
            row: dict[str, object] = {
                "guild_id": guild_id,
                "mode": rule.mode.value,
                "channels": sorted(rule.channels),
                "roles": sorted(rule.roles),
                "writes_elsewhere": rule.writes_elsewhere,
                "set_by": by,
                "set_at": self._clock(),
            }

            def replace(connection: Connection) -> None:
                connection.execute(delete(server_policies).where(server_policies.c.guild_id == guild_id))
                connection.execute(insert(server_policies).values(row))

            await self._database.write(replace)
            self._rules[guild_id] = rule
            return rule

    def guilds(self) -> frozenset[GuildId]:
        """The servers that have set something."""
        return frozenset(self._rules)

    async def forget_guild(self, guild_id: GuildId) -> None:
        async with self._one_at_a_time:
            there = server_policies.c.guild_id == guild_id
            await self._database.write(lambda c: c.execute(delete(server_policies).where(there)))
            self._rules.pop(guild_id, None)


class ServerPolicy:
    """To read is not to act: what may be remembered of which channel is said elsewhere (`/memory channel`)."""

    def __init__(self, rules: PolicyRules, roles_of: RolesOf) -> None:
        self._rules = rules
        self._roles_of = roles_of

    async def refusal(
        self, asker: Person, channel: Channel, rights: frozenset[Right], *, at: Channel | None = None
    ) -> str | None:
        """The channels that are listed count for writing there; the roles for everything."""
        if channel.guild_id is None:
            return None
        rule = self._rules.of(channel.guild_id)
        if rule.roles and rule.roles.isdisjoint(await self._roles_of(asker.id, channel.guild_id)):
            return NOT_FOR_YOU.format(asker=asker.name)
        if rights <= READ:
            return None
        is_here = at is None or at.id == channel.id
        if not rule.lets_act_in(channel):
            return NOT_HERE.format(where="this channel" if is_here else "that channel")
        return None if is_here or rule.writes_elsewhere else NOT_ELSEWHERE
