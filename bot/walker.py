"""Reads channels from their newest message back and makes the archive equal to what stands there.

One walk does it all: what was said before the bot came, what was said while it was away, what was edited or deleted
meanwhile. First the gap of every channel, then, slowly, all that is older.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.places import REST_FAILURES, Places, TextPlace
from bot.render import to_message
from bot.triggers import SPOKEN
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import Message
from memory.channels import Place, Walked
from memory.opening import OpenMemory
from reminders.service import Reminders

logger = logging.getLogger(__name__)

PAGE = 100  # the most that Discord gives at once
PAUSE_SECONDS = 0.05  # between pages of the gaps, which somebody may be waiting for
SLOW_SECONDS = 0.5  # between pages of the past: mentions come first
EARLIEST, LATEST = MessageId(0), MessageId(2**63 - 1)

Walkable = TextPlace | discord.DMChannel


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a server is."""

    channels: int
    done: int
    messages: int
    """Read since the gateway came back."""


@dataclass(slots=True)
class _Walk:
    """One channel on its way from the newest message to the oldest."""

    place: Walkable
    newest: MessageId
    """The newest that was archived when the walk began: what Discord does not show up to there is gone."""
    walked: Walked | None
    reached: MessageId = LATEST
    top: MessageId = EARLIEST
    messages: int = 0
    done: bool = False

    @property
    def id(self) -> ChannelId:
        return ChannelId(self.place.id)

    @property
    def has_news(self) -> bool:
        """Whether something was said since the walk before this one, as far as the gateway tells."""
        if self.walked is None or isinstance(self.place, discord.DMChannel):
            return True
        return (self.place.last_message_id or 0) > self.walked.top

    @property
    def in_gap(self) -> bool:
        """Whether it is still among what was said since the walk before this one."""
        return self.reached > (self.walked.top if self.walked else 0)


