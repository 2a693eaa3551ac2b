"""What is no more on Discord leaves memory: servers that the bot left, channels that were deleted."""

import asyncio
import logging
from collections.abc import Collection

import discord
from sqlalchemy.exc import DBAPIError

from bot.approval_store import QuestionStore
from bot.governing import Governing
from bot.places import REST_FAILURES
from chat.ids import ChannelId, GuildId
from memory.opening import OpenMemory
from reminders.service import Reminders
from reminders.values import ReminderError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.05
UNKNOWN_CHANNEL = 10003


class Departures:
    """Erases through the intake, which does it in order and in spite of a full disk.

    What the bot merely may not see (any more) is kept, and not shown to anybody.
    """

    def __init__(
        self,
        client: discord.AutoShardedClient,
        *,
        memory: OpenMemory,
        reminders: Reminders,
        questions: QuestionStore,
        governing: Governing,
    ) -> None:
        self._client = client
        self._governing = governing
        self._memory = memory
        self._reminders = reminders
        self._questions = questions

    async def server_left(self, guild_id: GuildId) -> None:
        """The archive goes last: as long as something is there, the next start finds what is left to do."""
        try:
            await self._reminders.forget_guild(guild_id)
            await self._governing.forget_guild(guild_id)
            await self._questions.forget_guild(guild_id)
        except (ReminderError, DBAPIError) as error:
            logger.warning("server %s is forgotten at the next start: %s", guild_id, error)
            return
        self._memory.intake.guild_gone(guild_id)

    async def servers_left(self) -> None:
        """Those that the bot was removed from while it was away."""
        for guild_id in sorted(await self._known()):
            if self._client.get_guild(guild_id) is None and self._is_ours(guild_id) and await self._is_left(guild_id):
                logger.info("server %s was left: forgetting it", guild_id)
                await self.server_left(guild_id)

    async def _known(self) -> frozenset[GuildId]:
        """Where nothing is archived, other things may be kept all the same."""
        known = await self._memory.archive.guilds() | await self._memory.channels.guilds()
        try:
            return known | await self._governing.guilds() | await self._reminders.guilds()
        except (ReminderError, DBAPIError) as error:
            logger.warning("servers that were left may be found at the next start only: %s", error)
            return frozenset(known)

    async def channels_deleted(self, seen: Collection[ChannelId]) -> None:
        """Those that were deleted while the bot was away; `seen` are there."""
        for guild in self._client.guilds:
            for channel_id in sorted(await self._memory.channels.of_guild(GuildId(guild.id))):
                if channel_id not in seen and guild.get_channel_or_thread(channel_id) is None:
                    await self.look_for(channel_id)
                    await asyncio.sleep(PAUSE_SECONDS)

    async def look_for(self, channel_id: ChannelId) -> None:
        """Forget a channel with its threads if Discord knows of no such channel."""
        try:
            await self._client.fetch_channel(channel_id)
        except discord.NotFound as error:
            if error.code == UNKNOWN_CHANNEL:
                self._memory.intake.channel_gone(channel_id)
        except (*REST_FAILURES, discord.DiscordException) as error:
            logger.debug("channel %s could not be looked up: %s", channel_id, error)

    async def _is_left(self, guild_id: GuildId) -> bool:
        """A cache may be wrong, and a server's memory cannot be brought back: Discord is asked."""
        try:
            await self._client.fetch_guild(guild_id, with_counts=False)
        except (discord.NotFound, discord.Forbidden):
            return True
        except (*REST_FAILURES, discord.DiscordException) as error:
            logger.info("server %s could not be looked up: %s", guild_id, error)
        return False

    def _is_ours(self, guild_id: GuildId) -> bool:
        """Whether this process would be told of the server: with shards, others look after the rest."""
        return (guild_id >> 22) % (self._client.shard_count or 1) in self._client.shards
