"""Reads channels from their newest message back and makes the archive equal to what stands there.

One walk does it all: what was said before the bot came, what was said while it was away, what was edited or deleted
meanwhile. First the gap of every channel, then, slowly, all that is older.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import discord

from bot.departures import Departures
from bot.places import REST_FAILURES, Places
from bot.walk import EARLIEST, Pages, UnprovenError, Walk, Walkable, category_of, parent_of
from bot.walkable import Walkables
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, snowflake_at
from chat.messages import Message
from memory.channels import Walked
from memory.opening import OpenMemory

__all__ = ["Progress", "Walker", "category_of", "parent_of"]

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.05  # between pages of a gap, which somebody may be waiting for
GAPS_AT_ONCE = 3
GAP_PAGES = 20  # of one channel; a longer gap is filled at leisure, so that the others' turn comes
SLOW_SECONDS = 0.5  # between pages of the past: mentions come first
LOOK_ROUND_SECONDS = 60.0  # new channels and servers, and channels that may be read now, are found this soon
RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)
REFUSED_SECONDS = 1800.0  # Discord counts what it refuses, and blocks who asks too often
HEARD = timedelta(minutes=1)  # what is older than this has surely been told, and written down


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading (of a server) is."""

    channels: int
    done: int
    messages: int
    """Read since the gateway came back."""


