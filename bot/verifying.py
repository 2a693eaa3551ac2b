"""`tools.verifying.Verifier`: what the walk has not come to yet is asked of Discord, message by message."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import discord

from bot.places import REST_FAILURES, Places
from bot.render import to_message
from bot.walker import Walker, category_of, parent_of
from chat.ids import MessageId
from chat.messages import Message
from memory.intake import Intake

logger = logging.getLogger(__name__)

GAP_SECONDS = 0.5
LOOK_SECONDS = 2.0


class LiveVerifier:
    """Costs nothing once the walk is through."""

    def __init__(self, *, places: Places, walker: Walker, intake: Intake) -> None:
        self._places = places
        self._walker = walker
        self._intake = intake

    async def caught_up(self) -> None:
        await self._walker.gaps_filled(GAP_SECONDS)

    async def verify(self, messages: Sequence[Message]) -> Sequence[Message]:
        standing: dict[MessageId, Message] = {}

        async def look(message: Message) -> None:
            if (now := await self._look(message)) is not None:
                standing[message.id] = now

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS), asyncio.TaskGroup() as tasks:
                for message in messages:
                    tasks.create_task(look(message))
        return [standing[message.id] for message in messages if message.id in standing]

    async def _look(self, message: Message) -> Message | None:
        if self._walker.is_proven(message):
            return message
        place = await self._places.find(message.channel_id)
        if place is None or isinstance(place, discord.ForumChannel):
            return None
        try:
            now = await place.fetch_message(message.id)
        except discord.NotFound:
            self._intake.gone([message.id])
            return None
        except REST_FAILURES as error:
            logger.info("message %s could not be looked up, so it is not shown: %s", message.id, error)
            return None
        self._walker.prove(message.id)
        standing = to_message(now)
        self._intake.saw(standing, parent=parent_of(place), category=category_of(place))
        return standing
