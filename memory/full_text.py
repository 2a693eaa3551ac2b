"""The full-text index of the archive: FTS5 over `author: text`, with a word that names the scope.

It is written in the transaction that writes the archive, so the two cannot differ. Only SQLite has it; elsewhere
nothing is indexed here and recall works by meaning alone.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, bindparam, text

from chat.ids import MessageId
from memory.scopes import Scope
from memory.words import prepared, query

MERGE_PAGES = 200  # of the index in one transaction: a few milliseconds in which nobody else can write
MAX_ID = 2**63 - 1

_PUT = text("INSERT INTO messages_fts (rowid, text, scope) VALUES (:id, :line, :scope)")
_REMOVE = text("DELETE FROM messages_fts WHERE rowid IN :ids").bindparams(bindparam("ids", expanding=True))
# `scope` weighs nothing: it only says where to look. The inner sorter of FTS5 (`rank`) beats sorting by bm25() outside.
_SEARCH = text(
    "SELECT rowid, -rank FROM messages_fts WHERE messages_fts MATCH :query AND rank MATCH 'bm25(1.0, 0.0)'"
    " AND rowid BETWEEN :first AND :last ORDER BY rank LIMIT :limit"
)
_MERGE = text("INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")


def put(connection: Connection, lines: Iterable[tuple[int, str, Scope]]) -> None:
    """Index these lines, which must not be in the index."""
    if not _exists(connection):
        return
    rows = [{"id": id_, "line": prepared(line), "scope": scope} for id_, line, scope in lines]
    if rows:
        connection.execute(_PUT, rows)


def remove(connection: Connection, ids: Collection[int]) -> None:
    if ids and _exists(connection):
        connection.execute(_REMOVE, {"ids": list(ids)})


def search(
    connection: Connection, scope: Scope, question: str, *, limit: int, first: int = 0, last: int = MAX_ID
) -> Sequence[tuple[MessageId, float]]:
    """The best matches with a score (more is better), among messages with an id from `first` to `last`."""
    words = query(question)
    if not words or not _exists(connection):
        return []
    values = {"query": f"scope : {scope} AND text : ({words})", "first": first, "last": last, "limit": limit}
    return [(MessageId(row[0]), float(row[1])) for row in connection.execute(_SEARCH, values)]


def merge(connection: Connection, *, start: bool) -> bool:
    """One step of rewriting the index so that words of removed lines leave the file; True while there is more to do.

    Removing a line only marks its words as gone in a newer segment: they stay in the file until segments are merged.
    """
    if not _exists(connection):
        return False
    before = connection.execute(_CHANGES).scalar_one()
    connection.execute(_MERGE, {"pages": -MERGE_PAGES if start else MERGE_PAGES})
    return connection.execute(_CHANGES).scalar_one() - before >= 2  # fewer means, says SQLite's manual, nothing is left


def _exists(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
