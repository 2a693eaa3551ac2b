"""A full disk: mentions are still answered, nothing stored is lost, and what waited is archived when there is room."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from tests.life.house import House, eventually
from tests.life.model import Say, call, echo, say


@dataclass
class Disk:
    """Lets databases grow to so many pages; a limit below their size is their size."""

    pages: int = 100_000

    def limit(self, connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA max_page_count = {self.pages}")


@pytest.fixture
def disk() -> Iterator[Disk]:
    built = Disk()
    event.listen(Pool, "checkout", built.limit)
    yield built
    event.remove(Pool, "checkout", built.limit)


@pytest.mark.timeout(90)
async def test_a_full_disk_keeps_nobody_from_an_answer(home: House, disk: Disk) -> None:
    home.model.on("recall", call("search_memory", query="marmalade 29", limit=3), say("Searched."))
    long = " ".join(f"word{number}" for number in range(600))
    home.model.on("at length", Say([long, " and the end."]))
    async with home.bot():
        before = await home.mention("mia", "general", "before")
        await home.answer(before, echo("before"))
        disk.pages = 1
        asked = [await home.mention("bob", "general", f"marmalade {number} " + "x" * 1500) for number in range(30)]
        for number, message_id in enumerate(asked):
            await home.reply(message_id, lambda text, number=number: f"marmalade {number} " in text)
        at_length = await home.mention("mia", "ops", "at length")
        await home.spoken("ops", lambda text: text.endswith("and the end."))
        disk.pages = 100_000

        async def is_found() -> bool:
            times = 1 + sum(1 for each in home.model.asked if "recall" in each.words and each.results)
            await home.mention("mia", "room-1", "recall that")
            return "marmalade 29" in (await home.model.wait_for("recall", results=1, times=times)).results[0]

        await eventually(is_found, 30)

    assert all(len(home.answers(message_id)) == 1 for message_id in (before, *asked, at_length))
    async with home.bot():  # what the ledger could not take down stands on Discord
        await home.after()
    assert all(len(home.answers(message_id)) == 1 for message_id in (before, *asked, at_length))
