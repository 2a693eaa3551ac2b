"""The small storage of plugins: apart from each other, bounded, and gone with the person."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.plugins.plugin import PluginError
from bot.plugins.store import MAX_BYTES, DatabaseStore, KeptByPlugins
from chat.ids import UserId
from storage.database import Database
from storage.migrations import upgrade

ADA, BOB = UserId(7), UserId(8)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as opened:
        await asyncio.to_thread(upgrade, opened.engine)
        yield opened


async def test_each_plugin_sees_its_own(database: Database) -> None:
    mine, other = DatabaseStore(database, "mine"), DatabaseStore(database, "other")
    await mine.put("a:1", {"deep": [1, None, "ü"]})
    await mine.put("A:2", value=True)
    await other.put("a:1", "theirs")

    assert await mine.get("a:1") == {"deep": [1, None, "ü"]}
    assert await mine.items("a:") == {"a:1": {"deep": [1, None, "ü"]}}
    assert await mine.items("_") == {}
    assert (await mine.drop("a:1"), await mine.drop("a:1"), await mine.get("a:1")) == (True, False, None)
    assert await other.get("a:1") == "theirs"


async def test_it_is_bounded_and_what_was_there_stays(database: Database) -> None:
    store = DatabaseStore(database, "greedy")
    await store.put("small", 1)
    with pytest.raises(PluginError, match="the storage of greedy is full"):
        await store.put("small", "x" * MAX_BYTES)
    with pytest.raises(PluginError, match="a key has 1 to 200"):
        await store.put("k" * 201, 1)

    assert await store.get("small") == 1


async def test_what_is_about_a_person_is_shown_and_goes_with_them(database: Database) -> None:
    store, kept = DatabaseStore(database, "p"), KeptByPlugins(database)
    await store.put("ada", 1, about=ADA)
    await store.put("bob", 2, about=BOB)
    await store.put("nobody", 3)

    assert await kept.of(ADA) == [{"plugin": "p", "key": "ada", "value": 1}]
    await kept.forget(ADA)
    assert await store.items() == {"bob": 2, "nobody": 3}
