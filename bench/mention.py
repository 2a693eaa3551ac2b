"""A mention against the floor: to the model's request, to the first visible text, to the final text; and a burst.

`python -m bench.mention [--json]`. Both bots run beside each other on one sandbox with 10,000 archived messages and
are asked in turn, so that a machine that drifts slows both. Times count from the mention's REST call.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from bench.stage import CHANNELS, Stage, digmbot, floor, stage
from sandbox.models import Message

ASKED, BURST = 30, 50
WAIT = 60.0
MARKS = count(1)
SHORT, STREAMED = (8, 0.0), (60, 0.05)
"""Words of an answer, and seconds between them."""


@dataclass(frozen=True, slots=True)
class Timing:
    """In milliseconds; `calls` are REST calls besides typing."""

    request: float
    first: float
    final: float
    calls: int


async def asked(on: Stage, bot: str, channel: int) -> Timing:
    mark, bot_id = next(MARKS), on.box.person(bot).id
    on.box.log.clear()
    started = time.perf_counter()
    mention = await on.mention(bot, channel, mark)

    def answers(message: Message) -> bool:
        reference = message.reference
        return message.author_id == bot_id and reference is not None and reference.message_id == mention

    await on.box.wait_for_message(lambda message: answers(message) and bool(message.content), WAIT)
    first = time.perf_counter()
    # Not "end-of-{mark}": in a burst the floor's prompt ends in somebody else's line, and so does its answer.
    await on.box.wait_for_message(lambda message: answers(message) and "end-of-" in message.content, WAIT)
    final = time.perf_counter()
    calls = [call for call in on.box.log if call.who == bot and not call.path.endswith("/typing")]
    seen = (on.llm.arrived.get(mark, started), first, final)
    return Timing(*((moment - started) * 1000 for moment in seen), calls=len(calls))


async def compared(on: Stage, manner: tuple[int, float], rounds: int) -> dict[str, object]:
    """Medians of both, and the median and spread of the ratios of neighbours."""
    on.llm.words, on.llm.pace = manner
    ours: list[Timing] = []
    floors: list[Timing] = []
    for number in range(rounds):
        ours.append(await asked(on, "digmbot", on.channel(number)))
        floors.append(await asked(on, "floor", on.channel(number)))
    ours, floors = ours[CHANNELS:], floors[CHANNELS:]  # the first in each channel reads its history once
    row: dict[str, object] = {"rest_calls": max(timing.calls for timing in ours)}
    for what in ("request", "first", "final"):
        mine, theirs = ([asdict(each)[what] for each in side] for side in (ours, floors))
        ratios = sorted(a / b for a, b in zip(mine, theirs, strict=True))
        row[what] = {
            "ms": round(statistics.median(mine), 1),
            "floor_ms": round(statistics.median(theirs), 1),
            "ratio": round(statistics.median(ratios), 2),
            "spread": [round(ratios[len(ratios) // 10], 2), round(ratios[-1 - len(ratios) // 10], 2)],
        }
    return row


async def burst(on: Stage, bot: str) -> Sequence[float]:
    """How long each of 50 mentions over 10 channels took to its final text, in milliseconds."""
    on.llm.words, on.llm.pace = SHORT
    timings = await asyncio.gather(*(asked(on, bot, on.channel(number)) for number in range(BURST)))
    return sorted(timing.final for timing in timings)


async def indexed(home: Path) -> None:
    """Wait until recall knows everything by meaning, too."""
    path = home / ".local/share/digmbot/digmbot.db"
    async with asyncio.timeout(300):
        while True:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                waiting = connection.execute("SELECT count(*) FROM index_queue").fetchone()[0]
            if waiting == 0:
                return
            await asyncio.sleep(1)


async def measured() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as home:
        async with stage() as on, digmbot(on, Path(home), until="messages from before"), floor(on):
            await indexed(Path(home))
            short = await compared(on, SHORT, CHANNELS + ASKED)
            streamed = await compared(on, STREAMED, CHANNELS + 5)
            ours, floors = await burst(on, "digmbot"), await burst(on, "floor")
    slowest = {"answered": len(ours), "slowest_ms": round(ours[-1]), "floor_slowest_ms": round(floors[-1])}
    return {"short": short, "streamed": streamed, "burst": {**slowest, "ratio": round(ours[-1] / floors[-1], 2)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = asyncio.run(measured())
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
