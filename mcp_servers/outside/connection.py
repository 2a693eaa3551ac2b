"""One connection to one server, held by the only task that ever enters and leaves it.

The library binds a connection to the task that opened it, tells nothing of a death while idle, and hangs when that task
is cancelled natively while a program is being stopped. So `run` is stopped by `stop`, never by cancelling its task.
"""

import logging
import math
from asyncio import Event, get_running_loop, timeout, timeout_at
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import anyio
import httpx2
from mcp import Client, MCPError
from mcp_types import CONNECTION_CLOSED, INVALID_REQUEST, REQUEST_TIMEOUT
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from chat.clock import Clock
from chat.ids import UserId
from mcp_servers.outside.asking import Asking, mine
from mcp_servers.outside.backoff import delay
from mcp_servers.outside.catalogue import Catalogue
from mcp_servers.outside.failures import Unavailable, leaves, sign_in_needed, why
from mcp_servers.outside.freshness import Freshness
from mcp_servers.outside.state import State
from mcp_servers.outside.tap import tapped
from mcp_servers.outside.transports import Door, HttpClients
from mcp_servers.outside.wishes import Program, Protocol, ServerWish

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 30.0
REQUEST_SECONDS = 30.0
LEAVE_SECONDS = 2.0
PATIENCE_SECONDS = 5.0
"""How long the first call of an outage waits for the server to come back."""
STEADY_SECONDS = 10.0
"""Who stays up so long is no longer failing."""
GAP_SECONDS = 0.3
VERDICT_SECONDS = LEAVE_SECONDS + 1
ResultT = TypeVar("ResultT")


