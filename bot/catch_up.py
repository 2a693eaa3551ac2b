"""After an absence: what was said meanwhile is remembered, and the mentions among it are answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta

import discord

from bot.ledger import Ledger, Owed
from bot.places import REST_FAILURES, Places, TextPlace
from bot.reception import Reception
from bot.walker import Walker
from chat.clock import Clock
from chat.ids import ChannelId, MessageId, created_at, snowflake_at

logger = logging.getLogger(__name__)

CHANNELS_AT_ONCE = 5
MAX_MISSED = 500  # messages of one channel; beyond that an absence is for the walk, not for a catch-up
PAUSES = (1.0, 5.0, 15.0, 60.0)  # before a channel that Discord fails to list is tried again
WALK_AGAIN_SECONDS = 30.0
LIVE = timedelta(seconds=1)  # younger than this nobody would call it late

Apologise = Callable[[Owed], Awaitable[None]]
"""Say in one sentence that this mention was not answered, and settle it. Never raises."""


class CatchUp:
    """Reads what each channel has said since `window` ago, whenever the gateway comes back."""

    def __init__(
        self,
        client: discord.Client,
        places: Places,
        *,
        reception: Reception,
        ledger: Ledger,
        walker: Walker,
        apologise: Apologise,
        clock: Clock,
        window: timedelta,
    ) -> None:
        self._client = client
        self._places = places
        self._reception = reception
        self._ledger = ledger
        self._walker = walker
        self._apologise = apologise
        self._clock = clock
        self._window = window

    async def run(self, caught_up: Callable[[], None] | None = None) -> None:
        """Catch up at each return, and call `caught_up` when all that was missed is archived; ends by cancellation."""
        told = [caught_up] if caught_up else []

        def filled() -> None:
            while told:
                told.pop()()

        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._reception.came_back.wait()
                self._reception.came_back.clear()
                try:
                    archived = await self._walker.newest()
                    tasks.create_task(self._fill(archived, filled), name="walk")
                    await self._once()
                except Exception:  # boundary: what was missed must not stop what is said now
                    logger.exception("catching up failed; it is tried again when the gateway next returns")

    async def _fill(self, archived: Mapping[ChannelId, MessageId], filled: Callable[[], None]) -> None:
        """The walk goes on until the gateway returns once more, which ends it."""
        while True:
            try:
                await self._walker.run(archived, filled)
            except Exception:  # boundary: as above
                logger.exception("the walk through the past failed; it begins again in %g s", WALK_AGAIN_SECONDS)
                await asyncio.sleep(WALK_AGAIN_SECONDS)
            else:
                return

    async def _once(self) -> None:
        owed = await self._ledger.owed()
        since = MessageId(snowflake_at(self._clock() - self._window))
        gate = asyncio.Semaphore(CHANNELS_AT_ONCE)
        direct = await self._ledger.dm_channels()
        unread: set[int] = set()
        async with asyncio.TaskGroup() as tasks:
            for channel in self._busy_channels(since):
                tasks.create_task(self._read(channel, since, gate, unread))
            for channel_id in direct:
                tasks.create_task(self._read_dm(channel_id, since, gate, unread))
        for mention in owed:  # too old by now, or its channel can't be read any more
            if mention.channel_id not in unread and self._ledger.claim(mention.message_id):
                await self._apologise(mention)

    def _busy_channels(self, since: MessageId) -> Iterator[TextPlace]:
        for guild in self._client.guilds:
            for channel in (*guild.channels, *guild.threads):
                if isinstance(channel, TextPlace) and (channel.last_message_id or 0) >= since:
                    yield channel

    async def _read_dm(self, channel_id: int, since: MessageId, gate: asyncio.Semaphore, unread: set[int]) -> None:
        channel = await self._places.find(channel_id)
        if isinstance(channel, discord.DMChannel):
            await self._read(channel, since, gate, unread)
        elif not self._places.is_gone(channel_id):
            unread.add(channel_id)

    async def _read(
        self, channel: TextPlace | discord.DMChannel, since: MessageId, gate: asyncio.Semaphore, unread: set[int]
    ) -> None:
        """Take what was missed there; a channel that Discord does not list even after a while becomes `unread`."""
        for pause in (*PAUSES, None):
            try:
                async with gate:
                    missed = await self._since(channel, since)
            except (discord.Forbidden, discord.NotFound) as error:
                logger.info("could not catch up in channel %s: %s", channel.id, error)
                return
            except REST_FAILURES as error:
                logger.warning("could not catch up in channel %s yet: %s", channel.id, error)
                if pause is None:
                    unread.add(channel.id)
                    return
                await asyncio.sleep(pause)
            else:
                self._take(missed)
                return

    @staticmethod
    async def _since(channel: TextPlace | discord.DMChannel, since: MessageId) -> list[discord.Message]:
        after = discord.Object(since)
        return [message async for message in channel.history(limit=MAX_MISSED, after=after, oldest_first=True)]

    def _take(self, missed: Sequence[discord.Message]) -> None:
        for message in missed:
            waited = self._clock() - created_at(message.id)
            self._reception.missed(message, waited if waited > LIVE else timedelta(0))
