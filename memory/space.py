"""The space of meaning: an embedder, and the vectors that it made. It lives in a process of its own (`memory/apart`).

Everything here blocks. Several questions may be asked at once, beside one change.
"""

import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from chat.ids import MessageId
from memory.batches import batches
from memory.embedders import Embedder, Vectors
from memory.scopes import Scope

if TYPE_CHECKING:
    from memory.vectors import VectorStore

WRITE = 16  # vectors written at once: Chroma lets no question through meanwhile
QUESTIONS = 64  # whose vectors are remembered: one recall asks the same several times
COURTESY_SECONDS = 1.0

LoadEmbedder = Callable[[], Embedder]
"""Loads a model. Blocks; may raise whatever a broken installation raises."""


class VectorsError(Exception):
    """The vector store could not do it."""


class Space:
    """Questions have precedence: a change lets go between small batches as long as one is being asked."""

    def __init__(self, embedder: Embedder, store: "VectorStore") -> None:
        self._embedder = embedder
        self._store = store
        self._question = lru_cache(QUESTIONS)(embedder.embed_question)
        self._asked = 0
        self._quiet = threading.Condition()

    @classmethod
    def open(cls, load: LoadEmbedder, folder: Path) -> Self:
        """Raises what `load` raises, or `VectorsError`."""
        # Not at the top: it imports Chroma, which takes seconds and 60 MB, and only the process apart shall spend that.
        from memory.vectors import VectorStore  # noqa: PLC0415

        embedder = load()
        return cls(embedder, VectorStore.open(folder, model=embedder.name, dimension=embedder.dimension))

    # Questions

    def nearest(self, scope: Scope, questions: Sequence[str], count: int) -> dict[MessageId, float]:
        """Cosine similarities of the messages closest to what the questions mean together, best first."""
        with self._asking():
            return dict(self._store.nearest(scope, self._meant(questions), count))

    def similarities(
        self, scope: Scope, questions: Sequence[str], ids: Collection[MessageId]
    ) -> dict[MessageId, float]:
        """The same for certain messages, those of them that have a vector."""
        with self._asking():
            vectors = self._store.get(scope, ids)
            if not vectors:
                return {}
            cosines = np.stack(list(vectors.values())) @ self._meant(questions)
            return dict(zip(vectors, map(float, cosines), strict=True))

    def _meant(self, questions: Sequence[str]) -> Vectors:
        together = np.sum([self._question(question) for question in questions], axis=0)
        return np.asarray(together / (float(np.linalg.norm(together)) or 1.0), np.float32)

    @contextmanager
    def _asking(self) -> Generator[None]:
        with self._quiet:
            self._asked += 1
        try:
            yield
        finally:
            with self._quiet:
                self._asked -= 1
                self._quiet.notify_all()

    # Changes

    def index(self, scope: Scope, lines: Mapping[int, str]) -> None:
        """Set the vectors of these messages."""
        self._give_way()
        vectors = self._embedder.embed(list(lines.values()))
        for some in batches(list(zip(lines, vectors, strict=True)), WRITE):
            self._give_way()
            self._store.put(scope, dict(some))

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        for some in batches(ids, WRITE):
            self._give_way()
            self._store.remove(scope, some)

    def drop(self, scope: Scope) -> None:
        self._store.drop(scope)

    def counts(self) -> dict[Scope, int]:
        """How many vectors there are of each scope."""
        return {scope: self._store.count(scope) for scope in self._store.scopes()}

    def ids(self, scope: Scope) -> set[int]:
        return self._store.ids(scope)

    def close(self) -> None:
        self._store.close()

    def _give_way(self) -> None:
        with self._quiet:
            self._quiet.wait_for(lambda: not self._asked, COURTESY_SECONDS)
