"""Words as the full-text index knows them: SQLite's own tokeniser does it, so the two can never disagree."""

import sqlite3
from collections.abc import Iterable, Sequence
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
        if new := [word for word in dict.fromkeys(words) if word not in known]:
            self._learn(new)
            known = self._known
        return [known.get(word, word) for word in words]

    def _learn(self, words: Iterable[str]) -> None:
        with self._lock:
            if len(self._known) > KNOWN:
                self._known = {}
            numbered = dict(enumerate(words))
            self._connection.executemany("INSERT INTO word (rowid, text) VALUES (?, ?)", numbered.items())
            found: dict[str, list[str]] = {}
            for stem, number in self._connection.execute("SELECT term, doc FROM stem"):
                found.setdefault(numbered[number], []).append(stem)
            self._connection.execute("DELETE FROM word")
            self._known |= {
                word: found[word][0] if len(found.get(word, ())) == 1 else word for word in numbered.values()
            }
