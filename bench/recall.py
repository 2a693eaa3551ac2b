"""Recall over 10,000 messages against the sum of its bare parts; the event loop while 100 messages a second arrive.

`python -m bench.recall [--json] [--messages N] [--models FOLDER]`. The bare parts: the embedder on the question, an
unfiltered Chroma query, a scoped FTS5 query, each alone in a plain loop.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.measure import Spread, loop_lag, rss_mb
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from memory import full_text
from memory.opening import OpenMemory, minilm, open_memory
from memory.scopes import scope_of
from memory.vectors import VectorStore
from storage.database import Database
from storage.migrations import upgrade

GUILD = GuildId(1)
CHANNELS = 40
PRIVATE = frozenset(ChannelId(n) for n in range(1, CHANNELS // 5 + 1))
ASKED = 200
RATE, ARRIVING_SECONDS = 100, 20
NAMES = ("Mia", "Bob", "Kenji", "Ann", "Zed", "Olga", "Ravi", "Lena")
WHO = ("the ops team", "my sister", "the new intern", "our landlord", "the support desk", "that vendor", "nobody")
DID = ("deployed", "broke", "reviewed", "postponed", "ordered", "forgot", "paid for", "redesigned", "asked about")
WHAT = ("the login page", "the database migration", "forty pizzas", "the quarterly report", "the server room door")
WHEN = ("on Monday", "last night", "before lunch", "in March", "an hour ago", "twice", "while you were away")
WHY = ("because the disk was full", "and it was great", "so we need a plan", "which nobody expected", "again", "lol")


def line(chance: random.Random) -> str:
    return " ".join(chance.choice(part) for part in (WHO, DID, WHAT, WHEN, WHY)) + f" #{chance.randrange(9999)}"


def message(number: int, chance: random.Random) -> Message:
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    author = chance.randrange(len(NAMES))
    return Message(
        MessageId(snowflake_at(when)),
        ChannelId(chance.randrange(CHANNELS) + 1),
        GUILD,
        Person(UserId(author), NAMES[author]),
        line(chance),
        when,
    )


async def public(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
    return frozenset(channels) - PRIVATE


def timed(work: Callable[[str], object], questions: list[str]) -> Spread:
    took: list[float] = []
    for question in questions:
        began = time.perf_counter()
        work(question)
        took.append((time.perf_counter() - began) * 1000)
    return Spread.of(took)


def bare_parts(folder: Path, models: Path, database: Database, questions: list[str]) -> dict[str, Spread]:
    """Once memory is closed, because only one process may have the vectors open."""
    embedder, scope = minilm(models), scope_of(GUILD, None)
    vector = embedder.embed_question("who broke the login page?")
    store = VectorStore.open(folder / "vectors", model=embedder.name, dimension=embedder.dimension)
    try:
        with database.engine.connect() as connection:
            return {
                "embed": timed(embedder.embed_question, questions),
                "vectors": timed(lambda _: store.nearest(scope, vector, 100), questions),
                "words": timed(lambda question: full_text.search(connection, scope, question, limit=100), questions),
            }
    finally:
        store.close()


async def recalls(memory: OpenMemory, questions: list[str]) -> Spread:
    took: list[float] = []
    for question in questions:
        began = time.perf_counter()
        await memory.recall.recall(question, guild_id=GUILD, may_show=public)
        took.append((time.perf_counter() - began) * 1000)
    return Spread.of(took)


async def arriving(memory: OpenMemory, first: int, chance: random.Random) -> Spread:
    async with loop_lag() as lag:
        began = time.perf_counter()
        for number in range(RATE * ARRIVING_SECONDS):
            memory.intake.saw(message(first + number, chance))
            await asyncio.sleep(max(0.0, began + (number + 1) / RATE - time.perf_counter()))
    return lag.spread


async def measure(folder: Path, models: Path, count: int) -> dict[str, object]:
    chance = random.Random(7)
    questions = [f"who {chance.choice(DID)} {chance.choice(WHAT)} {chance.choice(WHEN)}?" for _ in range(ASKED)]
    async with Database(f"sqlite:///{folder / 'digmbot.db'}") as database:
        await asyncio.to_thread(upgrade, database.engine)
        before, vectors = rss_mb(), folder / "vectors"
        async with open_memory(database=database, vectors=vectors, load_embedder=partial(minilm, models)) as memory:
            began = time.perf_counter()
            await memory.archive.archive_many([message(number, chance) for number in range(count)])
            await memory.settled()
            filled = time.perf_counter() - began
            await recalls(memory, questions[:20])
            recall = await recalls(memory, questions[20:])
            lag = await arriving(memory, count, chance)
            behind, after = (await memory.indexer.stats()).waiting, rss_mb()
        parts = await asyncio.to_thread(bare_parts, folder, models, database, questions)
        floor = round(sum(part.p50 for part in parts.values()), 2)
        return {
            "messages": count,
            "recall_ms": asdict(recall),
            "parts_ms": {name: asdict(part) for name, part in parts.items()},
            "floor_p50_ms": floor,
            "ratio": round(recall.p50 / floor, 2),
            "indexed_per_second": round(count / filled),
            "loop_lag_ms": asdict(lag),
            "behind_after_arriving": behind,
            "rss_mb": {"before": before, "after": after},
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--models", type=Path, help="where the prepared embedding model is kept between runs")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder), chosen.models or Path(folder), chosen.messages))
    if chosen.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:22} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
