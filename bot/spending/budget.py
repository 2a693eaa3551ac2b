"""Whether a person may have one more run today, and what is left: the limits of the operator and of the server."""

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from bot.spending.account import Account, Bound, Entry, Reservation, Standing
from bot.spending.rules import Allowance, LimitRules
from chat.clock import Clock
from chat.ids import GuildId, UserId
from tools.context import ToolContext

logger = logging.getLogger(__name__)

RolesOf = Callable[[UserId, GuildId], Awaitable[Collection[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimits:
    """What the operator allows, and to whom nothing of it applies."""

    person: Allowance
    server: Allowance
    owners: frozenset[int]
    zone: ZoneInfo
    """Whose days are counted."""
    usual_tokens: int
    """What is put aside for a run before it is known what it costs."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No more today: one sentence."""

    sentence: str


Granted = Reservation | None
"""None: this run is not counted."""


class Budget:
    """Asked before each run. A database that cannot be written keeps nobody from an answer."""

    def __init__(
        self, account: Account, rules: LimitRules, *, operator: OperatorLimits, roles_of: RolesOf, clock: Clock
    ) -> None:
        self.rules = rules
        self.operator = operator
        self._account = account
        self._roles_of = roles_of
        self._clock = clock

    async def reserve(self, key: str, context: ToolContext) -> Granted | Refused:
        """`key` names the request: a run of it that is repeated after a crash is counted once."""
        person, guild = context.asker.id, context.guild.id if context.guild else None
        if person in self.operator.owners:
            return None
        bounds = await self.bounds(person, guild)
        entry = Entry(key=key[-200:], day=self._day(), person=person, guild=guild, bounds=bounds)
        try:
            got = await self._account.reserve(entry, self.operator.usual_tokens)
        except DBAPIError as error:
            logger.error("what a run costs cannot be counted: %s", error.orig)  # noqa: TRY400 - the text shows values
            return None
        return Refused(self._refusal(got)) if isinstance(got, Standing) else got

    async def settle(self, granted: Granted, tokens: int) -> str | None:
        """The run has ended. Answers with what to tell its asker once a day: that a limit is near."""
        if granted is None:
            return None
        try:
            near = await self._account.settle(granted, tokens)
        except DBAPIError as error:
            logger.error("what a run has cost cannot be written: %s", error.orig)  # noqa: TRY400
            return None
        return near and f"Today {_whose(near.bound)} {used(near)}; /usage tells what is left."

    async def left(self, person: UserId, guild: GuildId | None) -> Sequence[Standing]:
        """Of each limit that a person has here."""
        return await self._account.standings(self._day(), await self.bounds(person, guild))

    async def spent(self, person: UserId | None, guild: GuildId | None) -> Standing:
        """Today, whatever the limits say."""
        [standing] = await self._account.standings(self._day(), [Bound(Allowance(), person, guild)])
        return standing

    async def of_server(self, guild: GuildId) -> Standing:
        [standing] = await self._account.standings(self._day(), [self._server(guild)])
        return standing

    async def bounds(self, person: UserId, guild: GuildId | None) -> list[Bound]:
        found = [Bound(self.operator.person, person, None)]
        if guild is not None:
            member = self.rules.member(guild, await self._roles_of(person, guild) if self.rules.of(guild) else ())
            found += [Bound(member, person, guild), self._server(guild)]
        return [bound for bound in found if bound.allowance != Allowance()]

    def _server(self, guild: GuildId) -> Bound:
        return Bound(self.rules.server(guild).within(self.operator.server), None, guild)

    def midnight(self) -> datetime:
        """When the next day begins."""
        tomorrow = self._now().date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.operator.zone)

    def _day(self) -> str:
        return self._now().date().isoformat()

    def _now(self) -> datetime:
        return self._clock().astimezone(self.operator.zone)

    def _refusal(self, reached: Standing) -> str:
        allowed = reached.bound.allowance
        what = f"{allowed.runs:,} answers" if reached.is_out_of_runs else f"{allowed.tokens:,} tokens"
        whose = "This server has" if reached.bound.person is None else "You have"
        where = " on this server" if reached.bound.person is not None and reached.bound.guild is not None else ""
        again = f"<t:{int(self.midnight().timestamp())}:R>"
        return f"{whose} used up the {what} of today{where}; please ask again {again}."


def used(standing: Standing) -> str:
    """`8 of 10 answers and 5,000 of 9,000 tokens are used`."""
    allowed = standing.bound.allowance
    runs = f"{standing.runs:,} of {allowed.runs:,} answers" if allowed.runs else ""
    tokens = f"{standing.tokens:,} of {allowed.tokens:,} tokens" if allowed.tokens else ""
    return f"{' and '.join(filter(None, [runs, tokens]))} are used"


def _whose(bound: Bound) -> str:
    if bound.person is None:
        return "this server's"
    return "your"
