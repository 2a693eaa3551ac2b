"""One channel on its way: which parts of its history are to be read, and one page made equal to the archive."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import discord

from bot.places import TextPlace
from bot.render import to_message
from bot.triggers import SPOKEN
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from memory.channels import Place, Walked
from memory.opening import OpenMemory

logger = logging.getLogger(__name__)

PAGE = 100  # the most that Discord gives at once
EARLIEST, LATEST = MessageId(0), MessageId(2**63 - 1)
UNKNOWN_MESSAGE = 10008

Walkable = TextPlace | discord.DMChannel


class UnprovenError(Exception):
    """Discord shows less than there is: nothing may be concluded from this page. It is asked again later."""


@dataclass(slots=True)
class Stretch:
    """A part of a channel's history, read from its newer end (`above`, excluded) down to `until`."""

    above: MessageId
    until: MessageId
    reached: MessageId
    done: bool = False

    def has_read(self, message_id: MessageId) -> bool:
        return self.reached <= message_id and (message_id < self.above or self.above == LATEST)


def stretch(above: MessageId, until: MessageId) -> Stretch:
    return Stretch(above, until, reached=above)


@dataclass(slots=True)
class Walk:
    """What is left to read of one channel in this session, the most wanted first."""

    place: Walkable
    newest: MessageId
    """The newest that was archived when the session began: what Discord does not show up to there is gone."""
    walked: Walked | None
    """What was read of it in all sessions so far, without a hole."""
    stretches: list[Stretch] = field(default_factory=list[Stretch])
    top: MessageId = EARLIEST
    messages: int = 0
    failures: int = 0
    not_before: float = 0.0
    """On the loop's clock: Discord failed, so it is left alone until then."""

    def __post_init__(self) -> None:
        old = self.walked
        if old is None:
            self.stretches = [stretch(LATEST, EARLIEST)]
            return
        past = [] if old.complete else [stretch(old.bottom, EARLIEST)]
        again = stretch(MessageId(old.top + 1), old.bottom)
        if self.has_news:
            self.stretches = [stretch(LATEST, again.above), *past, again]
        else:
            self.stretches = [*past, stretch(LATEST, old.bottom)]

    @property
    def id(self) -> ChannelId:
        return ChannelId(self.place.id)

    @property
    def guild_id(self) -> GuildId | None:
        return GuildId(self.place.guild.id) if self.place.guild else None

    @property
    def within(self) -> list[ChannelId]:
        """The channel, then what it lies in."""
        return [each for each in (self.id, parent_of(self.place), category_of(self.place)) if each is not None]

    @property
    def has_news(self) -> bool:
        """Whether something was said since it was last read, as far as the gateway tells."""
        return self.walked is None or isinstance(self.place, discord.DMChannel) or self.last_word > self.walked.top

    @property
    def last_word(self) -> int:
        """The newest message there, deleted ones included; direct messages do not tell."""
        return 0 if isinstance(self.place, discord.DMChannel) else self.place.last_message_id or 0

    @property
    def knows_news(self) -> bool:
        """Whether everything that was said since it was last read has been read (of a new channel: the last page)."""
        newest = next(each for each in self.stretches if each.above == LATEST)
        return newest.reached <= (self.walked.top + 1 if self.walked else LATEST - 1)

    @property
    def next(self) -> Stretch | None:
        return next((each for each in self.stretches if not each.done), None)

    def has_read(self, message_id: MessageId) -> bool:
        return any(each.has_read(message_id) for each in self.stretches)

    def may_read(self) -> bool:
        """Discord answers an empty page where history may not be read, and an empty page says that all is gone."""
        if self.place.guild is None:
            return True
        if isinstance(self.place, discord.Thread) and self.place.parent is None:
            return False
        rights = self.place.permissions_for(self.place.guild.me)
        return rights.view_channel and rights.read_message_history


