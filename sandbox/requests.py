"""The record of every REST request, and waiting for one."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Served:
    """One request as the sandbox answered it. `who` is the username, or None when it was not signed."""

    method: str
    path: str
    body: object
    who: str | None
    at: datetime
    status: int


class RequestLog:
    """Requests in the order they were answered."""

    def __init__(self) -> None:
        self._served: deque[Served] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Served], None]] = []

    def add(self, served: Served) -> None:
        self._served.append(served)
        for listener in list(self._listeners):
            listener(served)

    def __iter__(self) -> Iterator[Served]:
        return iter(list(self._served))

    def __len__(self) -> int:
        return len(self._served)

    def clear(self) -> None:
        self._served.clear()

    async def wait_for(self, wanted: Callable[[Served], bool], timeout: float = 5.0) -> Served:  # noqa: ASYNC109
        """The first request, earlier or yet to come, that is wanted. Raises TimeoutError."""
        for served in self._served:
            if wanted(served):
                return served
        found: asyncio.Future[Served] = asyncio.get_running_loop().create_future()

        def look(served: Served) -> None:
            if not found.done() and wanted(served):
                found.set_result(served)

        self._listeners.append(look)
        try:
            async with asyncio.timeout(timeout):
                return await found
        finally:
            self._listeners.remove(look)
