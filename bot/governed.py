"""The stores of `bot.governing` over the client: the policy, the budget and the office of a running bot."""

from zoneinfo import ZoneInfo

from bot.gateway import Gateway
from bot.governing import Governing
from bot.office import Office
from bot.policy import ServerPolicy
from bot.settings.model import Settings
from bot.spending.budget import Budget, OperatorLimits
from bot.spending.rules import Allowance
from chat.clock import Clock
from chat.ids import GuildId, UserId
from memory.rules import Rules
from tools.permission import Permissions


class Roles:
    """Who holds what, as the gateway told it."""

    def __init__(self, client: Gateway) -> None:
        self._client = client

    async def of(self, person: UserId, guild_id: GuildId) -> frozenset[int]:
        guild = self._client.get_guild(guild_id)
        return await self._client.audience.roles(person, guild) if guild else frozenset()


def policy_of(governing: Governing, client: Gateway) -> ServerPolicy:
    return ServerPolicy(governing.policies, Roles(client).of)


def budget_of(settings: Settings, governing: Governing, client: Gateway, clock: Clock) -> Budget:
    wanted = settings.limits
    operator = OperatorLimits(
        person=Allowance(wanted.runs_per_person_day, wanted.tokens_per_person_day),
        server=Allowance(wanted.runs_per_server_day, wanted.tokens_per_server_day),
        owners=settings.general.owner_ids,
        zone=ZoneInfo(settings.general.time_zone),
        usual_tokens=min(wanted.run_tokens, settings.llm_reply.context_size),
    )
    return Budget(governing.account, governing.limits, operator=operator, roles_of=Roles(client).of, clock=clock)


def office_of(governing: Governing, permissions: Permissions, budget: Budget, rules: Rules, client: Gateway) -> Office:
    return Office(permissions=permissions, budget=budget, governing=governing, rules=rules, places=client.places)
