"""Words as the full-text index knows them: SQLite's own tokeniser does it, so the two can never disagree."""

import sqlite3
from collections.abc import Sequence
from threading import Lock

TOKENIZER = "porter unicode61"
KNOWN = 50_000  # words whose stem is kept; more than a person's vocabulary, a few megabytes


class Stems:
    """The stem of each word ("houses" → "hous"); any thread may ask."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._lock = Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute(f"CREATE VIRTUAL TABLE word USING fts5(text, tokenize = '{TOKENIZER}')")
        self._connection.execute("CREATE VIRTUAL TABLE stem USING fts5vocab(word, 'instance')")

    def of(self, words: Sequence[str]) -> list[str]:
        """One for each, in order. A word that the tokeniser takes apart or throws away stays as it is."""
        known = self._known
        try:
            return [known[word] for word in words]
        except KeyError:
            known = self._learn(words)
        return [known[word] for word in words]

    def _learn(self, words: Sequence[str]) -> dict[str, str]:
        with self._lock:
            known = self._known if len(self._known) < KNOWN else {}
            new = dict(enumerate(word for word in dict.fromkeys(words) if word not in known))
            self._connection.executemany("INSERT INTO word (rowid, text) VALUES (?, ?)", new.items())
            found: dict[str, list[str]] = {}
            for stem, number in self._connection.execute("SELECT term, doc FROM stem"):
                found.setdefault(new[number], []).append(stem)
            self._connection.execute("DELETE FROM word")
            stems = {word: found[word][0] if len(found.get(word, ())) == 1 else word for word in new.values()}
            self._known = known | stems
            return self._known
