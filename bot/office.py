"""Where each run checks in and out: may it begin, what has it cost, how did it go."""

from collections.abc import Collection
from dataclasses import dataclass

from agent.turn import TurnFailed, TurnResult
from bot.governing import Governing
from bot.places import Places
from bot.spending.account import Reservation
from bot.spending.budget import Budget, Granted, Refused
from bot.tracing.making import Ran, trace_of
from bot.walker import category_of, parent_of
from chat.ids import MessageId
from memory.rules import Rules
from tools.context import ToolContext
from tools.permission import Permissions


@dataclass(frozen=True, slots=True)
class NotRun:
    """Nothing was asked of the model: one sentence why."""

    sentence: str


class Office:
    """Mentions and tasks alike come here."""

    def __init__(
        self, *, permissions: Permissions, budget: Budget, governing: Governing, rules: Rules, places: Places
    ) -> None:
        self._permissions = permissions
        self._budget = budget
        self._governing = governing
        self._rules = rules
        self._places = places

    async def admit(self, context: ToolContext, *, again: str = "") -> Granted | NotRun:
        """`again` tells a run that was asked for once more from the one that was there before."""
        if unwelcome := await self._permissions.unwelcome(context.asker, context.channel):
            return NotRun(unwelcome)
        granted = await self._budget.reserve(f"{context.root}{again}", context)
        return NotRun(granted.sentence) if isinstance(granted, Refused) else granted

    async def ended(self, ran: Ran, granted: Granted) -> TurnResult | TurnFailed:
        """Settles what the run has cost. Its result, with what its asker should know of their limits."""
        if self._is_traced(ran.context):
            keeps = self._keeps_words(ran.context)
            self._governing.recorder.ran(trace_of(ran, keeps_words=keeps, redact=self._governing.redact))
        near = await self._budget.settle(granted, ran.result.usage.total)
        result = ran.result
        if near is None or not isinstance(result, TurnResult):
            return result
        return TurnResult(f"{result.text}\n-# {near}", result.steps, result.usage, result.stopped_by)

    def shown(self, context: ToolContext, answer: Collection[MessageId]) -> None:
        """The run's answer stands in these messages. Returns at once."""
        self._governing.recorder.answered(context.run_id, answer)

    def _is_traced(self, context: ToolContext) -> bool:
        """Who has opted out is not written down."""
        return self._governing.recorder.days > 0 and self._rules.opted_out_since(context.asker.id) is None

    def _keeps_words(self, context: ToolContext) -> bool:
        """Where nothing that is said is kept, nothing of it is kept here either."""
        place = self._places.cached(context.channel.id)
        within = [context.channel.id, context.channel.parent_id, parent_of(place), category_of(place)]
        return self._rules.archives(context.channel.guild_id, [each for each in within if each is not None])


def tokens_left(granted: Granted) -> int | None:
    """What a run may cost by the limits of the day; None is no limit."""
    return granted.tokens_left if isinstance(granted, Reservation) else None
