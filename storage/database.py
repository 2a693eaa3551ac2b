"""The database door: one writer thread, a few reader threads, so that the event loop never waits for a disk.

SQLite allows one writer at a time; queueing writes in one thread turns its "database is locked" into order. The same
code runs on PostgreSQL, where the single writer thread is merely polite.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")
READERS = 4
INCREMENTAL = 2  # of `PRAGMA auto_vacuum`
BUSY_MS = 10_000  # how long SQLite waits for another process (a backup, a curious operator) before it gives up


class Database:
    """Runs functions over a SQLAlchemy `Connection`, each in a transaction of its own, off the event loop.

    `async with Database(url)` opens it and closes it; the schema is `storage.migrations`' business.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = _open(url)
        self._writer = ThreadPoolExecutor(1, "db-write")
        self._readers = ThreadPoolExecutor(READERS, "db-read")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction, after all writes asked for earlier; committed when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._in_transaction, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a snapshot, beside other reads and the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._in_transaction, work)

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    async def forget_log(self) -> bool:
        """Empty SQLite's write-ahead log, so that what was erased is in no file; False when a reader was in the way."""
        if self.engine.dialect.name != "sqlite":
            return True
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._truncate_wal)

    def _truncate_wal(self) -> bool:
        connection = self.engine.raw_connection()  # not in a transaction: there a checkpoint is refused
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=100")  # writes are waiting behind this
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            return busy is not None and busy[0] == 0
        finally:
            connection.close()

    async def compact(self) -> None:
        """Give back to the disk what erased rows took; the write-ahead log is emptied, too."""
        if self.engine.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._writer, self._vacuum)
            await self.forget_log()

    def _vacuum(self) -> None:
        connection = self.engine.raw_connection()  # not in a transaction: there it is refused
        try:
            cursor = connection.cursor()
            # A database that was made before this was set up has to be rewritten once, whole.
            cursor.execute("PRAGMA auto_vacuum")
            if cursor.fetchone() == (INCREMENTAL,):
                cursor.execute("PRAGMA incremental_vacuum").fetchall()
            else:
                cursor.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")
                cursor.execute("VACUUM")
        finally:
            connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Finish what was asked for, then let go of every connection."""
        self._writer.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _open(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_size=READERS + 1, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(
        url,
        pool_size=READERS + 1,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
        hide_parameters=True,  # they are what people wrote: neither a log line nor an error may show them
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"expected a sqlite3 connection, got {type(connection).__name__}")
    connection.isolation_level = None  # sqlite3 must not begin transactions by itself; `_begin` does
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        connection.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")  # only while it is being made
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
