"""Forgets what is older than the rules allow, of every channel, at the start and once an hour."""

import asyncio
import logging
from datetime import timedelta

import discord

from bot.places import Place
from bot.walker import category_of, parent_of
from chat.clock import Clock
from chat.ids import GuildId, MessageId, snowflake_at
from memory.opening import OpenMemory

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


class Retention:
    """Erases through the archive's one path, so that the indexes and the files follow."""

    def __init__(self, *, memory: OpenMemory, client: discord.Client, clock: Clock) -> None:
        self._memory = memory
        self._client = client
        self._clock = clock

    async def run(self) -> None:
        """Ends by cancellation only."""
        while True:
            try:
                await self.sweep()
            except Exception:  # boundary: what could not be erased now is tried again
                logger.exception("what is too old could not be forgotten yet")
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """Answers how many messages were too old."""
        erased = 0
        for channel_id in await self._memory.archive.newest_id_by_channel():
            channel = self._client.get_channel(channel_id)
            guild = GuildId(channel.guild.id) if isinstance(channel, Place) else None
            places = [each for each in (channel_id, parent_of(channel), category_of(channel)) if each is not None]
            if days := self._memory.rules.retention(guild, places):
                oldest = MessageId(snowflake_at(self._clock() - timedelta(days=days)))
                erased += await self._memory.archive.erase_older(channel_id, oldest)
        if erased:
            logger.info("forgot %d messages that were older than the rules allow", erased)
        return erased
