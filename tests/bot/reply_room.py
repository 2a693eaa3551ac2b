"""A room without Discord: an outlet that keeps its messages in memory, and time that moves when told."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.outlet import Gone, Sent, TextFile
from chat.ids import MessageId


class HandTime:
    """Time stands still until `advance`; waits in between are exact."""

    def __init__(self) -> None:
        self._now = 100.0
        self._waits: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        over = asyncio.Event()
        entry = (self._now + seconds if seconds is not None else float("inf"), over)
        self._waits.append(entry)
        either = [asyncio.create_task(event.wait()), asyncio.create_task(over.wait())]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()
            await asyncio.wait(either)
            self._waits.remove(entry)

    async def advance(self, seconds: float) -> None:
        await settled()
        end = self._now + seconds
        while due := [until for until, _ in self._waits if until <= end]:
            self._now = max(self._now, min(due))
            for until, over in self._waits:
                if until <= self._now:
                    over.set()
            await settled()
        self._now = end
        await settled()


async def settled() -> None:
    """Let everything that can go on do so."""
    for _ in range(60):
        await asyncio.sleep(0)


@dataclass
class Room:
    """An outlet. `calls` is what was done in order; `failures` are raised by the next calls of that name."""

    messages: dict[MessageId, str] = field(default_factory=dict[MessageId, str])
    files: dict[MessageId, TextFile] = field(default_factory=dict[MessageId, TextFile])
    calls: list[str] = field(default_factory=list[str])
    failures: dict[str, list[Exception]] = field(default_factory=dict[str, list[Exception]])
    gate: asyncio.Event | None = None
    """When set, calls wait for it before they take effect."""
    noted: list[tuple[MessageId, ...]] = field(default_factory=list[tuple[MessageId, ...]])
    replies: list[MessageId] = field(default_factory=list[MessageId])
    nonces: dict[str, MessageId] = field(default_factory=dict[str, MessageId])
    is_typing: bool = False

    async def note(self, ids: Sequence[MessageId]) -> None:
        self.noted.append(tuple(ids))

    @property
    def texts(self) -> list[str]:
        return list(self.messages.values())

    async def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.gate:
            await self.gate.wait()
        if self.failures.get(name):
            raise self.failures[name].pop(0)

    async def send(self, text: str, *, nonce: str, reply: bool, file: TextFile | None = None) -> Sent:
        assert len(nonce) <= 25
        await self._called("send with file" if file else "send")
        if nonce in self.nonces:
            if self.nonces[nonce] not in self.messages:
                raise Gone
            return Sent(self.nonces[nonce], self.messages[self.nonces[nonce]])
        message_id = self.nonces[nonce] = MessageId(len(self.nonces) + 1)
        self.messages[message_id] = text
        self.replies += [message_id] if reply else []
        if file:
            self.files[message_id] = file
        return Sent(message_id, text)

    async def edit(self, message_id: MessageId, text: str, *, file: TextFile | None = None) -> None:
        await self._called("edit")
        if message_id not in self.messages:
            raise Gone
        self.messages[message_id] = text
        if file:
            self.files[message_id] = file

    async def delete(self, message_id: MessageId) -> None:
        await self._called("delete")
        if self.messages.pop(message_id, None) is None:
            raise Gone

    @asynccontextmanager
    async def typing(self) -> AsyncGenerator[None]:
        if self.failures.get("typing"):
            raise self.failures["typing"].pop(0)
        self.is_typing = True
        self.calls.append("typing")
        try:
            yield
        finally:
            self.is_typing = False
            self.calls.append("typing ends")
