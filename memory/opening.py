"""Memory put together and running, for the composition root."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chat.clock import Clock, utc_now
from memory.archive import Archive
from memory.channels import Channels
from memory.embedders.spec import no_other
from memory.facts import Facts
from memory.indexer import Indexer
from memory.intake import Intake
from memory.meaning import MeaningDoor
from memory.purge import Purge
from memory.queue import IndexQueue
from memory.recall import Memory
from memory.rules import Rules
from memory.space import LoadEmbedder, LoadNamed
from storage.database import Database


@dataclass(frozen=True, slots=True)
class OpenMemory:
    """The parts of a running memory."""

    archive: Archive
    channels: Channels
    rules: Rules
    facts: Facts
    intake: Intake
    indexer: Indexer
    recall: Memory
    door: MeaningDoor
    purge: Purge

    async def settled(self) -> None:
        """Wait until everything taken in before this call is archived, indexed, or wiped."""
        await self.intake.settled()
        await self.indexer.settled()
        await self.purge.settled()


@asynccontextmanager
async def open_memory(
    *,
    database: Database,
    vectors: Path,
    load_embedder: LoadEmbedder,
    load_named: LoadNamed = no_other,
    rules: Rules | None = None,
    clock: Clock = utc_now,
) -> AsyncGenerator[OpenMemory]:
    """Memory over a migrated database. It answers at once, by words; by meaning as soon as the embedder is loaded.

    The embedder is loaded by another process, which finds `load_embedder` by its name: no lambda, nothing local.
    `load_named` loads the embedder that was used before, so that its vectors serve until there are new ones.
    Without `rules` everything may be kept, unless an admin or a member has said otherwise. At the end, what was taken
    in is still written; what is not yet indexed waits in the database.
    """
    archive, channels, facts = Archive(database), Channels(database), Facts(database, clock)
    rules = rules or Rules(database, clock)
    await rules.load()
    queue = IndexQueue(database)
    door = MeaningDoor(load_embedder, load_named, vectors, news=archive.changed.ring)
    memory = OpenMemory(
        archive=archive,
        channels=channels,
        rules=rules,
        facts=facts,
        intake=Intake(archive=archive, channels=channels, rules=rules, facts=facts),
        indexer=Indexer(queue=queue, changed=archive.changed, door=door),
        recall=Memory(database=database, archive=archive, door=door),
        door=door,
        purge=Purge(queue=queue, erased=archive.erased),
    )
    async with _at_work(memory):
        yield memory


@asynccontextmanager
async def _at_work(memory: OpenMemory) -> AsyncGenerator[None]:
    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(worker.run()) for worker in (memory.intake, memory.indexer, memory.purge)]
            try:
                yield
            except Exception as error:  # noqa: BLE001 - raised below, outside the group, which would wrap it
                failure = error
            for worker in workers:
                worker.cancel()
        await memory.intake.finish()
    finally:
        await memory.door.close()
    if failure is not None:
        raise failure
