"""What the benches share: percentiles, how long the event loop was kept waiting, how much memory there is."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

EVERY = 0.005


@dataclass(frozen=True, slots=True)
class Spread:
    p50: float
    p99: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        ordered = sorted(values)
        last = len(ordered) - 1
        return cls(*(round(ordered[min(last, int(share * len(ordered)))], 2) for share in (0.5, 0.99, 1)))


@dataclass(slots=True)
class LoopLag:
    """How much later than asked a short sleep ended, in milliseconds."""

    samples: list[float] = field(default_factory=list)

    @property
    def spread(self) -> Spread:
        return Spread.of(self.samples)


@asynccontextmanager
async def loop_lag() -> AsyncGenerator[LoopLag]:
    """Sample the running loop for as long as the block runs."""
    lag = LoopLag()

    async def sample() -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(EVERY)
            lag.samples.append((time.perf_counter() - asked - EVERY) * 1000)

    async with asyncio.TaskGroup() as tasks:
        sampling = tasks.create_task(sample())
        try:
            yield lag
        finally:
            sampling.cancel()


def rss_mb() -> float:
    """The resident memory of this process and of those that it has started."""
    here = psutil.Process()
    return round(sum(each.memory_info().rss for each in (here, *here.children(recursive=True))) / 2**20, 1)
