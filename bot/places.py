"""Channels by id: from the gateway's cache, and by REST the two kinds it does not hold (old threads, quiet DMs)."""

import asyncio
import logging
from collections import OrderedDict

import aiohttp
import discord

REST_FAILURES = (discord.HTTPException, aiohttp.ClientError, TimeoutError)
MAX_FETCHED = 1000
PAUSES = (0.5, 2.0, 5.0)  # discord.py tries 500 and 502 again by itself, and nothing else

logger = logging.getLogger(__name__)

TextPlace = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
"""Where messages are, on a server."""
Place = TextPlace | discord.ForumChannel
"""A server channel that can be listed; a forum holds threads only."""
AnyPlace = Place | discord.DMChannel


class Places:
    """Finds channels. What REST said is kept until `forget`, a "no" until the bot's rights change, for at most
    `MAX_FETCHED` channels.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._fetched: OrderedDict[int, discord.Thread | discord.DMChannel | None] = OrderedDict()
        self._rights = 0
        """Counts the changes of the bot's rights: a "no" from before is none."""

    def cached(self, channel_id: int) -> AnyPlace | None:
        channel = self._client.get_channel(channel_id) or self._fetched.get(channel_id)
        return channel if isinstance(channel, AnyPlace) else None

    async def find(self, channel_id: int) -> AnyPlace | None:
        """The channel; None when there is none that the bot can see. Never raises for Discord's failures."""
        found = self.cached(channel_id)
        if found is not None or channel_id in self._fetched:
            return found
        for pause in (*PAUSES, None):
            rights = self._rights
            try:
                return self._keep(channel_id, await self._client.fetch_channel(channel_id))
            except (discord.NotFound, discord.Forbidden, discord.InvalidData):
                return self._keep(channel_id, None) if rights == self._rights else None
            except REST_FAILURES as error:
                logger.debug("channel %s could not be looked up: %s", channel_id, error)
                if pause is not None:
                    await asyncio.sleep(pause)
        return None  # not known: ask again next time

    def is_gone(self, channel_id: int) -> bool:
        """Whether Discord has said that the bot sees no such channel, rather than nothing."""
        return self.cached(channel_id) is None and channel_id in self._fetched

    def _keep(
        self, channel_id: int, channel: discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread | None
    ) -> discord.Thread | discord.DMChannel | None:
        kept = channel if isinstance(channel, discord.Thread | discord.DMChannel) else None
        self._fetched[channel_id] = kept
        if len(self._fetched) > MAX_FETCHED:
            self._fetched.popitem(last=False)
        return kept

    def forget_missing(self) -> None:
        """The bot may see channels by now that were refused."""
        self._rights += 1
        self._fetched = OrderedDict((id_, kept) for id_, kept in self._fetched.items() if kept is not None)

    def forget(self, channel_id: int) -> None:
        """This channel was made, changed or deleted."""
        self._fetched.pop(channel_id, None)
