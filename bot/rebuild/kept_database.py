"""The database as it was before a version that changes it: its migrations lead forward only."""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeptDatabase:
    """A copy of the SQLite file. Everything here blocks, and wants that nobody else writes to the file."""

    database: Path
    copy: Path

    def keep(self) -> None:
        """Raises OSError or sqlite3.Error."""
        if not self.database.exists():
            return
        fresh = self.copy.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with (
            contextlib.closing(sqlite3.connect(self.database)) as source,
            contextlib.closing(sqlite3.connect(fresh)) as target,
        ):
            source.backup(target)
        fresh.replace(self.copy)

    def put_back(self) -> None:
        """Nothing happens where none was kept."""
        if self.copy.exists():
            for end in ("-wal", "-shm"):  # what was written since belongs to the other one
                self.database.with_name(self.database.name + end).unlink(missing_ok=True)
            self.copy.replace(self.database)

    def drop(self) -> None:
        self.copy.unlink(missing_ok=True)
