"""All connections to outside servers: which there are, whose they are, and that none outlives its time."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from mcp_types import GetPromptResult

from chat.clock import Clock
from chat.ids import UserId
from mcp_servers.outside.asking import Asking
from mcp_servers.outside.catalogue import PromptView
from mcp_servers.outside.connection import Connection
from mcp_servers.outside.failures import Unavailable
from mcp_servers.outside.people import Elicitor, Sampler
from mcp_servers.outside.results import plain_text
from mcp_servers.outside.states import ServerState, state_of, unopened
from mcp_servers.outside.transports import HttpClients
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
IDLE_SECONDS = 600.0
SWEEP_SECONDS = 15.0
MOST_PERSONAL = 100
"""Connections under the accounts of single people; the one used longest ago makes room."""

Key = tuple[str, UserId | None]


@dataclass(eq=False, slots=True)
class _Held:
    connection: Connection
    task: asyncio.Task[None]
    used_at: float


@dataclass(frozen=True, slots=True)
class PromptLine:
    """One message of a prompt that a server filled in."""

    is_assistant: bool
    text: str


class Outside:
    """Connections to the servers that the operator wishes for. They are there while `serve` runs."""

    def __init__(
        self,
        *,
        wishes: Sequence[ServerWish],
        http: HttpClients,
        elicitor: Elicitor | None = None,
        sampler: Sampler | None = None,
        clock: Clock,
    ) -> None:
        self._wishes = {wish.name: wish for wish in wishes}
        self._http = http
        self._elicitor = elicitor
        self._sampler = sampler
        self._clock = clock
        self._held: dict[Key, _Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_serving = False

    @property
    def wishes(self) -> Sequence[ServerWish]:
        return list(self._wishes.values())

    async def serve(self) -> None:
        """Hold the connections until cancelled; then leave them all, within CLOSE_SECONDS.

        Each runs in a task of its own that is no child of this one, because a cancelled program's connection hangs.
        """
        self._is_serving = True
        self._open_shared()
        try:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                self._leave_idle()
        finally:
            self._is_serving = False
            await self._leave_all()

    def apply(self, wishes: Sequence[ServerWish]) -> None:
        """Change the set. A server whose wish is the same keeps its connection and its calls."""
        wanted = {wish.name: wish for wish in wishes}
        for key, held in list(self._held.items()):
            if wanted.get(key[0]) != held.connection.wish:
                self._leave(key)
        self._wishes = wanted
        if self._is_serving:
            self._open_shared()

    def connection(self, name: str, person: UserId) -> Connection | None:
        """The one under which this person's calls run; opened now if it is theirs alone. None where there is none."""
        wish = self._wishes.get(name)
        if wish is None:
            return None
        key = (name, person if is_personal(wish) else None)
        if key not in self._held and self._is_serving:
            self._open(wish, key[1])
        held = self._held.get(key)
        if held is None:
            return None
        held.used_at = asyncio.get_running_loop().time()
        return held.connection

    def signed_in(self, name: str, person: UserId | None) -> None:
        """Somebody has signed in, or out: connect anew. `person` as for `Credentials.auth`."""
        if (held := self._held.get((name, person))) is not None:
            held.connection.restart()

    async def settled(self, seconds: float) -> None:
        """Until each shared connection has come up or failed once, for at most so long."""
        shared = [held.connection.settled(seconds) for (_, person), held in self._held.items() if person is None]
        await asyncio.gather(*shared)

    def states(self) -> Sequence[ServerState]:
        """In the order of the wishes; a server with personal connections once for each, or once as not opened."""
        found: list[ServerState] = []
        for name, wish in self._wishes.items():
            own = [state_of(held.connection, key[1]) for key, held in self._held.items() if key[0] == name]
            found += own or [unopened(wish, self._clock())]
        return found

    def prompts(self, name: str, person: UserId) -> Sequence[PromptView]:
        connection = self.connection(name, person)
        return connection.catalogue.prompts if connection and connection.catalogue else ()

    async def prompt(
        self, name: str, prompt: str, arguments: Mapping[str, str], *, person: UserId
    ) -> Sequence[PromptLine]:
        """Fill in a prompt. Raises Unavailable, and MCPError for what the server says is wrong."""
        connection = self.connection(name, person)
        if connection is None:
            raise Unavailable(f"There is no server called {name[:32]}.")
        result: GetPromptResult = await connection.ask(lambda client: client.get_prompt(prompt, dict(arguments)))
        return [PromptLine(line.role == "assistant", plain_text([line.content])) for line in result.messages]

    def _open_shared(self) -> None:
        for wish in self._wishes.values():
            if not is_personal(wish) and (wish.name, None) not in self._held:
                self._open(wish, None)

    def _open(self, wish: ServerWish, person: UserId | None) -> None:
        asking = Asking(wish.name, elicitor=self._elicitor, sampler=self._sampler)
        connection = Connection(wish, person, http=self._http, asking=asking, clock=self._clock)
        # In a context of its own: what is logged of it belongs to no run.
        task = asyncio.create_task(connection.run(), name=f"mcp {wish.name}", context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        self._held[wish.name, person] = _Held(connection, task, asyncio.get_running_loop().time())
        if person is not None:
            self._make_room()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s ended by a fault of its own", task.get_name(), exc_info=error)

    def _make_room(self) -> None:
        personal = [(held.used_at, key) for key, held in self._held.items() if key[1] is not None]
        for _, key in sorted(personal, key=lambda each: each[0])[:-MOST_PERSONAL]:
            if not self._held[key].connection.asking.is_busy:
                self._leave(key)

    def _leave_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for key, held in list(self._held.items()):
            is_idle = now - held.used_at > IDLE_SECONDS and not held.connection.asking.is_busy
            if key[1] is not None and is_idle:
                self._leave(key)

    def _leave(self, key: Key) -> None:
        self._held.pop(key).connection.stop()

    async def _leave_all(self) -> None:
        for key in list(self._held):
            self._leave(key)
        if not self._tasks:
            return
        leaving = asyncio.ensure_future(asyncio.wait(set(self._tasks), timeout=CLOSE_SECONDS))
        while not leaving.done():
            try:
                await asyncio.shield(leaving)
            except asyncio.CancelledError:  # once more: it is bounded, and a program must not be left behind
                continue
        if self._tasks:
            names = ", ".join(sorted(task.get_name() for task in self._tasks))
            logger.warning("not left in time: %s", names)


def is_signed_in_for_all(wish: ServerWish) -> bool:
    return isinstance(wish.at, Address) and wish.at.auth is AuthKind.BOT


def is_personal(wish: ServerWish) -> bool:
    return isinstance(wish.at, Address) and wish.at.auth is AuthKind.USER
