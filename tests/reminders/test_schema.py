"""The migration makes the table that the queries speak of, with its indexes."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from reminders.tables import metadata
from tests.reminders.parts import house


async def test_the_migration_and_the_table_agree(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, metadata))

    async with house(tmp_path) as here:
        assert await here.database.read(differences) == []


async def test_finding_what_is_next_reads_an_index_and_sorts_nothing(tmp_path: Path) -> None:
    query = "EXPLAIN QUERY PLAN SELECT id FROM reminders WHERE wake_at <= :now ORDER BY wake_at LIMIT 1"

    def plan(connection: Connection) -> str:
        return " ".join(str(row) for row in connection.execute(text(query), {"now": "2026"}))

    async with house(tmp_path) as here:
        steps = await here.database.read(plan)
    assert "USING INDEX reminders_wake" in steps
    assert "TEMP B-TREE" not in steps


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or name == "reminders"
