"""How each plugin is doing: named in the log, kept for the doctor, switched off when it fails again and again."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.plugins.apart import Apart
from bot.plugins.plugin import Inline, Plugin
from bot.tables import plugin_health
from chat.clock import Clock
from storage.database import Database

logger = logging.getLogger(__name__)

FAILURES = 3
"""In a row, after which a plugin is left out."""
LONGEST = 500


@dataclass(slots=True)
class Installed:
    """A plugin in its place in the pipeline."""

    plugin: Plugin
    origin: str
    """Where it is from, for people."""
    apart: Apart | None = None
    """The thread of a third-party plugin; None for ours."""
    failures: int = field(default=0)
    disabled: bool = False

    @property
    def name(self) -> str:
        return self.plugin.name

    @property
    def handles(self) -> bool:
        """Whether it wants to see events at all."""
        return not isinstance(self.plugin, Inline) and type(self.plugin).handle is not Plugin.handle


class Health:
    """Writes down what was wrong since the start."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self) -> None:
        """A new start is a new chance. Never raises for the database."""
        await self._write(lambda c: c.execute(delete(plugin_health)))

    async def not_loaded(self, name: str, problem: str) -> None:
        logger.error("the plugin %s is not used: %s", name, problem)
        await self._note(name, f"could not be used: {problem}", disabled=True)

    async def failed(self, installed: Installed, problem: str, *, for_good: bool = False) -> None:
        """Its failures in a row are counted; ours are never switched off."""
        installed.failures += 1
        if installed.apart is None:
            return
        if for_good or installed.failures >= FAILURES:
            installed.disabled = True
            logger.error("the plugin %s (%s) is switched off: it %s", installed.name, installed.origin, problem)
        else:
            logger.warning("the plugin %s (%s) %s", installed.name, installed.origin, problem)
        await self._note(installed.name, problem, disabled=installed.disabled)

    @staticmethod
    def went_well(installed: Installed) -> None:
        installed.failures = 0

    async def _note(self, name: str, problem: str, *, disabled: bool) -> None:
        row = {
            "plugin": name[:64],
            "problem": problem[:LONGEST],
            "disabled": disabled,
            "at": self._clock(),
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(plugin_health).where(plugin_health.c.plugin == row["plugin"]))
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(insert(plugin_health).values(row))

        await self._write(work)

    async def _write(self, work: Callable[[Connection], object]) -> None:
        try:
            await self._database.write(work)
        except DBAPIError as error:
            logger.warning("the state of the plugins cannot be written: %s", error.orig)
