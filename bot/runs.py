"""One run of the agent for a request, in the light of what surrounds it, with the tools that its asker may use."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import discord

from agent.loop import run_turn
from agent.prompt_input import KnownFact, PromptInput, RecalledLine
from agent.tokens import Calibrations
from agent.turn import Progress, TurnFailed, TurnLimits, TurnResult
from bot.first_reading import CleanAnswers, begin
from bot.gathering import Gathered, Gatherer
from bot.models import Models
from bot.office import NotRun, Office, tokens_left
from bot.places import Places
from bot.toolbox import Toolbox
from bot.tracing.making import Ran
from chat.clock import Clock
from chat.ids import MessageId
from chat.messages import IncomingMessage, Message
from tools.context import ToolContext
from tools.reading import Reading


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are made: what the operator decides."""

    system: str
    context_size: int
    answer_tokens: int
    recall_tokens: int
    limits: TurnLimits
    zone: ZoneInfo
    stream: bool
    takes_images: bool


class Runs:
    """Mentions and tasks are run alike: the same sources, the same guard, the same limits."""

    def __init__(
        self,
        *,
        places: Places,
        gatherer: Gatherer,
        toolbox: Toolbox,
        models: Models,
        manner: Manner,
        office: Office,
        clock: Clock,
    ) -> None:
        self._places = places
        self._gatherer = gatherer
        self._toolbox = toolbox
        self._models = models
        self.manner = manner
        """What the next run goes by."""
        self._office = office
        self._clock = clock
        self._calibrations = Calibrations()
        self._clean = CleanAnswers()

    async def run(
        self,
        incoming: IncomingMessage,
        context: ToolContext,
        *,
        reading: Reading,
        progress: Progress | None = None,
        occasion: str | None = None,
        again: str = "",
    ) -> TurnResult | TurnFailed | NotRun:
        """`reading` grows with the run.

        `occasion`: how a request came about that nobody has just made. Such a one is complete in itself, so the
        newest lines of its channel are not read with it: they would be others' words, before nobody's eyes.
        `again`: which time it is that the same request is run, if somebody wanted that.
        """
        granted = await self._office.admit(context, again=again)
        if isinstance(granted, NotRun):
            return granted
        began, watch = self._clock(), asyncio.get_running_loop().time
        started, left = watch(), tokens_left(granted)
        gathered = await self._gatherer.gather(incoming, context)
        if occasion is not None:
            gathered = replace(gathered, recent=())
        context = replace(context, zone=gathered.zone or context.zone)
        begin(reading, incoming, gathered, self._clean)
        result = await run_turn(
            replace(self._prompt(incoming, gathered, context.zone), occasion=occasion),
            model=self._models.current,
            toolset=await self._toolbox.for_run(context, reading=reading),
            context=context,
            limits=self._limits(left),
            calibrations=self._calibrations,
            progress=progress,
        )
        await self._toolbox.ended(context)
        took, is_task = watch() - started, occasion is not None
        ran = Ran(incoming, context, gathered, result, is_task=is_task, began=began, seconds=took, tokens_left=left)
        return await self._office.ended(ran, granted)

    def _limits(self, left: int | None) -> TurnLimits:
        limits = self.manner.limits
        return limits if left is None else replace(limits, tokens=min(left, limits.tokens))

    def shown(self, context: ToolContext, answer: Collection[MessageId]) -> None:
        """The answer of this run stands in these messages."""
        self._office.shown(context, answer)

    def answered(self, reading: Reading, ids: Sequence[MessageId]) -> None:
        """The answer of a run stands in these messages."""
        if not reading.tainted:
            self._clean.add(ids)

    def _prompt(self, incoming: IncomingMessage, gathered: Gathered, zone: ZoneInfo) -> PromptInput:
        return PromptInput(
            incoming=replace(incoming, late_by=None),  # that it is late is said by us, in the same words each time
            system=self.manner.system,
            now=self._clock(),
            zone=zone,
            context_size=self.manner.context_size,
            answer_tokens=self.manner.answer_tokens,
            recent=tuple(gathered.recent),
            recalled=tuple(self._recalled(message) for message in gathered.recalled),
            facts=tuple(
                KnownFact("the asker" if fact.person_id else "the server", fact.text) for fact in gathered.facts
            ),
            recall_tokens=self.manner.recall_tokens,
            files=tuple(gathered.files),
            takes_images=self.manner.takes_images,
        )

    def _recalled(self, message: Message) -> RecalledLine:
        place = self._places.cached(message.channel_id)
        name = "" if place is None or isinstance(place, discord.DMChannel) else place.name
        return RecalledLine(message.author, message.created_at, name, message.text, message.link)