class Walker:
    """Walks after each return of the gateway. It also tells whether a line still stands as it was archived."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        places: Places,
        *,
        memory: OpenMemory,
        departures: Departures,
        most: int,
        clock: Clock,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        """`most`: so many messages of a channel are kept of what was said before the bot knew it."""
        self._memory = memory
        self._departures = departures
        self._walkables = Walkables(client, places, memory=memory)
        self._pages = Pages(memory=memory, most=most, clock=clock)
        self._clock = clock
        self._slow_seconds = slow_seconds
        self._session = 0
        self._walks: dict[ChannelId, Walk] = {}
        self._proven: set[MessageId] = set()
        self._gaps_filled = asyncio.Event()
        self._through = asyncio.Event()
        self._turned = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._listed: set[ChannelId] = set()
        self._looked_round: float | None = None

    def returned(self) -> None:
        """The gateway was away: nothing that is archived is certain any more. A walk under way ends at its page."""
        self._session += 1
        self._walks.clear()
        self._proven.clear()
        self._listed.clear()
        self._gaps_filled.clear()
        self._through.clear()
        self._turned.set()

    def look_round(self) -> None:
        """There is something new to be read: find it soon."""
        self._looked_round = None
        self._turned.set()

    async def newest(self) -> Mapping[ChannelId, MessageId]:
        """How far each channel is archived: to be asked before anything that is said from now on hides the gap."""
        return await self._memory.archive.newest_id_by_channel()

    async def run(self, newest: Mapping[ChannelId, MessageId], gaps_filled: Callable[[], None] | None = None) -> None:
        """Make the archive equal to what stands on Discord and keep it so, until the gateway returns once more.

        `gaps_filled` is called as soon as all is archived that was said since the bot last was there.
        """
        session = self._session
        async with self._one_at_a_time:
            if session != self._session:
                return
            self._turned.clear()
            await self._departures.servers_left()
            walked = await self._memory.channels.walked()
            await self._begin(self._walkables.visible(), newest, walked, session)
            await self._fill_gaps(session)
            if session != self._session:
                return
            self._gaps_filled.set()
            if gaps_filled:
                gaps_filled()
            await self._begin(await self._walkables.direct(newest), newest, walked, session)
            await self._fill_gaps(session)
            await self._look_round(newest, walked, session)
            await self._departures.channels_deleted(self._walks)
            while session == self._session:
                await self._go_on(session)

    async def gaps_filled(self, seconds: float) -> None:
        """Wait, at most so long, until all that was said on servers while the bot was away is archived."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gaps_filled.wait()

    async def through(self) -> None:
        """Wait until every channel has been read as far as it is wanted, and can be."""
        await self._through.wait()

    def progress(self, guild_id: GuildId | None = None) -> Progress:
        """Of one server, or of everything."""
        walks = [walk for walk in self._walks.values() if guild_id in (None, walk.guild_id)]
        done = sum(walk.next is None for walk in walks)
        return Progress(len(walks), done, sum(walk.messages for walk in walks))

    def is_proven(self, message: Message) -> bool:
        """Whether what is archived is what stands there: read on this walk, or told by the gateway since."""
        walk = self._walks.get(message.channel_id)
        return message.id in self._proven or (walk is not None and walk.has_read(message.id))

    def prove(self, message_id: MessageId) -> None:
        """It was just looked up."""
        self._proven.add(message_id)

    # Finding what is to be walked

    async def _begin(
        self,
        places: Sequence[Walkable],
        newest: Mapping[ChannelId, MessageId],
        walked: Mapping[ChannelId, Walked],
        session: int,
    ) -> None:
        for place in places:
            if session != self._session:
                return
            walk = Walk(place, newest.get(ChannelId(place.id), EARLIEST), walked.get(ChannelId(place.id)))
            if walk.id in self._walks:
                continue
            if not self._memory.rules.archives(walk.guild_id, walk.within):
                await self._unwanted(walk.id, newest, walked)
            elif walk.may_read():
                self._walks[walk.id] = walk

    async def _unwanted(
        self, channel_id: ChannelId, newest: Mapping[ChannelId, MessageId], walked: Mapping[ChannelId, Walked]
    ) -> None:
        """Nothing is kept of it; should that change, its history is read from the start."""
        if channel_id in newest:
            await self._memory.archive.erase_channel(channel_id)
        if channel_id in walked:
            await self._memory.channels.unread(channel_id)

    async def _look_round(
        self, newest: Mapping[ChannelId, MessageId], walked: Mapping[ChannelId, Walked], session: int
    ) -> None:
        """Leave alone what may not be read any more; find what now may, and threads that were put away."""
        self._looked_round = asyncio.get_running_loop().time()
        for walk in list(self._walks.values()):
            if not walk.may_read() or not self._memory.rules.archives(walk.guild_id, walk.within):
                self._walks.pop(walk.id, None)
        await self._begin(self._walkables.visible(), newest, walked, session)
        for channel in self._walkables.holders():
            if ChannelId(channel.id) in self._listed:
                continue
            threads = await self._walkables.archived(channel)
            if threads is not None and session == self._session:
                self._listed.add(ChannelId(channel.id))
                await self._begin(threads, newest, walked, session)

    # Walking

    async def _fill_gaps(self, session: int) -> None:
        """The channels in which something was said last come first."""
        gate = asyncio.Semaphore(GAPS_AT_ONCE)

        async def fill(walk: Walk) -> None:
            async with gate:
                for _ in range(GAP_PAGES):
                    if walk.knows_news or walk.failures or session != self._session:
                        return
                    await self._step(walk)
                    await asyncio.sleep(PAUSE_SECONDS)

        news = [walk for walk in self._walks.values() if walk.has_news and not walk.knows_news]
        news.sort(key=lambda walk: walk.last_word, reverse=True)
        async with asyncio.TaskGroup() as tasks:
            for walk in news:
                tasks.create_task(fill(walk))

    async def _go_on(self, session: int) -> None:
        """A page of each channel in turn; or, when all are through, wait for something new."""
        loop = asyncio.get_running_loop()
        going = [walk for walk in self._walks.values() if walk.next and walk.not_before <= loop.time()]
        for walk in going:
            if session != self._session:
                return
            if walk.id in self._walks:
                await self._step(walk)
                await asyncio.sleep(self._slow_seconds)
            await self._keep_up(session)
        if not going:
            self._tell_through()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS[0]):
                    await self._turned.wait()
            self._turned.clear()
            await self._keep_up(session)

    def _tell_through(self) -> None:
        if not self._through.is_set():
            total = self.progress()
            logger.info("walked through %d messages of %d channels", total.messages, total.channels)
            self._through.set()

    async def _keep_up(self, session: int) -> None:
        """Once in a while: what is heard need not be read again, and what has become readable is."""
        before = self._looked_round
        if before is not None and asyncio.get_running_loop().time() - before < LOOK_ROUND_SECONDS:
            return
        await self._memory.intake.settled()
        if session != self._session:
            return
        heard = MessageId(snowflake_at(self._clock() - HEARD))
        known = [walk.id for walk in self._walks.values() if walk.knows_news]
        await self._memory.channels.heard(known, heard)
        await self._look_round(await self.newest(), await self._memory.channels.walked(), session)

    async def _step(self, walk: Walk) -> None:
        part = walk.next
        if part is None:
            return
        if not walk.may_read():
            self._walks.pop(walk.id, None)
            return
        try:
            await self._pages.read(walk, part)
        except discord.Forbidden as error:
            logger.info("channel %s may not be read: %s", walk.id, error)
            self._leave_alone(walk, REFUSED_SECONDS)
        except discord.NotFound as error:
            logger.info("channel %s is not there any more: %s", walk.id, error)
            self._walks.pop(walk.id, None)
            await self._departures.look_for(walk.id)
        except (*REST_FAILURES, discord.DiscordException, UnprovenError) as error:
            logger.info("channel %s could not be read yet: %s", walk.id, error)
            self._leave_alone(walk, RETRY_SECONDS[min(walk.failures, len(RETRY_SECONDS) - 1)])
        except Exception:  # boundary: one channel must not end the walk through the others
            logger.exception("channel %s could not be read", walk.id)
            self._leave_alone(walk, RETRY_SECONDS[-1])
        else:
            walk.failures = 0

    @staticmethod
    def _leave_alone(walk: Walk, seconds: float) -> None:
        walk.failures += 1
        walk.not_before = asyncio.get_running_loop().time() + seconds
