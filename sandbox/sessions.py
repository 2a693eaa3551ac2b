"""One gateway session: its numbered events, kept for a resume, and the socket it may currently have."""

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass

from sandbox.models import Payload, User
from sandbox.wire import Viewer

REPLAYED = 5000
MESSAGE_CONTENT = 1 << 15


@dataclass(frozen=True, slots=True)
class Close:
    """The order to close a socket, with the code its client sees."""

    code: int
    reason: str = ""


class Outbox:
    """What still has to go out over one socket."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | Close] = asyncio.Queue()

    def send(self, op: int, data: object) -> None:
        self._queue.put_nowait(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        self._queue.put_nowait(text)

    def close(self, code: int, reason: str = "") -> None:
        self._queue.put_nowait(Close(code, reason))

    async def next(self) -> str | Close:
        return await self._queue.get()


class Session:
    """Events for one identified connection, also while its socket is away."""

    def __init__(self, *, user: User, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.user = user
        self.intents = intents
        self.shard = shard
        self.viewer = Viewer(user.id, reads_content=not user.bot or bool(intents & MESSAGE_CONTENT))
        self.sequence = 0
        self.outbox: Outbox | None = None
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAYED)

    def dispatch(self, name: str, payload: Payload) -> None:
        self.sequence += 1
        text = json.dumps({"op": 0, "t": name, "s": self.sequence, "d": payload})
        self._sent.append((self.sequence, text))
        if self.outbox is not None:
            self.outbox.send_text(text)

    def can_replay(self, after: int) -> bool:
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        return oldest - 1 <= after <= self.sequence

    def replay(self, after: int, outbox: Outbox) -> None:
        """Everything since `after` goes to the new socket, which from now on is this session's."""
        for sequence, text in self._sent:
            if sequence > after:
                outbox.send_text(text)
        self.outbox = outbox

    def in_shard(self, guild_id: int | None) -> bool:
        """Direct messages belong to shard 0."""
        number, count = self.shard
        return number == 0 if guild_id is None else (guild_id >> 22) % count == number
