"""Search by meaning: the embedder and its vectors, made ready in the background while the rest already works."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np

from chat.ids import MessageId
from memory.embedders import Embedder, EmbedderError
from memory.scopes import Scope

if TYPE_CHECKING:
    from memory.vectors import VectorStore

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)

LoadEmbedder = Callable[[], Embedder]
"""Loads a model. Blocks; may raise whatever a broken installation raises."""


class VectorsError(Exception):
    """The vector store could not do it."""


class Meaning:
    """An embedder with the vectors that it made. Questions may come from any thread; changes go through `work`."""

    def __init__(self, embedder: Embedder, store: "VectorStore") -> None:
        self.embedder = embedder
        self.store = store
        self._worker = ThreadPoolExecutor(1, "vectors")

    async def work(self, what: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run this in the one thread that changes vectors."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, partial(what, *args, **kwargs))

    async def nearest(self, scope: Scope, questions: Sequence[str], count: int) -> dict[MessageId, float]:
        """Cosine similarities of the messages closest to what the questions mean together, best first."""
        return await asyncio.to_thread(self._nearest, scope, questions, count)

    def _nearest(self, scope: Scope, questions: Sequence[str], count: int) -> dict[MessageId, float]:
        together = np.sum([self.embedder.embed_question(question) for question in questions], axis=0)
        length = float(np.linalg.norm(together)) or 1.0
        return dict(self.store.nearest(scope, np.asarray(together / length, np.float32), count))

    def close(self) -> None:
        """Blocking: a change that has begun, even one nobody awaits any more, is finished first."""
        self._worker.shutdown()
        self.store.close()


class MeaningDoor:
    """Holds the `Meaning` once it is loaded; until then, or when that failed, there is none."""

    def __init__(self, load: LoadEmbedder, folder: Path) -> None:
        self._load = load
        self._folder = folder
        self.now: Meaning | None = None

    async def open(self) -> Meaning | None:
        """Load it, off the loop; None when that cannot be, which the log explains."""
        try:
            self.now = await asyncio.to_thread(self._open)
        except EmbedderError as error:
            logger.error("search by meaning is off: %s; words still work", error)  # noqa: TRY400 - it says it all
        except Exception:  # boundary: whatever is wrong with a model or with Chroma, the archive still works
            logger.exception("search by meaning is off, because its parts could not be loaded; words still work")
        return self.now

    async def reopen(self) -> Meaning | None:
        """After trouble with the vectors: look at them again, and start them afresh when they are damaged."""
        await self.close()
        return await self.open()

    async def close(self) -> None:
        meaning, self.now = self.now, None
        if meaning is not None:
            await asyncio.to_thread(meaning.close)

    def _open(self) -> Meaning:
        # Not at the top: importing Chroma takes seconds and 60 MB, which a command like `memory stats` need not spend.
        from memory.vectors import VectorStore  # noqa: PLC0415

        embedder = self._load()
        store = VectorStore.open(self._folder, model=embedder.name, dimension=embedder.dimension)
        return Meaning(embedder, store)