class Connection:
    """Comes up by itself, again and again, until it is stopped."""

    def __init__(
        self, wish: ServerWish, person: UserId | None, *, http: HttpClients, asking: Asking, clock: Clock
    ) -> None:
        """`person`: whose account it uses; None for the connection that all share."""
        self.wish = wish
        self.asking = asking
        self.state = State.CONNECTING
        self.since = clock()
        self.error = ""
        """Why it is not up."""
        self._door = Door(wish, person, http)
        self._clock = clock
        self._client: Client | None = None
        self._moved, self._lost, self._wanted = Event(), Event(), Event()
        self._scope: anyio.CancelScope | None = None
        self._stopping = False
        self._born = get_running_loop().time()
        self._tries = 0
        self._ups = 0
        self._failures = 0
        self._down_since: float | None = None
        self._was_waited_for = False
        self._was_unreachable = False
        self._fresh = Freshness(
            wish.name,
            asking=asking,
            looks=not isinstance(wish.at, Program),
            lose=self._lose,
            changed=self._changed,
        )

    @property
    def catalogue(self) -> Catalogue | None:
        """What it offers, or last offered."""
        return self._fresh.catalogue

    async def run(self) -> None:
        """Returns after `stop`."""
        with anyio.CancelScope() as self._scope:
            while not self._stopping:
                began = anyio.current_time()
                error = await self._try()
                if not self._stopping:
                    if self._down_since is not None and self._down_since - began > STEADY_SECONDS:
                        self._failures = 0
                    self._went_down(error)
                    await self._pause()

    def stop(self) -> None:
        """Leave; calls under way are told."""
        self._stopping = True
        self._lost.set()
        self._wanted.set()
        if self._scope is not None:
            if self._client is None:
                self._scope.cancel()
            else:
                self._scope.deadline = anyio.current_time() + LEAVE_SECONDS

    def restart(self) -> None:
        """Something about how it connects has changed, such as who is signed in."""
        self._lost.set()
        self._wanted.set()

    async def settled(self, seconds: float) -> None:
        """Until the first try has come to something, for at most so long after it was wished for."""
        try:
            async with timeout_at(self._born + seconds):
                while self._tries == 0 and self._client is None:
                    await self._moved.wait()
        except TimeoutError:
            return

    async def ask(self, request: Callable[[Client], Awaitable[ResultT]]) -> ResultT:
        """Make a request, once it is up. Raises Unavailable, and MCPError for the server's own errors."""
        for is_last in (False, True):
            client = await self.ready()
            try:
                return await request(client)
            except MCPError as error:
                is_unknown = self._is_session_unknown(client, error)
                if not is_unknown and not self._is_gone(client, error):
                    raise
                if is_last or not (is_unknown or await self._was_not_sent()):
                    raise Unavailable(self._went_away()) from error
        raise AssertionError("the last round answers or raises")

    async def ready(self) -> Client:
        """The way to the server; in an outage, the first who needs it waits a little. Raises Unavailable."""
        self._wanted.set()
        tries = self._tries
        patient = self.state is State.SIGN_IN or not self._was_waited_for
        try:
            async with timeout(PATIENCE_SECONDS if patient else 0):
                while self._client is None and not (self.state is State.SIGN_IN and self._tries > tries):
                    await self._moved.wait()
        except TimeoutError:
            self._was_waited_for = True
        if self._client is None or self._stopping:
            raise Unavailable(self.trouble())
        return self._client

    def trouble(self) -> str:
        """Why it cannot be used, as a sentence for the model."""
        name = self.wish.name
        match self.state:
            case State.SIGN_IN:
                return self.error
            case State.DOWN:
                return f"{name} is down (since {self.since:%Y-%m-%d %H:%M} UTC): {self.error}."
            case State.CONNECTING | State.UP | State.UNOPENED:
                return f"{name} is not connected yet; try again later."

    def _went_away(self) -> str:
        if self._stopping:
            return f"{self.wish.name} was changed or removed by the operator during the call."
        if self.state is State.SIGN_IN:
            return self.error
        return f"{self.wish.name} went away during the call; it is not known whether the call took effect."

    def _is_session_unknown(self, client: Client, error: MCPError) -> bool:
        """A server on the network that was started anew does not know our session, and refuses what is asked in it."""
        is_unknown = (
            not isinstance(self.wish.at, Program)
            and client.protocol_version not in MODERN_PROTOCOL_VERSIONS
            and error.code in {INVALID_REQUEST, CONNECTION_CLOSED, REQUEST_TIMEOUT}
            and "session" in error.message.lower()
        )
        if is_unknown:
            self._lose(client)
        return is_unknown

    def _is_gone(self, client: Client, error: MCPError) -> bool:
        """Servers use the library's code for the end of a connection for errors of their own, too."""
        if error.code != CONNECTION_CLOSED:
            return False
        if error.message == "Connection closed":
            self._lose(client)
        self._fresh.doubt()  # asking for the tools shows whether it still answers
        return client is not self._client or error.message.startswith("SSE stream ended")

    async def _was_not_sent(self) -> bool:
        """Whether the call under way never reached the server, once it is known what ended the connection."""
        tries, call = self._tries, mine()
        try:
            async with timeout(VERDICT_SECONDS):
                while self._tries == tries and self._client is None:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return self._was_unreachable and call is not None and not call.is_sent

    def _lose(self, client: Client) -> None:
        if client is self._client:
            self._end()

    def _end(self) -> None:
        """The connection is over, as of now."""
        self._lost.set()
        if self._client is not None:
            self._client = None
            self._move(State.CONNECTING, "")

    async def _try(self) -> BaseException:
        """Connect and stay; returns why it ended."""
        self._lost.clear()
        self._wanted.clear()
        ups = self._ups
        error: BaseException = MCPError(CONNECTION_CLOSED, "Connection closed")
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + CONNECT_SECONDS) as scope:
                async with self._new_client() as client:
                    await self._fresh.first(client)
                    scope.deadline = math.inf
                    with self._up(client, scope):
                        async with anyio.create_task_group() as tasks:
                            tasks.start_soon(self._fresh.keep, client)
                            await self._lost.wait()
                            tasks.cancel_scope.cancel()
            if scope.cancelled_caught and self._ups == ups:
                error = TimeoutError()
        except Exception as caught:  # noqa: BLE001 - boundary: whatever ends a connection, it is tried again
            error = caught
        finally:
            self._tries += 1
        return error

    @contextmanager
    def _up(self, client: Client, scope: anyio.CancelScope) -> Generator[None]:
        came_back = self._down_since is not None
        self._ups += 1
        self._client, self._down_since, self._was_waited_for = client, None, False
        offered = len(self.catalogue.tools) if self.catalogue else 0
        logger.info("%s is %s: %d tools", self.wish.name, "back" if came_back else "up", offered)
        self._move(State.UP, "")
        try:
            yield
        finally:
            self._client = None
            self._down_since = anyio.current_time()
            scope.deadline = anyio.current_time() + LEAVE_SECONDS

    def _went_down(self, error: BaseException) -> None:
        self._failures += 1
        said = why(error, self.wish, self._door)
        self._was_unreachable = any(
            isinstance(each, httpx2.ConnectError | httpx2.ConnectTimeout) for each in leaves(error)
        )
        state = State.SIGN_IN if sign_in_needed(error) else State.DOWN
        if state is State.DOWN and self.state is not State.DOWN:
            logger.warning("%s is down, and tried again until it is back: %s", self.wish.name, said)
        since = self.since if state is self.state else None
        self._move(state, said, since)

    def _move(self, state: State, error: str, since: datetime | None = None) -> None:
        self.state, self.error, self.since = state, error, since or self._clock()
        self._changed()

    def _changed(self) -> None:
        self._moved.set()
        self._moved = Event()

    async def _pause(self) -> None:
        if self.state is State.SIGN_IN:
            await self._wanted.wait()
            return
        down_for = None if self._down_since is None else anyio.current_time() - self._down_since
        is_program = isinstance(self.wish.at, Program)
        seconds = delay(self._failures - 1, down_for=down_for, is_program=is_program)
        await anyio.sleep(min(seconds, GAP_SECONDS))
        with anyio.move_on_after(max(0.0, seconds - GAP_SECONDS)):
            await self._wanted.wait()

    def _new_client(self) -> Client:
        asking = self.asking
        return Client(
            tapped(self._door.open(), self._end, self._fresh.left_out),
            mode="legacy" if self.wish.protocol is Protocol.LEGACY else "auto",
            read_timeout_seconds=REQUEST_SECONDS,
            message_handler=self._fresh.hear,
            elicitation_callback=asking.elicit if asking.can_elicit else None,
            sampling_callback=asking.sample if asking.can_sample else None,
            cache=None,
        )
