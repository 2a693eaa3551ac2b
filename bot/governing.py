"""What the operator and the managers of servers let the bot do, and the account of what it has done."""

from dataclasses import dataclass

from bot.policy import PolicyRules
from bot.settings.model import Settings
from bot.settings.secrets import Redactor, secrets_of
from bot.spending.account import Account
from bot.spending.rules import LimitRules
from bot.tracing.making import Redact
from bot.tracing.recorder import Recorder
from bot.tracing.store import TraceStore
from chat.clock import Clock
from chat.ids import GuildId
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Governing:
    """Its stores, opened; over a client they become a policy, a budget and an office (`bot.governed`)."""

    policies: PolicyRules
    limits: LimitRules
    account: Account
    recorder: Recorder
    redact: Redact
    """Takes the operator's secrets out of a text."""

    async def guilds(self) -> frozenset[GuildId]:
        """The servers that anything is kept of."""
        told = self.policies.guilds() | self.limits.guilds()
        return told | await self.account.guilds() | await self.recorder.store.guilds()

    async def forget_guild(self, guild_id: GuildId) -> None:
        await self.policies.forget_guild(guild_id)
        await self.limits.forget_guild(guild_id)
        await self.account.forget_guild(guild_id)
        await self.recorder.store.forget_guild(guild_id)


async def open_governing(settings: Settings, database: Database, clock: Clock) -> Governing:
    policies, limits = PolicyRules(database, clock), LimitRules(database, clock)
    await policies.load()
    await limits.load()
    recorder = Recorder(TraceStore(database), clock, days=settings.traces.retention_days)
    return Governing(policies, limits, Account(database), recorder, Redactor(secrets_of(settings)))
