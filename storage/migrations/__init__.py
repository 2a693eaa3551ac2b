"""Bring a database to the schema of this program, or say why that cannot be.

Revisions are numbered and in one line (`versions/0001_….py`, `0002_….py`), so "newer than this program" is simply
a number that is not there.
"""

import logging
from importlib.resources import files

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.errors import StorageError, explain

logger = logging.getLogger(__name__)


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision, all of it or nothing. Blocking; raises `StorageError`."""
    where = engine.url.database or engine.url.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            _upgrade(connection, where)
    except DBAPIError as error:
        raise explain(error, where) from error


def known_revisions() -> list[str]:
    """The revisions of this program, oldest first."""
    names = (entry.name for entry in files("storage.migrations.versions").iterdir())
    return sorted(name[:4] for name in names if name[:4].isdigit() and name.endswith(".py"))


def _upgrade(connection: Connection, where: str) -> None:
    known, current = known_revisions(), _revision(connection)
    if current is not None and current not in known:
        raise StorageError(
            f"{where}: was written by a newer digmbot (its schema is {current}, this program knows up to {known[-1]}); "
            "update digmbot, or point storage.data_dir elsewhere"
        )
    if current == known[-1]:
        return
    logger.info("migrating %s from %s to %s", where, current or "nothing", known[-1])
    from alembic import command  # noqa: PLC0415 - takes most of a second, and is needed once a release
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
