"""The messages of one answer as they are on Discord now, and the calls that bring them to what they should say."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from bot.outlet import Gone, Outlet, TextFile
from chat.ids import MessageId

logger = logging.getLogger(__name__)

MAX_REPLACED = 3
GRACE_SECONDS = 10.0
"""How long a call that has been made may take to end after we were cancelled."""

Note = Callable[[Sequence[MessageId]], Awaitable[None]]
"""Told which messages belong to the answer whenever that changes, so that a restart can take them over."""


class ShownMessages:
    """Keeps part N of the answer in message N. Every call is safe to repeat after it failed."""

    def __init__(self, outlet: Outlet, mention_id: MessageId, *, note: Note) -> None:
        self._outlet = outlet
        self._mention_id = mention_id
        self._note = note
        self._ids: list[MessageId] = []
        self._texts: list[str | None] = []
        self._files: set[MessageId] = set()
        self._generation = 0

    @property
    def ids(self) -> tuple[MessageId, ...]:
        return tuple(self._ids)

    def adopt(self, ids: Sequence[MessageId]) -> None:
        """An earlier attempt has sent these: edit them instead of sending anew."""
        self._ids = list(ids)
        self._texts = [None] * len(ids)

    def differing(self, parts: Sequence[str]) -> int:
        """How many calls it takes to show `parts`, not counting messages to delete."""
        known = [*self._texts, *[None] * len(parts)]
        return sum(known[number] != part for number, part in enumerate(parts))

    async def show(self, parts: Sequence[str], *, file: TextFile | None = None, replace: bool = True) -> None:
        """Bring the messages to say `parts`, with `file` at the last. Raises what the outlet raises; what was done
        by then stays done. A message that was deleted under our hands is sent anew, a few times, if `replace`."""
        most = MAX_REPLACED if replace else 0
        for attempt in range(most + 1):
            try:
                for number, part in enumerate(parts):
                    await to_the_end(self._show(number, part, file if number == len(parts) - 1 else None))
            except Gone:
                if attempt == most:
                    raise
            else:
                return

    async def trim(self, keep: int) -> None:
        """Delete the messages after the first `keep`. Raises `Refused` or `Unreachable`."""
        while len(self._ids) > keep:
            await to_the_end(self._delete_last())

    async def _show(self, number: int, part: str, file: TextFile | None) -> None:
        if number >= len(self._ids):
            await self._send(number, part, file)
        message_id = self._ids[number]
        if self._texts[number] == part and (file is None or message_id in self._files):
            return
        try:
            await self._outlet.edit(message_id, part, file=None if message_id in self._files else file)
        except Gone:
            await self._forget_from(number)
            raise
        self._texts[number] = part
        if file:
            self._files.add(message_id)

    async def _send(self, number: int, part: str, file: TextFile | None) -> None:
        try:
            sent = await self._outlet.send(part, nonce=self._nonce(number), reply=number == 0, file=file)
        except Gone:
            self._generation += 1  # an earlier message with this nonce was deleted: Discord wants a new one
            raise
        self._ids.append(sent.id)
        self._texts.append(part if _same(sent.text, part) else None)  # an earlier attempt's words: to be edited
        if file and _same(sent.text, part):
            self._files.add(sent.id)
        await self._note(self.ids)

    async def _forget_from(self, number: int) -> None:
        """Message `number` was deleted: those after it would now stand before its successor, so they go too."""
        self._generation += 1
        later = self._ids[number + 1 :]
        del self._ids[number:], self._texts[number:]
        for message_id in later:
            try:
                await self._outlet.delete(message_id)
            except Gone:
                continue
        await self._note(self.ids)

    async def _delete_last(self) -> None:
        try:
            await self._outlet.delete(self._ids[-1])
        except Gone:
            logger.debug("message %s was deleted already", self._ids[-1])
        self._generation += 1
        self._ids.pop()
        self._texts.pop()
        await self._note(self.ids)

    def _nonce(self, number: int) -> str:
        key = f"answer {self._mention_id} {number} {self._generation}"
        return hashlib.sha256(key.encode()).hexdigest()[:25]


async def to_the_end(work: Coroutine[None, None, None]) -> None:
    """Do `work` even if we are cancelled meanwhile: else nobody would know which message a call has just made."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait([task], timeout=GRACE_SECONDS)
        finally:
            task.cancel()
        if task.done() and not task.cancelled() and task.exception():
            logger.debug("a call under way when the answer was cancelled failed: %r", task.exception())
        raise


def _same(sent: str, part: str) -> bool:
    return "".join(sent.split()) == "".join(part.split())
