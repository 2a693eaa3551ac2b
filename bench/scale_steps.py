"""The steps of `bench.memory_scale`: memory is filled, asked, taken apart, and asked while it is filled further."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Literal

import platformdirs
import psutil
from pydantic import JsonValue
from sqlalchemy import delete

from bench.measure import Spread, loop_lag, rss_mb
from bench.scale_chat import FIRST_SERVER, ScaleChat, blended, everybody
from memory import full_text
from memory.archive import Archive
from memory.embedders import Embedder
from memory.embedders.spec import EmbedderSpec, load
from memory.opening import OpenMemory, open_memory
from memory.scopes import scope_of
from memory.tables import index_queue
from storage.database import Database
from storage.migrations import upgrade

ASKED = 150
REAL = 2_000
"""Texts that are really embedded, to blend vectors from."""
INGESTED = 3_000
EVERY = 0.5
"""Seconds between two questions that come during a backfill."""
SCOPE = scope_of(FIRST_SERVER, None)
Figures = dict[str, JsonValue]


class Step:
    """One step over a folder, in a process of its own."""

    def __init__(self, folder: Path, count: int, *, seed: int, embedder: Literal["minilm", "e5"]) -> None:
        self.folder = folder
        models = platformdirs.user_cache_path("digmbot", appauthor=False) / "models"
        self.spec = EmbedderSpec(models, embedder)
        self.chat = ScaleChat(count)
        self.seed = seed
        self.questions = self.chat.questions(ASKED + 20, seed)

    @asynccontextmanager
    async def database(self) -> AsyncGenerator[Database]:
        async with Database(f"sqlite:///{self.folder / 'digmbot.db'}") as database:
            await asyncio.to_thread(upgrade, database.engine)
            yield database

    @asynccontextmanager
    async def memory(self) -> AsyncGenerator[OpenMemory]:
        vectors, embedder = self.folder / "vectors", partial(load, self.spec)
        async with (
            self.database() as database,
            open_memory(database=database, vectors=vectors, load_embedder=embedder) as memory,
        ):
            yield memory

    async def fill_archive(self) -> Figures:
        async with self.database() as database:
            archive, began = Archive(database), time.perf_counter()
            for first in range(0, self.chat.count, 5_000):
                await archive.archive_many(list(self.chat.messages(first, min(first + 5_000, self.chat.count))))
            took = time.perf_counter() - began
            await database.write(lambda c: c.execute(delete(index_queue)))
        return {"archived_per_second": round(self.chat.count / took), "disk_bytes": size(self.folder)}

    async def fill_vectors(self) -> Figures:
        from memory.vectors import VectorStore  # noqa: PLC0415 - the other steps must not pay for Chroma

        embedder, ids = load(self.spec), [message.id for message in self.chat.messages()]
        real = embedder.embed([message.text for message in self.chat.messages(0, REAL)])
        store = VectorStore.open(self.folder / "vectors", model=embedder.name, dimension=embedder.dimension)
        began = time.perf_counter()
        for server in range(self.chat.servers):
            numbers = range(server, self.chat.count, self.chat.servers)
            for first in range(0, len(numbers), 1_000):
                some = numbers[first : first + 1_000]
                vectors = blended(real, some)
                scope = scope_of(self.chat.message(some[0]).guild_id, None)
                store.put(scope, {ids[number]: vector for number, vector in zip(some, vectors, strict=True)})
        took = time.perf_counter() - began
        store.close()
        return {"per_second": round(self.chat.count / took), "disk_bytes": size(self.folder / "vectors")}

    async def recall(self) -> Figures:
        """From the start of the process to the first answers; then many."""
        began = psutil.Process().create_time()
        async with self.memory() as memory:
            await self._ask(memory, self.questions[0])
            by_words = time.time() - began
            while memory.door.now is None:  # noqa: ASYNC110 - it tells nobody, and a bench may look again
                await asyncio.sleep(0.005)
            loaded = time.time() - began
            await self._ask(memory, self.questions[0])
            by_meaning = time.time() - began
            for question in self.questions[:20]:
                await self._ask(memory, question)
            took = [await self._ask(memory, question) for question in self.questions[20:]]
            return {
                "recall_ms": asdict(Spread.of(took)),
                "first_answer_s": {"words": by_words, "loaded": loaded, "meaning": by_meaning},
                "rss_mb": rss_mb(),
            }

    async def bare(self) -> Figures:
        """The parts, each alone in a plain loop."""
        from memory.vectors import VectorStore  # noqa: PLC0415 - as above

        embedder: Embedder = load(self.spec)
        store = VectorStore.open(self.folder / "vectors", model=embedder.name, dimension=embedder.dimension)
        vectors = dict(zip(self.questions, map(embedder.embed_question, self.questions), strict=True))
        async with self.database() as database:
            with database.engine.connect() as connection:
                spreads = {
                    "embed": self._timed(embedder.embed_question),
                    "vectors": self._timed(lambda question: store.nearest(SCOPE, vectors[question], 100)),
                    "words": self._timed(lambda question: full_text.search(connection, SCOPE, question, limit=100)),
                }
        rss = rss_mb()
        began = time.perf_counter()
        embedder.embed([message.text for message in self.chat.messages(0, 1_000)])
        rate = 1_000 / (time.perf_counter() - began)
        store.close()
        return {"parts_ms": {name: asdict(spread) for name, spread in spreads.items()}, "rss_mb": rss, "rate": rate}

    async def ingest(self) -> Figures:
        """Messages that arrive as fast as they are indexed, with a question now and then; before, questions alone."""
        async with self.memory() as memory:
            await memory.settled()
            await self._ask(memory, self.questions[0])
            quiet = await self._ask_for(memory, 10)
            new = ScaleChat(self.chat.count + INGESTED * (self.seed + 1))
            async with loop_lag() as lag, asyncio.TaskGroup() as tasks:
                asking = tasks.create_task(self._ask_until(memory, busy := list[float]()))
                began = time.perf_counter()
                for message in new.messages(new.count - INGESTED):
                    memory.intake.saw(message)
                await memory.settled()
                took = time.perf_counter() - began
                asking.cancel()
            return {
                "indexed_per_second": INGESTED / took,
                "loop_lag_ms": asdict(lag.spread),
                "recall_quiet_ms": asdict(Spread.of(quiet)),
                "recall_busy_ms": asdict(Spread.of(busy)),
                "rss_mb": rss_mb(),
                "disk_bytes_a_message": size(self.folder) / await memory.archive.count(),
            }

    async def _ask_for(self, memory: OpenMemory, seconds: float) -> list[float]:
        took, until = list[float](), time.perf_counter() + seconds
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(self._ask_until(memory, took))
            await asyncio.sleep(until - time.perf_counter())
            asking.cancel()
        return took

    async def _ask_until(self, memory: OpenMemory, took: list[float]) -> None:
        chance = random.Random(self.seed)
        while True:
            took.append(await self._ask(memory, chance.choice(self.questions)))
            await asyncio.sleep(EVERY)

    async def _ask(self, memory: OpenMemory, question: str) -> float:
        began = time.perf_counter()
        await memory.recall.recall(question, guild_id=FIRST_SERVER, may_show=everybody)
        return (time.perf_counter() - began) * 1_000

    def _timed(self, work: Callable[[str], object]) -> Spread:
        took: list[float] = []
        for question in self.questions:
            began = time.perf_counter()
            work(question)
            took.append((time.perf_counter() - began) * 1_000)
        return Spread.of(took[20:])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


STEPS: dict[str, Callable[[Step], Coroutine[None, None, Figures]]] = {
    "fill_archive": Step.fill_archive,
    "fill_vectors": Step.fill_vectors,
    "recall": Step.recall,
    "bare": Step.bare,
    "ingest": Step.ingest,
}
