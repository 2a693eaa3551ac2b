"""The newest lines of each channel, kept by heart: what a mention is read in the light of."""

import logging
from bisect import insort
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Sequence

from chat.ids import ChannelId, MessageId, UserId
from chat.messages import Message
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

MAX_CHANNELS = 1000
REMEMBERED_DELETIONS = 1000  # so that a line deleted while it was being fetched stays gone

Fetch = Callable[[ChannelId, int], Awaitable[Sequence[Message]]]
"""The newest messages of a channel over REST; raises `SurfaceError`."""


class History:
    """Follows live events, and asks Discord once a session for what was said in a channel before.

    `backfill` is how many lines that asks for, `maximum` how many are kept for a channel.
    """

    def __init__(self, fetch: Fetch, *, backfill: int, maximum: int) -> None:
        self._fetch = fetch
        self._backfill = backfill
        self._maximum = maximum
        self._lines: OrderedDict[ChannelId, list[Message]] = OrderedDict()
        self._backfilled: set[ChannelId] = set()
        self._gone: deque[int] = deque(maxlen=REMEMBERED_DELETIONS)

    def saw(self, message: Message) -> None:
        """A message was written or edited."""
        if message.id in self._gone:
            return
        lines = self._lines.setdefault(message.channel_id, [])
        self._lines.move_to_end(message.channel_id)
        known = next((line for line in lines if line.id == message.id), None)
        if known and known.edited_at and (message.edited_at is None or message.edited_at < known.edited_at):
            return  # events may come out of order
        lines[:] = [line for line in lines if line.id != message.id]
        insort(lines, message, key=lambda line: line.id)
        del lines[: -self._maximum]
        if len(self._lines) > MAX_CHANNELS:
            self.drop(next(iter(self._lines)))

    def gone(self, channel_id: ChannelId, message_ids: Collection[int]) -> None:
        self._gone.extend(message_ids)
        if lines := self._lines.get(channel_id):
            lines[:] = [line for line in lines if line.id not in message_ids]

    def forget_author(self, person: UserId) -> None:
        for lines in self._lines.values():
            lines[:] = [line for line in lines if line.author.id != person]

    def drop(self, channel_id: ChannelId) -> None:
        self._lines.pop(channel_id, None)
        self._backfilled.discard(channel_id)

    def clear(self) -> None:
        """Events may have been missed: ask again for each channel."""
        self._lines.clear()
        self._backfilled.clear()

    async def before(self, channel_id: ChannelId, message_id: MessageId) -> Sequence[Message]:
        """What was said in the channel before this message, oldest first, as far as it is kept."""
        if channel_id not in self._backfilled and self._backfill:
            self._backfilled.add(channel_id)
            await self._catch_up(channel_id)
        return [line for line in self._lines.get(channel_id, []) if line.id < message_id]

    async def _catch_up(self, channel_id: ChannelId) -> None:
        live = {line.id for line in self._lines.get(channel_id, [])}
        try:
            fetched = await self._fetch(channel_id, self._backfill)
        except SurfaceError as error:
            logger.warning("no earlier lines of channel %s: %s", channel_id, error)
            return
        for message in fetched:
            if message.id not in live:
                self.saw(message)
