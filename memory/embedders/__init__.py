"""Text to vectors: one protocol, and the models behind it. `memory.embedders.spec` says which one, and loads it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EmbedderError(Exception):
    """An embedder cannot be used as it is configured: one sentence for the operator, without any secret."""


class EmbedderAwayError(EmbedderError):
    """The embedder cannot be reached or is overloaded: the same call may succeed later."""


class Embedder(Protocol):
    """Turns texts into unit vectors, so that their dot product says how close in meaning they are.

    Both methods block (call them in a thread), may be called from several threads at once, cut texts that are longer
    than the model reads, and take any text, also an empty one. They raise `EmbedderError` when the model fails.
    """

    @property
    def name(self) -> str:
        """Names the vector space: vectors of embedders with different names are never compared.

        Letters, digits, "-" and "_" only, because collections are named after it.
        """
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """What was said: one row per text, in order, for any list of texts, also an empty one."""
        ...

    def embed_question(self, question: str) -> Vectors:
        """What is asked: one vector, to be compared with those of `embed`. Many models tell the two apart."""
        ...


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length one. Raises `EmbedderError` for what has no direction."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise EmbedderError("the model answers with vectors that are zero, infinite or no numbers")
    return np.asarray(vectors / lengths, np.float32)
