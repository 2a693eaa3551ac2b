"""One queue per channel, all channels side by side: who is answered next, and what a later edit or delete does."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from chat.ids import ChannelId, MessageId
from chat.messages import IncomingMessage

logger = logging.getLogger(__name__)

Handle = Callable[[IncomingMessage], Coroutine[None, None, None]]


@dataclass(slots=True)
class _Lane:
    """What one channel is busy with."""

    waiting: deque[IncomingMessage] = field(default_factory=deque[IncomingMessage])
    current: IncomingMessage | None = None
    task: asyncio.Task[None] | None = None
    edited: IncomingMessage | None = None
    """The newer text of `current`; the run starts again with it."""
    withdrawn: bool = False

    @property
    def load(self) -> int:
        return len(self.waiting) + (self.current is not None)


class Inbox:
    """Hands each mention to `answer`, one at a time in a channel; `withdraw` clears up after a deleted one.

    All tasks live in the `TaskGroup` given; `close` ends them. `answer` settles its own failures: what escapes it is
    logged here and must not silence the channel.
    """

    def __init__(self, tasks: asyncio.TaskGroup, *, answer: Handle, withdraw: Handle, queue_length: int) -> None:
        self._tasks = tasks
        self._answer = answer
        self._withdraw = withdraw
        self.queue_length = queue_length
        self.closed = False
        self._lanes: dict[ChannelId, _Lane] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, mention: IncomingMessage) -> bool:
        """Queue it. False when the channel's queue is full or the bot is shutting down: nothing was queued.

        A mention that has waited for the bot's return already is not turned away; how many of these there can be is
        bounded where they are read.
        """
        if self.closed:
            return False
        lane = self._lanes.get(mention.channel.id)
        if lane is None:
            lane = self._lanes[mention.channel.id] = _Lane()
            self._idle.clear()
            self._tasks.create_task(self._work(mention.channel.id, lane), name=f"channel {mention.channel.id}")
        elif lane.load >= self.queue_length and mention.late_by is None:
            return False
        lane.waiting.append(mention)
        return True

    def edited(self, mention: IncomingMessage) -> bool:
        """Use the newer text; a run in progress starts again with it. False when it is not here (any more)."""
        lane = self._lanes.get(mention.channel.id)
        if lane is None:
            return False
        if lane.current and lane.current.message.id == mention.message.id:
            if lane.withdrawn or lane.current.message.text == mention.message.text:
                return True  # Discord also "edits" a message when it adds a link preview
            lane.edited = mention
            self._interrupt(lane)
            return True
        for position, waiting in enumerate(lane.waiting):
            if waiting.message.id == mention.message.id:
                lane.waiting[position] = mention
                return True
        return False

    def is_busy(self, channel_id: ChannelId) -> bool:
        """Whether something there is being answered."""
        return channel_id in self._lanes

    def holds(self, channel_id: ChannelId, message_id: MessageId) -> bool:
        """Whether this mention waits to be answered."""
        lane = self._lanes.get(channel_id)
        return lane is not None and any(waiting.message.id == message_id for waiting in lane.waiting)

    def deleted(self, channel_id: ChannelId, message_id: MessageId) -> None:
        """Forget a queued mention, stop a running one."""
        lane = self._lanes.get(channel_id)
        if lane is None:
            return
        if lane.current and lane.current.message.id == message_id:
            lane.withdrawn = True
            self._interrupt(lane)
        for waiting in [m for m in lane.waiting if m.message.id == message_id]:
            lane.waiting.remove(waiting)
            self._tasks.create_task(self._bounded(self._withdraw, waiting))

    async def close(self, grace: float) -> Sequence[IncomingMessage]:
        """Take nothing more, give running answers `grace` seconds, stop the rest; answers with what was dropped."""
        self.closed = True
        dropped = [mention for lane in self._lanes.values() for mention in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        try:
            async with asyncio.timeout(grace):
                await self._idle.wait()
        except TimeoutError:
            for lane in self._lanes.values():
                dropped += [lane.current] if lane.current else []
                self._interrupt(lane)
            await self._idle.wait()
        return dropped

    @staticmethod
    def _interrupt(lane: _Lane) -> None:
        if lane.task is not None:
            lane.task.cancel()

    async def _work(self, channel_id: ChannelId, lane: _Lane) -> None:
        try:
            while lane.waiting:
                lane.current = lane.waiting.popleft()
                while lane.current is not None:
                    lane.current = await self._run(lane, lane.current)
        finally:
            del self._lanes[channel_id]
            if not self._lanes:
                self._idle.set()

    async def _run(self, lane: _Lane, mention: IncomingMessage) -> IncomingMessage | None:
        """Answer one mention to its end; the edited mention to answer instead, if there is one."""
        lane.edited, lane.withdrawn = None, False
        lane.task = self._tasks.create_task(self._bounded(self._answer, mention), name=f"mention {mention.message.id}")
        try:
            await asyncio.wait([lane.task])
        finally:
            lane.task.cancel()
        lane.task = None
        if lane.withdrawn:
            await self._bounded(self._withdraw, mention)
            return None
        return None if self.closed else lane.edited

    @staticmethod
    async def _bounded(handle: Handle, mention: IncomingMessage) -> None:
        try:
            await handle(mention)
        except Exception:  # boundary: one bad turn must not silence the channel
            logger.exception("the turn for message %s failed", mention.message.id)
