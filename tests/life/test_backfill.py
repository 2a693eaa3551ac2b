"""`digmbot memory backfill`: the history is read at once, and nobody is answered meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from tests.life.child import Child, spawn
from tests.life.house import BOT, House, eventually, house
from tests.life.kept import differences, kept


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


async def backfill(home: House) -> Child:
    return await spawn(home, "memory", "backfill", memory__embedder="minilm")


async def outcome(child: Child) -> tuple[int, str]:
    """The exit code and all that it said."""
    async with asyncio.timeout(60):
        out, error = await child.process.communicate()
    return child.process.returncode or 0, (out + error).decode()


async def has_read(home: House) -> bool:
    return any(each.who == BOT and each.method == "GET" and each.path.endswith("/messages") for each in home.box.log)


async def test_all_history_is_read_and_indexed_and_nobody_is_answered(home: House) -> None:
    for number in range(230):
        await home.write("ada", "ops", f"line {number}")
    await home.mention("ada", "general", "are you there?")

    code, said = await outcome(await backfill(home))

    assert code == 0, said
    assert differences(home) == []
    assert f"{len(kept(home.folder / 'data').texts)} are kept" in said
    assert home.said() == []


async def test_interrupted_it_goes_on_where_it_was(home: House) -> None:
    for number in range(450):
        await home.write("ada", "ops", f"line {number}")
    child = await backfill(home)
    await eventually(lambda: has_read(home), 30)
    await child.kill()

    code, said = await outcome(await backfill(home))

    assert code == 0, said
    assert differences(home) == []


async def test_what_stands_in_the_way_is_said_in_a_sentence(home: House) -> None:
    with DataDir(home.folder / "data"):
        code, said = await outcome(await backfill(home))
    assert code == 1
    assert "is in use" in said or "another" in said
    assert "Traceback" not in said

    child = await spawn(home, "memory", "backfill", general__discord_token="wrong")
    code, said = await outcome(child)
    assert code == 1
    assert "Discord refuses the token" in said
    assert "Traceback" not in said
