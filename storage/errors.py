"""What can be wrong with the place where data is kept, as sentences for the operator."""

import sqlite3

from sqlalchemy.exc import DBAPIError

_SENTENCES = {
    "SQLITE_NOTADB": "is not a database; move it away (or restore a backup) and start again",
    "SQLITE_CORRUPT": "is damaged; restore a backup, or rescue what is left with `sqlite3 FILE .recover`",
    "SQLITE_READONLY": "cannot be written to; check its owner and rights, and that the disk is not mounted read-only",
    "SQLITE_PERM": "may not be opened; check its owner and rights",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and may be written to",
    "SQLITE_FULL": "cannot grow: the disk is full; free some space",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
    "SQLITE_BUSY": "is locked by another program; close that first",
}
"""By primary result code: what is said after the name of the database."""


class StorageError(Exception):
    """The data cannot be opened or kept: one sentence, what is wrong and what to do."""


def explain(error: DBAPIError, where: str) -> StorageError:
    """The sentence for a database error, with the name of the database in front."""
    return StorageError(f"{where}: {_SENTENCES.get(_primary_code(error), f'the database reports: {error.orig}')}")


def _primary_code(error: DBAPIError) -> str:
    """`SQLITE_READONLY_DIRECTORY` is a kind of `SQLITE_READONLY`: the first two words name the family."""
    if not isinstance(error.orig, sqlite3.Error):
        return ""
    return "_".join(str(getattr(error.orig, "sqlite_errorname", "")).split("_")[:2])
