"""What somebody is told who may not: in the bot's own words, or in a plain sentence where there is no model."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from agent.model import ModelError
from agent.quoting import Kind, line, plain_name
from agent.transcript import SystemMessage, TextPart, UserMessage
from bot.models import Models, open_models
from bot.settings.model import Settings
from bot.text.clean import clean
from chat.clock import Clock
from chat.ids import UserId
from chat.people import Person
from chat.templates import fill_names

logger = logging.getLogger(__name__)

PLAIN = "Sorry {user}, that is for my owners only."
SECONDS = 20.0
ONCE_IN = timedelta(minutes=1)  # a person who asks again sooner costs no tokens
LONGEST = 1500
REMEMBERED = 1000


class Refusals:
    """Words a refusal. `system` is the operator's `llm_permission_denied.system`."""

    def __init__(self, models: Models, *, system: str, clock: Clock, seconds: float = SECONDS) -> None:
        self._models = models
        self._system = system
        self._clock = clock
        self._seconds = seconds
        self._worded: dict[UserId, datetime] = {}

    async def worded(self, *, bot: Person, asker: Person, request: str) -> str:
        """Never raises for what the model does."""
        plain = PLAIN.format(user=plain_name(asker.name))
        if not self._is_due(asker.id):
            return plain
        system = fill_names(self._system, bot=plain_name(bot.name), user=plain_name(asker.name))
        asked = line(Kind.REQUEST, from_=plain_name(asker.name), text=request[:LONGEST])
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._models.complete([SystemMessage(system), UserMessage((TextPart(asked),))], [])
        except (ModelError, TimeoutError) as error:
            logger.info("a refusal was not worded: %s", error or "the model took too long")
            return plain
        return clean(answer.message.text)[:LONGEST].strip() or plain

    def change(self, settings: Settings) -> bool:
        """What is refused from now on goes by these settings. Whether that is anything else."""
        before, self._system = self._system, settings.llm_permission_denied.system
        return self._models.change(settings) or before != self._system

    def _is_due(self, person: UserId) -> bool:
        now = self._clock()
        if now - self._worded.get(person, datetime.min.replace(tzinfo=now.tzinfo)) < ONCE_IN:
            return False
        self._worded.pop(person, None)
        self._worded[person] = now
        if len(self._worded) > REMEMBERED:
            del self._worded[next(iter(self._worded))]
        return True


@asynccontextmanager
async def open_refusals(settings: Settings, clock: Clock) -> AsyncGenerator[Refusals]:
    """With the model that the operator chose for it."""
    async with open_models(settings, lambda wanted: wanted.llm_permission_denied) as models:
        yield Refusals(models, system=settings.llm_permission_denied.system, clock=clock)
