"""What was said before the bot was there, or while it was away, read into the archive in the background."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import discord

from bot.places import REST_FAILURES, TextPlace
from bot.render import to_message
from bot.triggers import SPOKEN
from chat.ids import ChannelId, GuildId, MessageId
from memory.archive import Archive
from memory.intake import Intake

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.05  # between channels: history is never in a hurry, mentions are


class Backfill:
    """Reads each channel once after each return of the gateway: from the newest archived message on, at most `most`."""

    def __init__(self, client: discord.AutoShardedClient, *, archive: Archive, intake: Intake, most: int) -> None:
        self._client = client
        self._archive = archive
        self._intake = intake
        self._most = most
        self._one_at_a_time = asyncio.Lock()

    async def archived_up_to(self) -> Mapping[ChannelId, MessageId]:
        """How far each channel is archived: to be asked before anything that is said from now on hides the gap."""
        return await self._archive.newest_id_by_channel()

    async def run(self, newest: Mapping[ChannelId, MessageId]) -> None:
        """Fill every gap after `newest`, and forget servers that the bot was removed from meanwhile.

        A channel that Discord does not let us read is left out.
        """
        async with self._one_at_a_time:
            for guild_id in await self._archive.guilds():
                if self._client.get_guild(guild_id) is None and self._is_ours(guild_id):
                    self._intake.guild_gone(guild_id)
            total = 0
            for channel, known in self._gaps(newest):
                total += await self._read(channel, known)
                await asyncio.sleep(PAUSE_SECONDS)
        if total:  # a first start, or an absence
            logger.info("archived %d messages from before", total)

    def _gaps(self, newest: Mapping[ChannelId, MessageId]) -> Sequence[tuple[TextPlace, int]]:
        channels = (channel for guild in self._client.guilds for channel in (*guild.channels, *guild.threads))
        known = [(each, newest.get(ChannelId(each.id), 0)) for each in channels if isinstance(each, TextPlace)]
        return [(channel, last) for channel, last in known if _has_news(channel, last)]

    def _is_ours(self, guild_id: GuildId) -> bool:
        """Whether this process would be told of the server: with shards, others look after the rest."""
        return (guild_id >> 22) % self._client.shard_count in self._client.shards

    async def _read(self, channel: TextPlace, newest: int) -> int:
        count = 0
        after = discord.Object(newest) if newest else None
        try:
            async for message in channel.history(limit=self._most, after=after):
                if message.type in SPOKEN:
                    self._intake.saw(to_message(message))
                    count += 1
        except REST_FAILURES as error:
            logger.info("channel %s could not be read: %s", channel.id, error)
        await self._intake.settled()
        return count


def _has_news(channel: TextPlace, newest: int) -> bool:
    rights = channel.permissions_for(channel.guild.me)
    return rights.view_channel and rights.read_message_history and (channel.last_message_id or 0) > newest
