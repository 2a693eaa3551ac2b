"""Search by meaning follows the archive: edits, deletions, damage, trouble."""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.ids import ChannelId
from memory.opening import open_memory
from memory.scopes import Scope
from memory.space import Space
from memory.vectors import VectorStore
from tests.memory.filled import FLAMINGOS
from tests.memory.parts import (
    GENERAL,
    GUILD,
    OTHER_GUILD,
    SECRET,
    MoodyEmbedder,
    SmallTrigramEmbedder,
    TrigramEmbedder,
    complete,
    found,
    message,
    open_database,
    opened,
    vector_ids,
)


async def test_an_edit_is_found_by_its_new_meaning_only(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(1, "pizza, pizzeria"), message(2, "hot oven")])
        await memory.settled()

        await memory.archive.archive(message(1, "submarine torpedo", edited=3))
        await memory.settled()

        meaning, id_ = memory.door.now, message(1, "").id
        assert meaning is not None
        new = await meaning.nearest(Scope("g1"), ["Mia: submarine torpedo"], 2)
        old = await meaning.nearest(Scope("g1"), ["Mia: pizza, pizzeria"], 2)
        assert new[id_] > 0.99 > old[id_]


async def test_deletions_leave_no_vectors(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        said = [message(n, f"line {n}") for n in range(40)]
        secret = [message(n, f"secret {n}", channel=SECRET) for n in range(20)]
        await memory.archive.archive_many([*said, *secret])
        await memory.settled()
        assert await vector_ids(memory) == {m.id for m in (*said, *secret)}

        await memory.archive.erase([m.id for m in said[:30]])
        await memory.archive.erase_channel(SECRET)
        await memory.settled()

        assert await vector_ids(memory) == {m.id for m in said[30:]}


async def test_a_server_that_was_left_is_forgotten_and_may_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        other = message(1, "elsewhere", guild=OTHER_GUILD, channel=ChannelId(20))
        memory.intake.saw(message(1, "hello"))
        memory.intake.saw(other)
        await memory.settled()

        memory.intake.guild_gone(GUILD)
        memory.intake.saw(message(3, "read before, heard after"))
        memory.intake.guild_back(GUILD)
        memory.intake.saw(message(2, "here again"))
        await memory.settled()

        assert await vector_ids(memory) == {message(2, "").id}
        assert await vector_ids(memory, "g2") == {other.id}
        assert await found(memory, "hello") == ["here again"]


async def test_what_was_not_indexed_before_the_end_is_indexed_after_the_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        memory.intake.saw(message(1, "last words"))  # and at once the end

    async with opened(tmp_path) as memory:
        await memory.settled()
        assert await vector_ids(memory) == {message(1, "").id}
        assert await found(memory, "word") == ["last words"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By another process: within one, Chroma lets go of its files only some time after it was closed."""
    folder = tmp_path_factory.mktemp("filled")
    subprocess.run([sys.executable, "-m", "tests.memory.filled", str(folder)], check=True, timeout=60)
    return folder


def lose_all(folder: Path) -> None:
    shutil.rmtree(folder / "vectors")


def no_database(folder: Path) -> None:
    for path in folder.glob("vectors/*/chroma.sqlite3*"):
        path.write_bytes(b"not a database at all" * 50)


def cut_database(folder: Path) -> None:
    for path in folder.glob("vectors/*/chroma.sqlite3"):
        path.write_bytes(path.read_bytes()[:9_000])


def garbage_index(folder: Path) -> None:
    for path in folder.glob("vectors/*/*/*"):
        path.write_bytes(b"\xff" * 300)


def lost_index(folder: Path) -> None:
    for path in folder.glob("vectors/*/*-*-*-*-*"):
        shutil.rmtree(path)


@pytest.mark.parametrize("damage", [lose_all, no_database, cut_database, garbage_index, lost_index])
async def test_damaged_vectors_are_made_again_from_the_archive(
    damage: Callable[[Path], None], filled: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    damage(tmp_path)
    caplog.set_level(logging.INFO)

    async with opened(tmp_path) as memory:
        await complete(memory)
        assert len(await found(memory, "flamingos")) == 8  # which finds the damage, if nothing has yet
        await complete(memory)
        assert await vector_ids(memory) == {m.id for m in FLAMINGOS}
        assert len(await found(memory, "flamingos")) == 8

    told = " ".join(record.message for record in caplog.records)
    assert "1100 messages are indexed anew" in told
    assert ("are damaged" in told) == (damage is not lose_all)


async def test_what_the_vectors_of_a_server_miss_is_noticed_when_it_is_first_asked(tmp_path: Path) -> None:
    said = [message(n, f"flamingo {n}") for n in range(20)]
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many(said)
        await memory.settled()
    store = VectorStore.open(tmp_path / "vectors", model=TrigramEmbedder.name, dimension=TrigramEmbedder.dimension)
    store.remove(Scope("g1"), [each.id for each in said[:5]])
    store.close()

    async with opened(tmp_path) as memory:
        await memory.settled()
        assert memory.door.now is not None
        assert await memory.door.now.change(Space.counts, frozenset()) == {"g1": None}  # still in its files

        await found(memory, "flamingos")
        await complete(memory)
        assert await vector_ids(memory) == {each.id for each in said}


async def test_another_embedder_starts_afresh(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(n, f"flamingo {n}") for n in range(20)])
        await memory.settled()

    async with (
        open_database(tmp_path) as database,
        open_memory(database=database, vectors=tmp_path / "vectors", load_embedder=SmallTrigramEmbedder) as memory,
    ):
        await complete(memory)
        assert len(await vector_ids(memory)) == 20
        assert len(await found(memory, "flamingos")) == 8


async def test_an_embedder_that_fails_now_and_then_loses_nothing(tmp_path: Path) -> None:
    said = [message(n, f"line {n}") for n in range(40)]
    async with (
        open_database(tmp_path) as database,
        open_memory(database=database, vectors=tmp_path / "vectors", load_embedder=MoodyEmbedder) as memory,
    ):
        await memory.archive.archive_many(said)
        await memory.settled()
        assert await vector_ids(memory) == {m.id for m in said}
        assert (await memory.indexer.stats()).failures == 0
        assert await memory.archive.recent(GENERAL, 1) == [said[-1]]


def overwrite_database(folder: Path) -> None:
    """In place, as a failing disk would, under the open store."""
    for path in folder.glob("vectors/*/chroma.sqlite3*"):
        if not path.name.endswith("-shm"):
            with path.open("r+b") as file:
                file.write(b"\xff" * path.stat().st_size)


async def test_vectors_damaged_under_way_are_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(n, f"flamingo {n}") for n in range(20)])
        await memory.settled()
        overwrite_database(tmp_path)

        await memory.archive.archive_many([message(n, f"flamingo {n}") for n in range(20, 40)])
        await complete(memory)

        assert len(await vector_ids(memory)) == 40
    assert "are damaged" in caplog.text
