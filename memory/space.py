"""The space of meaning: an embedder, and the vectors that it made. It lives in a process of its own (`memory/apart`).

Everything here blocks. Several questions may be asked at once, beside one change.
"""

import logging
import threading
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from chat.ids import MessageId
from memory.batches import batches
from memory.embedders import Embedder, EmbedderError, Vectors
from memory.scopes import Scope

if TYPE_CHECKING:
    from memory.vectors import VectorStore

AT_ONCE = 64
"""Texts embedded, or vectors written or removed, before questions get their turn: some 20 ms in which Chroma lets none
through. Fewer cost more in all; on a second thread, both wait for the interpreter's lock more than they gain.
"""
QUESTIONS = 64  # whose vectors are remembered: one recall asks the same several times
COURTESY_SECONDS = 1.0

LoadEmbedder = Callable[[], Embedder]
"""Loads a model. Blocks; may raise whatever a broken installation raises."""
LoadNamed = Callable[[str], Embedder]
"""Loads the model that made vectors, by the name of its vector space. Raises `EmbedderError` when it cannot be had."""

logger = logging.getLogger(__name__)


class VectorsError(Exception):
    """The vector store could not do it."""


class Due(NamedTuple):
    """A message whose vector is to be made, as the indexes read it."""

    scope: Scope
    id: int
    line: str


class _Model:
    """One embedder with the vectors that it made."""

    def __init__(self, embedder: Embedder, store: "VectorStore") -> None:
        self.embedder = embedder
        self.store = store
        self._vector = lru_cache(QUESTIONS)(embedder.embed_question)

    def meant(self, questions: Sequence[str]) -> Vectors:
        """What the questions mean together."""
        together = np.sum([self._vector(question) for question in questions], axis=0)
        return np.asarray(together / (float(np.linalg.norm(together)) or 1.0), np.float32)


class Space:
    """Questions have precedence: a change lets go between small batches as long as one is being asked.

    When the embedder is another than last time, the vectors of the former one answer until those of the new are there.
    """

    def __init__(self, model: _Model, former: _Model | None) -> None:
        self._model = model
        self._former = former
        self._asked = 0
        self._quiet = threading.Condition()

    @classmethod
    def open(cls, load: LoadEmbedder, load_named: LoadNamed, folder: Path) -> Self:
        """Raises what `load` raises, or `VectorsError`."""
        # Not at the top: it imports Chroma, which takes a second and 60 MB, which only the process apart shall spend.
        from memory.vectors import VectorStore  # noqa: PLC0415

        embedder = load()
        store = VectorStore.open(folder, model=embedder.name, dimension=embedder.dimension)
        try:
            return cls(_Model(embedder, store), _former(store, embedder.name, load_named))
        except BaseException:
            store.close()
            raise

    # Questions

    def nearest(self, scope: Scope, questions: Sequence[str], count: int) -> dict[MessageId, float]:
        """Cosine similarities of the messages closest to what the questions mean together, best first."""
        with self._asking() as model:
            return dict(model.store.nearest(scope, model.meant(questions), count))

    def similarities(
        self, scope: Scope, questions: Sequence[str], ids: Collection[MessageId]
    ) -> dict[MessageId, float]:
        """The same for certain messages, those of them that have a vector."""
        with self._asking() as model:
            vectors = model.store.get(scope, ids)
            if not vectors:
                return {}
            cosines = np.stack(list(vectors.values())) @ model.meant(questions)
            return dict(zip(vectors, map(float, cosines), strict=True))

    @contextmanager
    def _asking(self) -> Generator[_Model]:
        with self._quiet:
            self._asked += 1
            model = self._former or self._model
        try:
            yield model
        finally:
            with self._quiet:
                self._asked -= 1
                self._quiet.notify_all()

    # Changes

    def index(self, due: Sequence[Due]) -> None:
        """Set the vectors of these messages: they are new, or have changed."""
        if self._former:
            self._index(self._former, due)
        self._index(self._model, due)

    def complete(self, due: Sequence[Due]) -> None:
        """Set vectors that are missing."""
        self._index(self._model, due)

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        for store in self._stores():
            for some in batches(ids, AT_ONCE):
                self._give_way()
                store.remove(scope, some)

    def drop(self, scope: Scope) -> None:
        for store in self._stores():
            store.drop(scope)

    def finish(self) -> None:
        """Nothing is missing any more: a former embedder's vectors have served."""
        if (former := self._former) is None:
            return
        with self._quiet:
            self._former = None
        self._give_way()
        former.store.drop_all()
        names = self._model.embedder.name, former.embedder.name
        logger.info("search by meaning now works with %s; the vectors of %s are dropped", *names)

    def counts(self) -> dict[Scope, int]:
        """How many vectors there are of each scope."""
        store = self._model.store
        return {scope: store.count(scope) for scope in store.scopes()}

    def ids(self, scope: Scope) -> set[int]:
        return self._model.store.ids(scope)

    def close(self) -> None:
        self._model.store.close()

    def _stores(self) -> list["VectorStore"]:
        return [each.store for each in (self._model, self._former) if each]

    def _index(self, model: _Model, due: Sequence[Due]) -> None:
        made: dict[Scope, dict[int, Vectors]] = {}
        for some in batches(due, AT_ONCE):
            self._give_way()
            vectors = model.embedder.embed([each.line for each in some])
            for each, vector in zip(some, vectors, strict=True):
                made.setdefault(each.scope, {})[each.id] = vector
        for scope, new in made.items():
            for part in batches(list(new.items()), AT_ONCE):
                self._give_way()
                model.store.put(scope, dict(part))

    def _give_way(self) -> None:
        with self._quiet:
            self._quiet.wait_for(lambda: not self._asked, COURTESY_SECONDS)


def _former(store: "VectorStore", name: str, load_named: LoadNamed) -> _Model | None:
    """The model whose vectors know more than those of the present one; what is of no use any more is dropped."""
    others = store.others()
    known = sum(store.count(scope) for scope in store.scopes())
    best = max(others, key=lambda model: others[model], default=None)
    former: _Model | None = None
    if best is not None and others[best] > known:
        try:
            former = _Model(load_named(best), store.of(best))
        except EmbedderError as error:
            logger.warning(
                "the embedder is %s now, and the former one is gone (%s): words do most of the finding until "
                "all messages have new vectors",
                name,
                error,
            )
        else:
            logger.info("the embedder is %s now; the vectors of %s answer until all messages have new ones", name, best)
    for model in others.keys() - ({best} if former else set()):
        store.of(model).drop_all()
    return former
