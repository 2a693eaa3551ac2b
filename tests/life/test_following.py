"""Memory follows Discord: what was said, edited and deleted while the bot was away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.life.house import PATIENCE, House, house
from tests.life.kept import differences, kept


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


async def equal(home: House) -> list[str]:
    """Wait until the archive is what stands on Discord; answers what still differs when it does not come to that."""
    try:
        async with asyncio.timeout(PATIENCE):
            while differences(home):  # noqa: ASYNC110 - the archive is a file, and tells nobody
                await asyncio.sleep(0.02)
    except TimeoutError:
        pass
    return differences(home)


async def test_what_was_said_before_the_bot_came_is_archived_all_of_it(home: House) -> None:
    for number in range(230):
        await home.write("ada", "ops", f"line {number}")

    async with home.bot():
        assert await equal(home) == []


async def test_what_was_edited_and_deleted_while_the_bot_was_away_is_found_out(home: House) -> None:
    said = [await home.write("ada", "ops", f"line {number}") for number in range(130)]
    newest = await home.write("ada", "general", "the very last word")
    async with home.bot():
        assert await equal(home) == []

    await home.edit("ada", said[3], "line 3, corrected")
    await home.delete("ada", said[5])
    await home.delete("ada", said[-1])
    await home.delete("ada", newest)
    await home.write("bob", "ops", "and one more")

    async with home.bot():
        assert await equal(home) == []
    assert "the very last word" not in kept(home.folder / "data").texts.values()


async def test_a_channel_deleted_while_the_bot_was_away_is_forgotten_with_its_threads(home: House) -> None:
    start = await home.write("ada", "room-1", "let us talk about it")
    thread = await home.ask(
        "ada", "POST", f"/channels/{home.channel('room-1')}/messages/{start}/threads", {"name": "it"}, expect=201
    )
    assert isinstance(thread, dict)
    await home.write("ada", int(str(thread["id"])), "inside the thread")
    async with home.bot():
        assert await equal(home) == []
        assert "inside the thread" in kept(home.folder / "data").texts.values()

    await home.ask("ada", "DELETE", f"/channels/{home.channel('room-1')}")

    async with home.bot():
        assert await equal(home) == []
    assert not {"inside the thread", "let us talk about it"} & set(kept(home.folder / "data").texts.values())


async def test_an_archived_thread_is_read_and_goes_with_its_channel(home: House) -> None:
    start = await home.write("ada", "room-2", "old matters")
    thread = await home.ask(
        "ada", "POST", f"/channels/{home.channel('room-2')}/messages/{start}/threads", {"name": "old"}, expect=201
    )
    assert isinstance(thread, dict)
    await home.write("ada", int(str(thread["id"])), "long ago")
    await home.ask("ada", "PATCH", f"/channels/{thread['id']}", {"archived": True})

    async with home.bot():
        assert await equal(home) == []
        assert "long ago" in kept(home.folder / "data").texts.values()
        await home.ask("ada", "DELETE", f"/channels/{home.channel('room-2')}")
        assert await equal(home) == []
    assert "long ago" not in kept(home.folder / "data").texts.values()


async def test_a_channel_that_the_operator_excluded_is_never_archived(home: House) -> None:
    await home.write("ada", "ops", "before it came")
    async with home.bot(memory={"never_archive": [home.channel("ops")]}):
        await home.write("ada", "ops", "while it was there")
        await home.write("ada", "general", "elsewhere")
        async with asyncio.timeout(PATIENCE):
            while "elsewhere" not in kept(home.folder / "data").texts.values():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
    assert not {"before it came", "while it was there"} & set(kept(home.folder / "data").texts.values())
