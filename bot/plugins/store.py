"""The small storage of each plugin, and the door to what plugins keep of a person."""

import json
from collections.abc import Mapping

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.plugins.plugin import PluginError
from bot.tables import plugin_state
from chat.ids import UserId
from storage.database import Database

MAX_KEYS = 10_000
MAX_BYTES = 1_000_000
MAX_KEY = 200

VALUE = TypeAdapter[JsonValue](JsonValue)


class DatabaseStore:
    """`Store` over the table `plugin_state`."""

    def __init__(self, database: Database, plugin: str) -> None:
        self._database = database
        self._plugin = plugin

    async def get(self, key: str) -> JsonValue:
        query = select(plugin_state.c.value).where(self._mine, plugin_state.c.key == key)
        try:
            found = await self._database.read(lambda c: c.execute(query).scalar())
        except DBAPIError as error:
            raise _unusable(error) from error
        return None if found is None else VALUE.validate_json(found)

    async def put(self, key: str, value: JsonValue, *, about: UserId | None = None) -> None:
        if not 0 < len(key) <= MAX_KEY:
            raise PluginError(f"a key has 1 to {MAX_KEY} characters")
        text = json.dumps(VALUE.validate_python(value), ensure_ascii=False)
        row = {"plugin": self._plugin, "key": key, "value": text, "person_id": about}

        def work(connection: Connection) -> None:
            connection.execute(delete(plugin_state).where(self._mine, plugin_state.c.key == key))
            size = func.coalesce(func.sum(func.length(plugin_state.c.value) + func.length(plugin_state.c.key)), 0)
            count, used = connection.execute(select(func.count(), size).where(self._mine)).one()
            if count >= MAX_KEYS or used + len(text) + len(key) > MAX_BYTES:
                raise PluginError(f"the storage of {self._plugin} is full; it must drop something first")
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(insert(plugin_state).values(row))

        try:
            await self._database.write(work)
        except DBAPIError as error:
            raise _unusable(error) from error

    async def drop(self, key: str) -> bool:
        statement = delete(plugin_state).where(self._mine, plugin_state.c.key == key)
        try:
            return await self._database.write(lambda c: c.execute(statement).rowcount > 0)
        except DBAPIError as error:
            raise _unusable(error) from error

    async def items(self, prefix: str = "") -> Mapping[str, JsonValue]:
        beginning = plugin_state.c.key.startswith(prefix, autoescape=True)
        query = select(plugin_state.c.key, plugin_state.c.value).where(self._mine, beginning).order_by("key")

        def work(connection: Connection) -> dict[str, JsonValue]:
            # SQLite's LIKE knows no case
            rows = connection.execute(query).all()
            return {key: VALUE.validate_json(value) for key, value in rows if key.startswith(prefix)}

        try:
            return await self._database.read(work)
        except DBAPIError as error:
            raise _unusable(error) from error

    @property
    def _mine(self) -> ColumnElement[bool]:
        return plugin_state.c.plugin == self._plugin


class KeptByPlugins:
    """What plugins keep of one person, whichever plugin."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person: UserId) -> list[dict[str, JsonValue]]:
        columns = plugin_state.c
        query = select(columns.plugin, columns.key, columns.value).where(columns.person_id == person)
        rows = await self._database.read(lambda c: c.execute(query.order_by("plugin", "key")).all())
        return [{"plugin": plugin, "key": key, "value": VALUE.validate_json(value)} for plugin, key, value in rows]

    async def forget(self, person: UserId) -> None:
        statement = delete(plugin_state).where(plugin_state.c.person_id == person)
        await self._database.write(lambda c: c.execute(statement))


def _unusable(error: DBAPIError) -> PluginError:
    return PluginError(f"the storage cannot be used: {type(error.orig).__name__}")
