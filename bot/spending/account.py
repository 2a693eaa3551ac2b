"""Today's account: what each request has cost, and what those under way will. One transaction each, so that requests
that come together cannot all find the last answer free.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, true, update

from bot.spending.rules import Allowance
from bot.tables import usage
from chat.ids import GuildId, UserId
from storage.database import Database

NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit and whose spending it is about."""

    allowance: Allowance
    person: UserId | None
    """None: everybody's."""
    guild: GuildId | None
    """None: everywhere."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is used of a limit today."""

    bound: Bound
    runs: int
    tokens: int

    @property
    def share(self) -> float:
        """Of the limit that is nearest."""
        allowed = self.bound.allowance
        return max(
            self.runs / allowed.runs if allowed.runs else 0.0, self.tokens / allowed.tokens if allowed.tokens else 0.0
        )

    @property
    def is_out_of_runs(self) -> bool:
        return 0 < self.bound.allowance.runs <= self.runs

    @property
    def is_out_of_tokens(self) -> bool:
        return 0 < self.bound.allowance.tokens <= self.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request that is about to cost something."""

    key: str
    """The same for the same request when a run is repeated after a crash."""
    day: str
    person: UserId
    guild: GuildId | None
    bounds: Sequence[Bound]


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was put aside for a run."""

    entry: Entry
    tokens_left: int | None
    """What the run may cost at most; None is no limit."""
    floor: int
    """What an attempt that never ended may have cost: it is not given back."""


class Account:
    """Kept for the day; earlier days are erased as soon as a new one has begun."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._day = ""

    async def reserve(self, entry: Entry, tokens: int) -> Reservation | Standing:
        """Put aside what a usual run costs, or answer with the limit that is reached."""
        is_new_day = entry.day != self._day

        def work(connection: Connection) -> Reservation | Standing:
            if is_new_day:
                connection.execute(delete(usage).where(usage.c.day < entry.day))
            return _reserve(connection, entry, tokens)

        reserved = await self._database.write(work)
        self._day = entry.day
        return reserved

    async def settle(self, reservation: Reservation, tokens: int) -> Standing | None:
        """What the run has really cost. Answers with a limit that is near, the first time in a day for this person."""
        return await self._database.write(lambda c: _settle(c, reservation, tokens))

    async def standings(self, day: str, bounds: Sequence[Bound]) -> Sequence[Standing]:
        return await self._database.read(lambda c: [_standing(c, day, bound) for bound in bounds])

    async def guilds(self) -> frozenset[GuildId]:
        """The servers that something was spent on."""
        some = select(usage.c.guild_id).where(usage.c.guild_id.is_not(None)).distinct()
        return frozenset(map(GuildId, await self._database.read(lambda c: c.execute(some).scalars().all())))

    async def forget_guild(self, guild_id: GuildId) -> None:
        """What was spent there stays spent by the people; whose server it was goes."""
        there = usage.c.guild_id == guild_id
        await self._database.write(lambda c: c.execute(update(usage).where(there).values(guild_id=None)))


def _reserve(connection: Connection, entry: Entry, tokens: int) -> Reservation | Standing:
    same = usage.c.key == entry.key
    known = connection.execute(select(usage.c.reserved).where(same)).scalar_one_or_none()
    floor = known or 0
    left: int | None = None
    for bound in entry.bounds:
        standing = _standing(connection, entry.day, bound)
        if known is None and standing.is_out_of_runs:
            return standing
        if not bound.allowance.tokens:
            continue
        free = bound.allowance.tokens - standing.tokens + floor
        if free <= 0:
            return standing
        left = free if left is None else min(left, free)
    reserved = max(floor, tokens if left is None else min(tokens, left))
    if known is None:
        row = {"key": entry.key, "day": entry.day, "person_id": entry.person, "guild_id": entry.guild}
        connection.execute(
            insert(usage).values(row | {"runs": 1, "tokens": 0, "reserved": reserved, "told_near": False})
        )
    else:
        connection.execute(update(usage).where(same).values(reserved=reserved))
    return Reservation(entry, left, floor)


def _settle(connection: Connection, reservation: Reservation, tokens: int) -> Standing | None:
    entry, same = reservation.entry, usage.c.key == reservation.entry.key
    spent = usage.c.tokens + max(tokens, reservation.floor)
    connection.execute(update(usage).where(same).values(tokens=spent, reserved=0))
    standings = [_standing(connection, entry.day, bound) for bound in entry.bounds]
    nearest = max(standings, key=lambda each: each.share, default=None)
    if nearest is None or nearest.share < NEAR:
        return None
    theirs = (usage.c.day == entry.day) & (usage.c.person_id == entry.person)
    if connection.execute(select(usage.c.key).where(theirs & usage.c.told_near).limit(1)).first():
        return None
    connection.execute(update(usage).where(same).values(told_near=True))
    return nearest


def _standing(connection: Connection, day: str, bound: Bound) -> Standing:
    of_person: ColumnElement[bool] = true() if bound.person is None else usage.c.person_id == bound.person
    of_guild: ColumnElement[bool] = true() if bound.guild is None else usage.c.guild_id == bound.guild
    sums = select(
        func.coalesce(func.sum(usage.c.runs), 0), func.coalesce(func.sum(usage.c.tokens + usage.c.reserved), 0)
    )
    runs, tokens = connection.execute(sums.where(and_(usage.c.day == day, of_person, of_guild))).one()
    return Standing(bound, int(runs), int(tokens))
