"""The minute that goes by, as an event."""

import asyncio

from bot.plugins.events import Tick
from bot.plugins.pipeline import Pipeline
from chat.clock import Clock

SECONDS = 60.0


async def tick(pipeline: Pipeline, clock: Clock, *, seconds: float = SECONDS) -> None:
    """Ends by cancellation."""
    while True:
        await asyncio.sleep(seconds)
        pipeline.offer(Tick(clock()))