class Pages:
    """Reads the next page of a walk and makes the archive equal to it."""

    def __init__(self, *, memory: OpenMemory, most: int, clock: Clock) -> None:
        """`most`: so many messages of a channel are kept of what was said before the bot knew it."""
        self._memory = memory
        self._most = most
        self._clock = clock

    async def read(self, walk: Walk, part: Stretch) -> None:
        """Raises Discord's failures, and `UnprovenError`; then nothing was changed."""
        first = part.reached == LATEST
        before = None if first else discord.Object(part.reached)
        found = [message async for message in walk.place.history(limit=PAGE, before=before)]
        shown = {MessageId(message.id) for message in found}
        last = max([walk.newest, *shown]) if first else MessageId(part.reached - 1)
        low = min(shown) if len(found) == PAGE else EARLIEST
        kept = await self._memory.archive.ids_between(walk.id, low, last)
        gone = kept - shown
        await _prove_the_end(walk.place, {each for each in gone if each < min(shown, default=LATEST)})
        wanted = await self._wanted(walk, found, kept)
        intake, parent, category = self._memory.intake, parent_of(walk.place), category_of(walk.place)
        for message in wanted:
            intake.saw(to_message(message), parent=parent, category=category, answers=answered(message))
        if gone:
            intake.gone(sorted(gone))
        await intake.settled()
        walk.top = last if first else walk.top
        part.reached, walk.messages = low, walk.messages + len(found)
        await self._note(walk, part)

    async def _wanted(
        self, walk: Walk, found: Collection[discord.Message], kept: Collection[MessageId]
    ) -> list[discord.Message]:
        """Of the past as much as is wanted; of what was said since, all. What is kept already is brought up to date."""
        oldest = self._oldest(walk)
        since = walk.walked.bottom if walk.walked else walk.newest + 1 if walk.newest else LATEST
        spoken = [each for each in found if each.type in SPOKEN and not each.flags.ephemeral]
        past = [each.id for each in spoken if each.id < since and each.id not in kept]
        room = max(0, self._most - await self._memory.archive.count(walk.id)) if past else 0
        left_out = set(past[room:])
        return [each for each in spoken if each.id not in left_out and (each.id >= oldest or each.id in kept)]

    async def _note(self, walk: Walk, part: Stretch) -> None:
        """What survives: how far everything has been read, without a hole."""
        old = walk.walked or Walked(EARLIEST, LATEST, complete=False)
        is_past = part.until == EARLIEST and not old.complete
        part.done = part.reached <= part.until or (is_past and await self._is_enough(walk, part))
        now = Walked(
            top=max(walk.top, old.top) if walk.knows_news else old.top,
            bottom=min(part.reached, old.bottom) if is_past else old.bottom,
            complete=old.complete or (is_past and part.reached == EARLIEST),
        )
        if now != old:
            channels = self._memory.channels
            await channels.note([Place(walk.id, walk.guild_id, parent_of(walk.place))])
            await channels.reached(walk.id, now, self._clock())
            walk.walked = now

    async def _is_enough(self, walk: Walk, part: Stretch) -> bool:
        """Whether nothing older is wanted, and nothing older is kept that would have to be looked after."""
        archive = self._memory.archive
        if part.reached > self._oldest(walk) and await archive.count(walk.id) < self._most:
            return False
        return not await archive.ids_between(walk.id, EARLIEST, MessageId(part.reached - 1))

    def _oldest(self, walk: Walk) -> int:
        """What came before is forgotten anyway."""
        days = self._memory.rules.retention(walk.guild_id, walk.within)
        return snowflake_at(self._clock() - timedelta(days=days)) if days else 0


async def _prove_the_end(place: Walkable, missing: Collection[MessageId]) -> None:
    """A short page says that nothing comes before it. So much is not believed at once: Discord may be unwell, or the
    right to read may have been taken in between. Asked for the newest of what is missing, it must not know it.
    """
    if not missing:
        return
    try:
        await place.fetch_message(max(missing))
    except discord.NotFound as error:
        if error.code == UNKNOWN_MESSAGE:
            return
        raise
    raise UnprovenError(f"a page of channel {place.id} ended early")


def answered(message: discord.Message) -> UserId | None:
    """Whom a message replies to, where Discord says so."""
    to = message.reference.resolved if message.reference else None
    return UserId(to.author.id) if isinstance(to, discord.Message) else None


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
