"""From gateway events to the archive: in order, in batches, never in the gateway's way, and never dropped.

A full disk or a locked database only delays: what could not be written is tried again with growing pauses. What a
crash takes from this queue is read again from Discord at the next start (`bot.catch_up`).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.exc import DBAPIError

from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import Message
from memory.archive import Archive

logger = logging.getLogger(__name__)

BATCH = 50
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)


@dataclass(frozen=True, slots=True)
class _Saw:
    message: Message


@dataclass(frozen=True, slots=True)
class _Gone:
    message_ids: Sequence[MessageId]


@dataclass(frozen=True, slots=True)
class _ChannelGone:
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class _GuildGone:
    guild_id: GuildId


_News = _Saw | _Gone | _ChannelGone | _GuildGone


class Archiver:
    """Queues what was said and what was deleted; `run` writes it down."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._news: deque[_News] = deque()
        self._arrived = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def saw(self, message: Message) -> None:
        if message.text.strip() or message.attachments:
            self._add(_Saw(message))

    def gone(self, message_ids: Sequence[MessageId]) -> None:
        self._add(_Gone(message_ids))

    def channel_gone(self, channel_id: ChannelId) -> None:
        self._add(_ChannelGone(channel_id))

    def guild_gone(self, guild_id: GuildId) -> None:
        self._add(_GuildGone(guild_id))

    async def settled(self) -> None:
        """Returns when all that was queued is in the archive."""
        await self._written.wait()

    async def run(self) -> None:
        """Write until cancelled."""
        failures = 0
        while True:
            await self._arrived.wait()
            try:
                await self._write_some()
                failures = 0
            except DBAPIError as error:
                pause = PAUSES[min(failures, len(PAUSES) - 1)]
                failures += 1
                # The driver's own words only: SQLAlchemy's carry what people wrote.
                logger.error("%d events wait for the archive, next try in %d s: %s", len(self._news), pause, error.orig)  # noqa: TRY400
                await asyncio.sleep(pause)

    def _add(self, news: _News) -> None:
        self._news.append(news)
        self._written.clear()
        self._arrived.set()

    def _leading(self) -> Iterator[_Saw]:
        for news in self._news:
            if not isinstance(news, _Saw):
                return
            yield news

    async def _write_some(self) -> None:
        said = [news.message for news in islice(self._leading(), BATCH)]
        match self._news[0]:
            case _Saw():
                await self._archive.archive_many(said)
            case _Gone(message_ids):
                await self._archive.erase(message_ids)
            case _ChannelGone(channel_id):
                await self._archive.erase_channel(channel_id)
            case _GuildGone(guild_id):
                await self._archive.erase_guild(guild_id)
        for _ in range(max(1, len(said))):
            self._news.popleft()
        if not self._news:
            self._arrived.clear()
            self._written.set()
