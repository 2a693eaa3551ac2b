"""What the doctor says of the place where things are kept."""

import asyncio
import sqlite3
from pathlib import Path

from bot.doctor.findings import Finding, Status, carry_out
from bot.doctor.store_checks import check_clock_and_zones, check_data_dir, check_database, check_embedder
from bot.starting import models_folder
from memory.embedders.spec import EmbedderSpec, ModelFolder, Service
from storage.data_dir import DataDir
from storage.database import Database
from storage.migrations import upgrade


async def only(path: Path) -> Finding:
    [finding] = [f async for f in check_database(path)]
    return finding


async def test_a_folder_that_can_be_used_is_ok_and_one_in_use_too(tmp_path: Path) -> None:
    free = [f async for f in check_data_dir(tmp_path)]
    with DataDir(tmp_path):
        in_use = [f async for f in check_data_dir(tmp_path)]

    assert free[0].text.endswith("can be written to")
    assert "in use by another digmbot" in in_use[0].text
    assert {f.status for f in (free[0], in_use[0])} == {Status.OK}


async def test_a_folder_that_cannot_be_made_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    [finding] = [f async for f in check_data_dir(tmp_path / "file" / "data")]

    assert finding.status is Status.BROKEN


async def test_a_database_is_absent_whole_newer_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "digmbot.db"
    assert "none yet" in (await only(path)).text
    async with Database(f"sqlite:///{path}") as database:
        await asyncio.to_thread(upgrade, database.engine)
    assert (await only(path)).text.startswith("whole, schema 0")

    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    newer = await only(path)
    assert (newer.status, "9999" in newer.text) == (Status.BROKEN, True)

    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    assert (await only(path)).status is Status.BROKEN


async def test_the_embedder_and_the_zones_are_measured() -> None:
    [embedder] = [f async for f in check_embedder(EmbedderSpec(models_folder()))]
    zones = [f async for f in check_clock_and_zones("Europe/Berlin")]
    [nowhere] = [f async for f in check_clock_and_zones("Mars/Olympus")]

    assert "384 dimensions" in embedder.text
    assert {f.status for f in zones} == {Status.OK}
    assert nowhere.status is Status.BROKEN


async def test_an_embedder_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    folder = EmbedderSpec(tmp_path, ModelFolder(tmp_path / "nowhere"))
    service = EmbedderSpec(tmp_path, Service("http://127.0.0.1:9/v1", "m", "s3cret", dimensions=8))
    [no_folder] = [f async for f in check_embedder(folder)]
    [no_server] = [f async for f in check_embedder(service)]

    assert (no_folder.status, no_server.status) == (Status.BROKEN, Status.BROKEN)
    assert "nowhere is no folder" in no_folder.text
    assert "127.0.0.1:9/v1 cannot be reached" in no_server.text
    assert "s3cret" not in repr(no_server)


async def test_a_check_that_fails_or_hangs_is_a_finding_and_keeps_what_it_found() -> None:
    async def hanging():  # noqa: ANN202
        yield Finding("x", Status.OK, "first")
        await asyncio.Event().wait()

    async def failing():  # noqa: ANN202
        yield Finding("x", Status.OK, "first")
        raise ValueError("a secret")

    hung = await carry_out("x", hanging, seconds=0.05)
    failed = await carry_out("x", failing, seconds=5)

    assert [f.status for f in hung] == [f.status for f in failed] == [Status.OK, Status.BROKEN]
    assert "a secret" not in repr(failed)
