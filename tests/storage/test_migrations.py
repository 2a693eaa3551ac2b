"""The schema: made by migrations, equal to what the rooms declare, refused when it is not ours to touch."""

import importlib
import os
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata  # pyright: ignore[reportUnknownVariableType]
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from storage.database import Database
from storage.errors import StorageError
from storage.migrations import known_revisions, upgrade


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'digmbot.db'}")
    yield database
    database.close()


def is_no_virtual_table(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or "_fts" not in (name or "")


def rooms_metadata() -> list[MetaData]:
    names = [
        f"{room}.tables"
        for room in ("memory", "reminders", "mcp_servers.offered", "mcp_servers.outside", "bot")
        if find_spec(f"{room}.tables")
    ]
    return [importlib.import_module(name).metadata for name in names]


def test_the_migrated_schema_is_what_the_rooms_declare(database: Database) -> None:
    upgrade(database.engine)

    options: dict[str, object] = {"compare_type": True, "include_name": is_no_virtual_table}
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, rooms_metadata()) == []  # pyright: ignore[reportArgumentType]


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade(database.engine)
    with database.engine.begin() as connection:
        before = connection.exec_driver_sql("PRAGMA schema_version").scalar()

    upgrade(database.engine)

    with database.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA schema_version").scalar() == before


def test_revisions_are_numbered_without_gaps() -> None:
    assert known_revisions() == [f"{n:04}" for n in range(1, len(known_revisions()) + 1)]


def test_a_database_from_the_future_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('9999')")

    with pytest.raises(StorageError, match=r"digmbot\.db: was written by a newer digmbot .* update digmbot"):
        upgrade(database.engine)

    with database.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all() == ["alembic_version"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "digmbot.db"
    path.write_text("Dear diary, " * 1000)

    assert "digmbot.db: is not a database" in refusal(path)
    assert path.read_text().startswith("Dear diary")


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "digmbot.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database.engine)
    database.close()
    whole = bytearray(path.read_bytes())
    whole[100:] = b"\xff" * (len(whole) - 100)
    path.write_bytes(whole)

    assert "is damaged" in refusal(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "cannot be opened" in refusal(tmp_path / "nowhere" / "digmbot.db")


def test_a_full_disk_is_named_and_leaves_no_half_schema(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 3")  # the pool hands this connection out again

    with pytest.raises(StorageError, match="the disk is full"):
        upgrade(database.engine)

    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    upgrade(database.engine)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "digmbot.db"
    path.write_bytes(b"")
    path.chmod(stat.S_IRUSR)

    assert "cannot be written to" in refusal(path)


def refusal(path: Path) -> str:
    database = Database(f"sqlite:///{path}")
    try:
        with pytest.raises(StorageError) as refused:
            upgrade(database.engine)
        return str(refused.value)
    finally:
        database.close()
