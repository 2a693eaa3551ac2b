"""How long until the bot is ready, how long `--help` takes, what it weighs idle. `python -m bench.startup [--json]`.

The floor of the start is the floor bot's own, of `--help` a bare `python -c pass`.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.stage import Stage, digmbot, floor, stage

ROUNDS = 5
IDLE_SECONDS = 20.0  # the embedder is loaded by then
MESSAGES = 500


async def started(on: Stage, home: Path) -> tuple[float, float]:
    """Seconds to ready: digmbot's and the floor's."""
    begun = time.perf_counter()
    async with digmbot(on, home):
        ours = time.perf_counter() - begun
    begun = time.perf_counter()
    async with floor(on):
        return ours, time.perf_counter() - begun


async def idle_mb(on: Stage, home: Path) -> float:
    """Resident memory of the process and its children after a while, in MB."""
    async with digmbot(on, home) as process:
        await asyncio.sleep(IDLE_SECONDS)
        parent = psutil.Process(process.pid)
        return sum(each.memory_info().rss for each in (parent, *parent.children(recursive=True))) / 1e6


def seconds(command: Sequence[str]) -> float:
    taken: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


async def measured() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with stage(archived=MESSAGES) as on:
            home = Path(folder)
            async with digmbot(on, home, until="messages from before"):
                await asyncio.sleep(IDLE_SECONDS)  # the first start makes the database and the index
            rounds = [await started(on, home) for _ in range(ROUNDS)]
            memory = await idle_mb(on, home)
    ours, floors = (statistics.median(side) for side in zip(*rounds, strict=True))
    return {"ready_s": round(ours, 2), "floor_ready_s": round(floors, 2), "idle_mb": round(memory)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = asyncio.run(measured())
    figures["help_s"] = round(seconds([sys.executable, "-m", "bot.cli", "--help"]), 2)
    figures["python_s"] = round(seconds([sys.executable, "-c", "pass"]), 2)
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