class Walker:
    """Walks after each return of the gateway. It also tells whether a line still stands as it was archived."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        places: Places,
        *,
        memory: OpenMemory,
        reminders: Reminders,
        most: int,
        clock: Clock,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        """`most`: so many messages of a channel are read from before the bot knew it; 0 reads nothing at all."""
        self._slow_seconds = slow_seconds
        self._client = client
        self._places = places
        self._memory = memory
        self._reminders = reminders
        self._most = most
        self._clock = clock
        self._walks: dict[ChannelId, _Walk] = {}
        self._proven: set[MessageId] = set()
        self._gaps_filled = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def returned(self) -> None:
        """The gateway was away: nothing that is archived is certain any more."""
        self._walks.clear()
        self._proven.clear()
        self._gaps_filled.clear()

    async def newest(self) -> Mapping[ChannelId, MessageId]:
        """How far each channel is archived: to be asked before anything that is said from now on hides the gap."""
        return await self._memory.archive.newest_id_by_channel()

    async def run(self, newest: Mapping[ChannelId, MessageId], gaps_filled: Callable[[], None] | None = None) -> None:
        """Make the archive equal to what stands on Discord. A channel that Discord does not let us read is left out.

        `gaps_filled` is called as soon as all is archived that was said since the bot last was there.
        """
        async with self._one_at_a_time:
            await self._forget_servers()
            if self._most:
                await self._walk(newest, gaps_filled)
            elif gaps_filled:
                gaps_filled()

    async def _walk(self, newest: Mapping[ChannelId, MessageId], gaps_filled: Callable[[], None] | None) -> None:
        walked = await self._memory.channels.walked()
        walks = [self._begin(place, newest, walked) for place in [*self._visible(), *await self._direct(newest)]]
        await self._rounds([walk for walk in walks if walk.has_news], PAUSE_SECONDS, gaps=True)
        self._gaps_filled.set()
        if gaps_filled:
            gaps_filled()
        walks += [self._begin(place, newest, walked) for place in await self._archived()]
        await self._forget_channels()
        await self._rounds(walks, self._slow_seconds, gaps=False)
        logger.info("walked through %d messages of %d channels", sum(walk.messages for walk in walks), len(walks))

    async def gaps_filled(self, seconds: float) -> None:
        """Wait, at most so long, until all that was said while the bot was away is archived."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gaps_filled.wait()

    def progress(self, guild_id: GuildId) -> Progress:
        walks = [walk for walk in self._walks.values() if walk.place.guild and walk.place.guild.id == guild_id]
        return Progress(len(walks), sum(walk.done for walk in walks), sum(walk.messages for walk in walks))

    def is_proven(self, message: Message) -> bool:
        """Whether what is archived is what stands there: read on this walk, or told by the gateway since."""
        walk = self._walks.get(message.channel_id)
        return message.id in self._proven or (walk is not None and (walk.done or message.id >= walk.reached))

    def prove(self, message_id: MessageId) -> None:
        """It was just looked up."""
        self._proven.add(message_id)

    def _begin(
        self, place: Walkable, newest: Mapping[ChannelId, MessageId], walked: Mapping[ChannelId, Walked]
    ) -> _Walk:
        channel_id = ChannelId(place.id)
        walk = _Walk(place, newest.get(channel_id, EARLIEST), walked.get(channel_id))
        self._walks[channel_id] = walk
        return walk

    async def _rounds(self, walks: Sequence[_Walk], pause: float, *, gaps: bool) -> None:
        """A page of each channel in turn, until each is through (with its gap)."""
        going = [walk for walk in walks if not walk.done]
        while going:
            for walk in going:
                await self._step(walk)
                await asyncio.sleep(pause)
            going = [walk for walk in going if not walk.done and (walk.in_gap or not gaps)]

    async def _step(self, walk: _Walk) -> None:
        rights = walk.place.permissions_for(walk.place.guild.me) if walk.place.guild else None
        if rights and not (rights.view_channel and rights.read_message_history):
            walk.done, walk.reached = True, LATEST
            self._walks.pop(walk.id, None)
            return
        try:
            await self._page(walk)
        except REST_FAILURES as error:
            logger.info("channel %s could not be read: %s", walk.id, error)
            walk.done = True
            self._walks.pop(walk.id, None)

    async def _page(self, walk: _Walk) -> None:
        """One page back; everything in the archive between its ends that Discord does not show is gone."""
        memory, first = self._memory, walk.reached == LATEST
        before = None if first else discord.Object(walk.reached)
        found = [message async for message in walk.place.history(limit=PAGE, before=before)]
        shown = {MessageId(message.id) for message in found}
        last = max([walk.newest, *shown]) if first else MessageId(walk.reached - 1)
        low = EARLIEST if len(found) < PAGE else min(shown)
        for message in found:
            if message.type in SPOKEN and not message.flags.ephemeral:
                memory.intake.saw(to_message(message), parent=parent_of(walk.place), category=category_of(walk.place))
        if gone := await memory.archive.ids_between(walk.id, low, last) - shown:
            memory.intake.gone(sorted(gone))
        await memory.intake.settled()
        walk.top = last if first else walk.top
        walk.reached, walk.messages = low, walk.messages + len(found)
        await self._note(walk)

    async def _note(self, walk: _Walk) -> None:
        """What survives: how far down everything has been read, without a hole."""
        old = walk.walked
        if walk.in_gap and old:
            return
        bottom = min(walk.reached, old.bottom) if old else walk.reached
        complete = walk.reached == 0 or (old is not None and old.complete)
        in_new_land = walk.reached <= bottom
        enough = in_new_land and await self._memory.archive.count(walk.id) >= self._most
        walk.done = walk.reached == 0 or enough
        guild = walk.place.guild
        place = Place(walk.id, GuildId(guild.id) if guild else None, parent_of(walk.place))
        await self._memory.channels.note([place])
        await self._memory.channels.reached(walk.id, Walked(walk.top, bottom, complete), self._clock())

    def _visible(self) -> list[Walkable]:
        there = (channel for guild in self._client.guilds for channel in (*guild.channels, *guild.threads))
        return [each for each in there if isinstance(each, TextPlace)]

    async def _direct(self, newest: Mapping[ChannelId, MessageId]) -> list[Walkable]:
        known = await self._memory.channels.direct()
        found = [await self._places.find(channel_id) for channel_id in sorted(known & newest.keys())]
        return [each for each in found if isinstance(each, discord.DMChannel)]

    async def _archived(self) -> list[Walkable]:
        """Threads that were put away: the gateway does not list them."""
        found: list[Walkable] = []
        for guild in self._client.guilds:
            for channel in guild.channels:
                if isinstance(channel, discord.TextChannel | discord.ForumChannel):
                    found += await self._archived_in(channel)
        return [thread for thread in found if ChannelId(thread.id) not in self._walks]

    async def _archived_in(self, channel: discord.TextChannel | discord.ForumChannel) -> list[discord.Thread]:
        rights = channel.permissions_for(channel.guild.me)
        if not (rights.view_channel and rights.read_message_history):
            return []
        listings = [channel.archived_threads(limit=None)]
        if isinstance(channel, discord.TextChannel):
            listings.append(channel.archived_threads(private=True, joined=not rights.manage_threads, limit=None))
        threads: list[discord.Thread] = []
        for listing in listings:
            try:
                threads += [thread async for thread in listing]
            except REST_FAILURES as error:
                logger.info("archived threads of channel %s could not be listed: %s", channel.id, error)
            await asyncio.sleep(PAUSE_SECONDS)
        return threads

    async def _forget_servers(self) -> None:
        """Those that the bot was removed from while it was away."""
        for guild_id in await self._memory.archive.guilds():
            if self._client.get_guild(guild_id) is None and self._is_ours(guild_id):
                self._memory.intake.guild_gone(guild_id)
                await self._reminders.forget_guild(guild_id)

    async def _forget_channels(self) -> None:
        """Those that are no more. What the bot merely may not see (any more) is kept, and not shown to anybody."""
        for guild in self._client.guilds:
            for channel_id in await self._memory.channels.of_guild(GuildId(guild.id)):
                if channel_id in self._walks or guild.get_channel_or_thread(channel_id):
                    continue
                try:
                    await self._client.fetch_channel(channel_id)
                except discord.NotFound:
                    self._memory.intake.channel_gone(channel_id)
                except (*REST_FAILURES, discord.InvalidData) as error:
                    logger.debug("channel %s could not be looked up: %s", channel_id, error)
                await asyncio.sleep(PAUSE_SECONDS)

    def _is_ours(self, guild_id: GuildId) -> bool:
        """Whether this process would be told of the server: with shards, others look after the rest."""
        return (guild_id >> 22) % self._client.shard_count in self._client.shards


def parent_of(place: object) -> ChannelId | None:
    """What a thread belongs to, and is deleted with."""
    return ChannelId(place.parent_id) if isinstance(place, discord.Thread) else None


def category_of(place: object) -> ChannelId | None:
    """The category, of a thread that of its parent."""
    match place:
        case discord.Thread(parent=discord.abc.GuildChannel() as parent) if parent.category_id:
            return ChannelId(parent.category_id)
        case discord.abc.GuildChannel(category_id=int(category_id)):
            return ChannelId(category_id)
        case _:
            return None
