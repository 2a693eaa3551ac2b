"""What there is to be walked: channels, threads (those that were put away, too) and direct messages."""

import asyncio
import logging
from collections.abc import Mapping

import discord

from bot.places import REST_FAILURES, Places, TextPlace
from bot.walk import Walkable
from chat.ids import ChannelId, MessageId
from memory.opening import OpenMemory

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.05


class Walkables:
    """From the gateway's cache where it knows, from Discord where it does not."""

    def __init__(self, client: discord.Client, places: Places, *, memory: OpenMemory) -> None:
        self._client = client
        self._places = places
        self._memory = memory

    def visible(self) -> list[Walkable]:
        there = (channel for guild in self._client.guilds for channel in (*guild.channels, *guild.threads))
        return [each for each in there if isinstance(each, TextPlace)]

    def holders(self) -> list[discord.TextChannel | discord.ForumChannel]:
        """Channels in which there may be threads that were put away."""
        there = (channel for guild in self._client.guilds for channel in guild.channels)
        return [each for each in there if isinstance(each, discord.TextChannel | discord.ForumChannel)]

    async def direct(self, newest: Mapping[ChannelId, MessageId]) -> list[Walkable]:
        """Conversations of which something is kept, the latest first."""
        known = await self._memory.channels.direct()
        latest = sorted(known & newest.keys(), key=lambda each: newest[each], reverse=True)
        found = [await self._places.find(channel_id) for channel_id in latest]
        return [each for each in found if isinstance(each, discord.DMChannel)]

    async def archived(self, channel: discord.TextChannel | discord.ForumChannel) -> list[Walkable] | None:
        """Threads of a channel that were put away: the gateway does not list them. None: ask again later."""
        rights = channel.permissions_for(channel.guild.me)
        if not (rights.view_channel and rights.read_message_history):
            return None
        listings = [channel.archived_threads(limit=None)]
        if isinstance(channel, discord.TextChannel) and not channel.is_news():
            listings.append(channel.archived_threads(private=True, joined=not rights.manage_threads, limit=None))
        threads: list[Walkable] = []
        for listing in listings:
            try:
                threads += [thread async for thread in listing]
            except discord.Forbidden as error:
                logger.info("archived threads of channel %s may not be listed: %s", channel.id, error)
            except REST_FAILURES as error:
                logger.info("archived threads of channel %s could not be listed: %s", channel.id, error)
                return None
            await asyncio.sleep(PAUSE_SECONDS)
        return threads
