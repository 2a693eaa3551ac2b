"""The migration makes the table that the queries speak of, with its indexes."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from reminders.store import ReminderStore
from reminders.tables import metadata
from reminders.values import Kind
from storage.database import Database
from storage.migrations import upgrade
from tests.reminders.parts import house

OLD = (  # noqa: SIM905, the columns before 0006
    "id owner_id owner_name guild_id channel_id text due_at created_at request_id request_link source_key status "
    "wake_at claimed_by attempts delivered_message_id closed_at failure"
).split()


async def test_the_migration_and_the_table_agree(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, metadata))

    async with house(tmp_path) as here:
        assert await here.database.read(differences) == []


async def test_reminders_of_an_older_database_are_kept_and_come_once(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        await database.write(_made_by_0005)
        await asyncio.to_thread(upgrade, database.engine)
        (old,) = await ReminderStore(database).open_ones(None, 9)

    assert (old.text, old.kind, old.schedule, old.turn, old.zone) == ("tea", Kind.TEXT, None, 1, None)


def _made_by_0005(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "0005")
    moment = "2030-01-01 00:00:00.000000"
    values = "'a', 1, 'Ada', 2, 3, 'tea', :at, :at, 4, 'link', '4/1', 'pending', :at, NULL, 0, NULL, NULL, ''"
    connection.execute(text(f"INSERT INTO reminders ({', '.join(OLD)}) VALUES ({values})"), {"at": moment})


async def test_finding_what_is_next_reads_an_index_and_sorts_nothing(tmp_path: Path) -> None:
    query = "EXPLAIN QUERY PLAN SELECT id FROM reminders WHERE wake_at <= :now ORDER BY wake_at LIMIT 1"

    def plan(connection: Connection) -> str:
        return " ".join(str(row) for row in connection.execute(text(query), {"now": "2026"}))

    async with house(tmp_path) as here:
        steps = await here.database.read(plan)
    assert "USING INDEX reminders_wake" in steps
    assert "TEMP B-TREE" not in steps


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or name in metadata.tables
