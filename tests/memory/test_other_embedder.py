"""Another embedder in the settings: the vectors of the former one answer until the new ones are made."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from memory.embedders.spec import no_other
from memory.opening import OpenMemory, open_memory
from memory.vectors import VectorStore
from tests.memory.parts import (
    HeldEmbedder,
    SmallTrigramEmbedder,
    found,
    message,
    open_database,
    opened,
    trigrams_by_name,
    vector_ids,
)

SAID = [message(n, f"flamingo {n}") for n in range(300)]


@asynccontextmanager
async def changed(folder: Path, *, known: bool = True) -> AsyncGenerator[OpenMemory]:
    """Memory that had the trigram embedder, and now has one that works once there is a file `go`."""
    async with opened(folder) as memory:
        await memory.archive.archive_many([*SAID, message(300, "we migrate on Thursday")])
        await memory.settled()
    async with (
        open_database(folder) as database,
        open_memory(
            database=database,
            vectors=folder / "vectors",
            load_embedder=partial(HeldEmbedder, folder / "go"),
            load_named=trigrams_by_name if known else no_other,
        ) as memory,
    ):
        async with asyncio.timeout(5):
            while memory.door.now is None:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.01)
        yield memory


async def test_the_former_vectors_answer_until_the_new_ones_are_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with changed(tmp_path) as memory:
        assert (await found(memory, "immigrants"))[0] == "we migrate on Thursday"
        assert "the vectors of trigrams answer until all messages have new ones" in caplog.text
        assert "are dropped" not in caplog.text
        (tmp_path / "go").touch()
        await asyncio.wait_for(memory.settled(), 20)

        assert "search by meaning now works with smaller; the vectors of trigrams are dropped" in caplog.text
        assert len(await vector_ids(memory)) == 301
        assert (await found(memory, "immigrants"))[0] == "we migrate on Thursday"
        assert (await memory.indexer.stats()).waiting == 0

    assert models(tmp_path) == {}


async def test_what_is_said_and_deleted_meanwhile_changes_both(tmp_path: Path) -> None:
    async with changed(tmp_path) as memory:
        (tmp_path / "go").touch()
        await memory.archive.archive(message(301, "submarine torpedo"))
        await memory.archive.erase([SAID[5].id, message(300, "").id])
        await asyncio.wait_for(memory.settled(), 20)

        assert (await found(memory, "torpedoes"))[0] == "submarine torpedo"
        assert await vector_ids(memory) == {m.id for m in SAID} - {SAID[5].id} | {message(301, "").id}


async def test_killed_meanwhile_it_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with changed(tmp_path) as memory:
        assert memory.door.now is not None
        os.kill(memory.door.now.process, signal.SIGKILL)
        (tmp_path / "go").touch()
        async with asyncio.timeout(20):
            while "are dropped" not in caplog.text:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.05)
        assert len(await vector_ids(memory)) == 301
    assert models(tmp_path) == {}


async def test_a_former_embedder_that_cannot_be_had_is_told_and_its_vectors_leave(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with changed(tmp_path, known=False) as memory:
        assert "the former one is gone (how to load trigrams is not known any more)" in caplog.text
        assert (await found(memory, "migrating"))[0] == "we migrate on Thursday"
        (tmp_path / "go").touch()
        await asyncio.wait_for(memory.settled(), 20)
        assert len(await vector_ids(memory)) == 301
    assert models(tmp_path) == {}


def models(folder: Path) -> dict[str, int]:
    """Of which other models there still are vectors."""
    store = VectorStore.open(folder / "vectors", model=SmallTrigramEmbedder.name, dimension=64)
    try:
        return store.others()
    finally:
        store.close()
