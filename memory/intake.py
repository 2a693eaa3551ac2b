"""Between the gateway and the archive: takes at once what happened, and writes it in batches, in order."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from memory.archive import Archive
from memory.bell import Bell
from memory.channels import Channels, Place
from memory.facts import Facts
from memory.rules import Rules

logger = logging.getLogger(__name__)

BATCH = 200
MAX_WAITING = 50_000  # while the disk is full; what is dropped beyond that is still on Discord
RETRY_SECONDS = (0.2, 1, 5, 15)


@dataclass(frozen=True, slots=True)
class _Said:
    message: Message
    parent: ChannelId | None


@dataclass(frozen=True, slots=True)
class _Gone:
    ids: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class _ChannelGone:
    id: ChannelId


@dataclass(frozen=True, slots=True)
class _GuildGone:
    id: GuildId


_Event = _Said | _Gone | _ChannelGone | _GuildGone


class Intake:
    """Its methods return at once; `run` does the writing, in a task group."""

    def __init__(self, *, archive: Archive, channels: Channels, rules: Rules, facts: Facts) -> None:
        self._archive = archive
        self._channels = channels
        self._rules = rules
        self._facts = facts
        self._deleted: set[ChannelId] = set()
        self._left: set[GuildId] = set()
        self._waiting: deque[_Event] = deque()
        self._bell = Bell()
        self._batch = BATCH

    def saw(
        self,
        message: Message,
        *,
        parent: ChannelId | None = None,
        category: ChannelId | None = None,
        answers: UserId | None = None,
    ) -> None:
        """A message as it stands now: new, edited, or read again. What the rules do not admit is not taken.

        `parent` is what a thread belongs to, and goes with; `answers` is whom it replies to.
        """
        within = [each for each in (message.channel_id, parent, category) if each is not None]
        if message.guild_id in self._left or not self._deleted.isdisjoint(within):
            return  # it was read before that was deleted, and the answer came after
        if not self._rules.admits(message.author.id, message.guild_id, within):
            return
        people = [message.author.id, *([answers] if answers and message.author.is_bot else [])]
        if not any(self._rules.has_forgotten(each, message.id) for each in people):
            self._take(_Said(message, parent))

    def gone(self, message_ids: Sequence[MessageId]) -> None:
        self._take(_Gone(tuple(message_ids)))

    def channel_gone(self, channel_id: ChannelId) -> None:
        """A channel, with all its threads."""
        self._deleted.add(channel_id)
        self._take(_ChannelGone(channel_id))

    def guild_gone(self, guild_id: GuildId) -> None:
        self._left.add(guild_id)
        self._take(_GuildGone(guild_id))

    def guild_back(self, guild_id: GuildId) -> None:
        """The bot was invited (again)."""
        self._left.discard(guild_id)

    async def run(self) -> None:
        """Write what was taken; ends by cancellation only. A full disk is waited out."""
        failures = 0
        while True:
            try:
                await self._write_all()
            except DBAPIError as error:
                if failures == 0:
                    # Not the error as a whole: SQLAlchemy's text shows the values, which are what people wrote.
                    logger.error("%d changes could not be archived yet: %s", len(self._waiting), error.orig)  # noqa: TRY400
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
                continue
            except Exception:  # boundary: one message that cannot be written must not stop the others
                logger.exception("the archive refused something")
                self._give_up_on_one()
                continue
            failures = 0
            self._batch = BATCH
            await self._bell.rest()

    async def settled(self) -> None:
        """Wait until everything taken before this call is archived."""
        await self._bell.quiet()

    async def finish(self) -> None:
        """Write what is left, if that can be; for the end, when `run` runs no more."""
        try:
            await self._write_all()
        except DBAPIError as error:
            logger.error("%d changes could not be archived: %s", len(self._waiting), error.orig)  # noqa: TRY400

    def _take(self, event: _Event) -> None:
        if isinstance(event, _Said) and len(self._waiting) >= MAX_WAITING:
            logger.warning("message %s is not archived: too many are waiting", event.message.id)
            return
        self._waiting.append(event)
        self._bell.ring()

    def _give_up_on_one(self) -> None:
        """First find out which it is, by writing one at a time; then leave that one out."""
        if self._batch > 1:
            self._batch = 1
            return
        event = self._waiting.popleft()
        what = f"message {event.message.id}" if isinstance(event, _Said) else "an erasure"
        logger.error("%s could not be archived and is left out", what)

    async def _write_all(self) -> None:
        while self._waiting:
            match self._waiting[0]:
                case _Said():
                    await self._write_messages()
                case _Gone(ids):
                    await self._archive.erase(ids)
                    self._waiting.popleft()
                case _ChannelGone(channel_id):
                    gone = await self._channels.within(channel_id)
                    for each in gone:
                        await self._archive.erase_channel(each)
                    await self._facts.forget_channels(gone)
                    await self._channels.forget(gone)
                    self._waiting.popleft()
                case _GuildGone(guild_id):
                    await self._archive.erase_guild(guild_id)
                    await self._facts.forget_guild(guild_id)
                    await self._channels.forget_guild(guild_id)
                    await self._rules.forget_guild(guild_id)
                    self._waiting.popleft()

    async def _write_messages(self) -> None:
        batch: list[_Said] = []
        for event in self._waiting:
            if not isinstance(event, _Said) or len(batch) == self._batch:
                break
            batch.append(event)
        said = [event.message for event in batch]
        places = [Place(m.channel_id, m.guild_id, e.parent) for e, m in zip(batch, said, strict=True)]
        await self._channels.note(places)
        await self._archive.archive_many(said)
        for _ in batch:
            self._waiting.popleft()
