"""A full disk delays the archive; what is stored stays, what waits is written when there is room again."""

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from memory.opening import open_memory
from storage.database import Database
from storage.migrations import upgrade
from tests.memory.parts import TrigramEmbedder, found, message


@dataclass
class Disk:
    """Lets the database grow to so many pages."""

    pages: int

    def limit(self, connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.execute(f"PRAGMA max_page_count = {self.pages}")


class Log(logging.Handler):
    """Tells when something has been said."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage():
            self.said.set()


async def test_messages_wait_while_the_disk_is_full(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk, log = Disk(10_000), Log("could not be archived yet: database or disk is full")
    logging.getLogger("memory.intake").addHandler(log)
    async with Database(f"sqlite:///{tmp_path / 'digmbot.db'}") as database:
        event.listen(database.engine, "checkout", disk.limit)
        upgrade(database.engine)
        async with open_memory(
            database=database, vectors=tmp_path / "vectors", load_embedder=TrigramEmbedder
        ) as memory:
            memory.intake.saw(message(0, "stored before the disk was full"))
            await memory.settled()
            disk.pages = 40
            said = [message(n, f"flamingo {n} " + "x" * 2_000) for n in range(1, 300)]
            for one in said:
                memory.intake.saw(one)
            await asyncio.wait_for(log.said.wait(), 5)

            assert await found(memory, "stored before") == ["stored before the disk was full"]
            disk.pages = 10_000
            await asyncio.wait_for(memory.settled(), 20)

            assert await memory.archive.count() == 300
            assert len(await found(memory, "flamingo")) == 8
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert not any("flamingo" in line for line in told)


async def test_an_end_while_the_disk_is_full_is_said_and_no_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(10_000)
    async with Database(f"sqlite:///{tmp_path / 'digmbot.db'}") as database:
        event.listen(database.engine, "checkout", disk.limit)
        upgrade(database.engine)
        disk.pages = 1
        async with open_memory(
            database=database, vectors=tmp_path / "vectors", load_embedder=TrigramEmbedder
        ) as memory:
            for n in range(100):
                memory.intake.saw(message(n, "x" * 2_000))

    assert "100 changes could not be archived: database or disk is full" in caplog.text
