"""How a background worker is called to work, and how others learn that it has nothing left to do."""

import asyncio


class Bell:
    """One worker rests on it; anybody may ring, or wait for quiet."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._resting = asyncio.Event()

    def ring(self) -> None:
        """There is something to do."""
        self._rung.set()
        self._resting.clear()

    async def rest(self) -> None:
        """For the worker: until there is something to do (since it last rested)."""
        if not self._rung.is_set():
            self._resting.set()
        await self._rung.wait()
        self._rung.clear()

    def heed(self) -> None:
        """For the worker that will go on anyway: it now does what was rung for before."""
        self._rung.clear()

    def lull(self) -> None:
        """For the worker that will go on: what it was rung for is done."""
        if not self._rung.is_set():
            self._resting.set()

    async def quiet(self) -> None:
        """Until the worker has done everything that was rung for before this call."""
        await self._resting.wait()
