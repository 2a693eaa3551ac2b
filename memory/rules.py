"""What may be remembered: channels that are never archived, how long things are kept, people who want no part in it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from memory.tables import forgotten, memory_rules, opt_outs
from storage.database import Database

WHOLE_SERVER = ChannelId(0)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an admin has said of a channel, a category, or (`WHOLE_SERVER`) a server; None is "as the wider says"."""

    guild_id: GuildId
    channel_id: ChannelId
    archived: bool | None
    retention_days: int | None
    """0 is for ever."""
    set_by: UserId
    set_at: datetime


class Rules:
    """Asked for every message, so all of it is in memory; `load` it once, before anything is archived."""

    def __init__(
        self, database: Database, clock: Clock, *, never: Collection[ChannelId] = (), retention_days: int = 0
    ) -> None:
        """`never` and `retention_days` are the operator's: admins may only be stricter."""
        self._database = database
        self._clock = clock
        self._never = frozenset(never)
        self._retention_days = retention_days
        self._rules: dict[tuple[GuildId, ChannelId], Rule] = {}
        self._out: dict[UserId, datetime] = {}
        self._forgotten: dict[UserId, datetime] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        rules = await self._database.read(lambda c: c.execute(select(memory_rules)).mappings().all())
        self._rules = {(row["guild_id"], row["channel_id"]): Rule(**row) for row in rules}
        out = await self._database.read(lambda c: c.execute(select(opt_outs)).mappings().all())
        self._out = {UserId(row["person_id"]): row["since"] for row in out}
        before = await self._database.read(lambda c: c.execute(select(forgotten)).mappings().all())
        self._forgotten = {UserId(row["person_id"]): row["until"] for row in before}

    def admits(self, author: UserId, guild_id: GuildId | None, places: Sequence[ChannelId]) -> bool:
        """Whether a message may be kept; `places` is its channel, then what that lies in, the nearest first."""
        return author not in self._out and self.archives(guild_id, places)

    def archives(self, guild_id: GuildId | None, places: Sequence[ChannelId]) -> bool:
        """Whether anything said there may be kept. The nearest rule counts."""
        if not self._never.isdisjoint(places):
            return False
        said = [rule.archived for rule in self._nearest(guild_id, places) if rule.archived is not None]
        return said[0] if said else True

    def has_forgotten(self, person: UserId, message_id: MessageId) -> bool:
        """Whether a message of theirs (or an answer to them) is from before they had themselves forgotten."""
        until = self._forgotten.get(person)
        return until is not None and message_id < snowflake_at(until)

    def retention(self, guild_id: GuildId | None, places: Sequence[ChannelId]) -> int:
        """Days for which messages from there are kept; 0 is for ever. The operator's limit is never exceeded."""
        said = [rule.retention_days for rule in self._nearest(guild_id, places) if rule.retention_days is not None]
        limits = [days for days in (*said[:1], self._retention_days) if days]
        return min(limits, default=0)

    def of_guild(self, guild_id: GuildId) -> Mapping[ChannelId, Rule]:
        return {rule.channel_id: rule for rule in self._rules.values() if rule.guild_id == guild_id}

    def never(self) -> frozenset[ChannelId]:
        """Channels that the operator, or an admin, wants nothing of."""
        return self._never | {rule.channel_id for rule in self._rules.values() if rule.archived is False}

    def opted_out_since(self, person: UserId) -> datetime | None:
        return self._out.get(person)

    async def set(
        self, guild_id: GuildId, channel_id: ChannelId, *, archived: bool | None, retention_days: int | None, by: UserId
    ) -> None:
        """Replace what was said of this channel (or `WHOLE_SERVER`). What is kept already is another matter."""
        rule = Rule(guild_id, channel_id, archived, retention_days, by, self._clock())
        async with self._one_at_a_time:
            same: ColumnElement[bool] = (memory_rules.c.guild_id == guild_id) & (
                memory_rules.c.channel_id == channel_id
            )

            def replace(connection: Connection) -> None:
                connection.execute(delete(memory_rules).where(same))
                connection.execute(insert(memory_rules).values(asdict(rule)))

            await self._database.write(replace)
            self._rules[guild_id, channel_id] = rule

    async def forget_guild(self, guild_id: GuildId) -> None:
        async with self._one_at_a_time:
            there = memory_rules.c.guild_id == guild_id
            await self._database.write(lambda c: c.execute(delete(memory_rules).where(there)))
            self._rules = {key: rule for key, rule in self._rules.items() if rule.guild_id != guild_id}

    async def opt_out(self, person: UserId) -> None:
        """From now on nothing of theirs is kept."""
        async with self._one_at_a_time:
            if person not in self._out:
                since = self._clock()
                self._out[person] = since
                await self._database.write(lambda c: c.execute(insert(opt_outs).values(person_id=person, since=since)))

    async def opt_in(self, person: UserId) -> None:
        async with self._one_at_a_time:
            await self._database.write(lambda c: c.execute(delete(opt_outs).where(opt_outs.c.person_id == person)))
            self._out.pop(person, None)

    def _nearest(self, guild_id: GuildId | None, places: Sequence[ChannelId]) -> list[Rule]:
        if guild_id is None:
            return []
        asked = [self._rules.get((guild_id, place)) for place in (*places, WHOLE_SERVER)]
        return [rule for rule in asked if rule is not None]

    async def forget(self, person: UserId) -> None:
        """What they have said until now stands on Discord, and must not be read back from there."""
        async with self._one_at_a_time:
            now, same = self._clock(), forgotten.c.person_id == person
            self._forgotten[person] = now

            def replace(connection: Connection) -> None:
                connection.execute(delete(forgotten).where(same))
                connection.execute(insert(forgotten).values(person_id=person, until=now))

            await self._database.write(replace)
