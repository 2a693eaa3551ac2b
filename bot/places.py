"""Channels by id: from the gateway's cache, and by REST the two kinds it does not hold (old threads, quiet DMs)."""

from collections import OrderedDict

import aiohttp
import discord

REST_FAILURES = (discord.HTTPException, aiohttp.ClientError, TimeoutError)
MAX_FETCHED = 1000

TextPlace = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
"""Where messages are, on a server."""
Place = TextPlace | discord.ForumChannel
"""A server channel that can be listed; a forum holds threads only."""
AnyPlace = Place | discord.DMChannel


class Places:
    """Finds channels. What REST said, a "no" included, is kept until `forget`, for at most `MAX_FETCHED` channels."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._fetched: OrderedDict[int, discord.Thread | discord.DMChannel | None] = OrderedDict()

    def cached(self, channel_id: int) -> AnyPlace | None:
        channel = self._client.get_channel(channel_id) or self._fetched.get(channel_id)
        return channel if isinstance(channel, AnyPlace) else None

    async def find(self, channel_id: int) -> AnyPlace | None:
        """The channel; None when there is none that the bot can see. Never raises for Discord's failures."""
        found = self.cached(channel_id)
        if found is not None or channel_id in self._fetched:
            return found
        try:
            channel = await self._client.fetch_channel(channel_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            channel = None
        except REST_FAILURES:
            return None  # not known: ask again next time
        kept = channel if isinstance(channel, discord.Thread | discord.DMChannel) else None
        self._fetched[channel_id] = kept
        if len(self._fetched) > MAX_FETCHED:
            self._fetched.popitem(last=False)
        return kept

    def forget(self, channel_id: int) -> None:
        """This channel was made, changed or deleted."""
        self._fetched.pop(channel_id, None)
