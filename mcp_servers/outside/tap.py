"""A transport with a tap on what the server sends: its end is noticed at once, and one bad entry costs only itself.

The library says nothing when the read side ends while no call is under way, and refuses a whole page of tools for one
that is malformed.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from types import TracebackType
from typing import Final, Self

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream
from mcp.client import Transport
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCResponse, methods
from mcp_types.version import LATEST_HANDSHAKE_VERSION
from pydantic import JsonValue, TypeAdapter, ValidationError

Received = SessionMessage | Exception
LISTS: Final = {"tools": "tools/list", "resources": "resources/list", "prompts": "prompts/list"}
# What a page must carry beside its entries, by the newest version; earlier ones ignore it.
PAGE: Final = {"cacheScope": "private", "ttlMs": 0, "resultType": "complete"}

Entry = dict[str, JsonValue]
_ENTRIES: TypeAdapter[list[Entry | JsonValue]] = TypeAdapter(list[Entry | JsonValue])
LeftOut = Callable[[str, str, str], None]
"""Told of an entry that is left out: which list, its name, and why."""


class _Tapped:
    """The stream that the session reads: keeps in whose context each message came, as the library's own do."""

    def __init__(self, inner: MemoryObjectReceiveStream[tuple[Context | None, Received]]) -> None:
        self._inner = inner
        self.last_context: Context | None = None

    async def receive(self) -> Received:
        self.last_context, item = await self._inner.receive()
        return item

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Received:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()


@asynccontextmanager
async def tapped(
    transport: Transport, on_end: Callable[[], None], left_out: LeftOut
) -> AsyncGenerator[TransportStreams]:
    async with transport as (read, write), anyio.create_task_group() as tasks:
        send, receive = anyio.create_memory_object_stream[tuple[Context | None, Received]](0)

        async def pump() -> None:
            try:
                async with send:
                    async for item in read:
                        if isinstance(item, SessionMessage) and isinstance(item.message, JSONRPCResponse):
                            item.message.result = mended(item.message.result, left_out)
                        context: Context | None = getattr(read, "last_context", None)  # only HTTP's streams have it
                        await send.send((context, item))
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                pass
            finally:
                on_end()

        tasks.start_soon(pump)
        try:
            yield _Tapped(receive), write
        finally:
            tasks.cancel_scope.cancel()


def mended(result: dict[str, object], left_out: LeftOut) -> dict[str, object]:
    """A page of a list without the entries that would spoil it; any other result as it is."""
    for key, method in LISTS.items():
        entries = result.get(key)
        if isinstance(entries, list) and "content" not in result:
            kept: list[object] = []
            for entry in _ENTRIES.validate_python(entries):
                made = _tool(entry) if key == "tools" and isinstance(entry, dict) else entry
                reason = _fault(key, method, made)
                if reason is None:
                    kept.append(made)
                else:
                    left_out(key, _name(made), reason)
            return {**result, key: kept}
    return result


def _tool(entry: Entry) -> Entry:
    """Output schemas are dropped: a result that does not fit its own would be refused as a whole by the library, and
    the model reads the text anyway. A schema of arguments that does not say so is one of an object.
    """
    tool = {key: value for key, value in entry.items() if key != "outputSchema"}
    if isinstance(schema := tool.get("inputSchema"), dict):
        tool["inputSchema"] = {"type": "object", **schema}
    return tool


def _fault(key: str, method: str, entry: Entry | JsonValue) -> str | None:
    try:
        methods.validate_server_result(method, LATEST_HANDSHAKE_VERSION, {**PAGE, key: [entry]})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][2:])
        return f"{where or 'it'}: {first['msg']}"
    return None


def _name(entry: Entry | JsonValue) -> str:
    names = [entry.get("name"), entry.get("uri")] if isinstance(entry, dict) else []
    return next((name[:100] for name in names if isinstance(name, str)), "an entry without a name")
