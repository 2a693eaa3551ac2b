"""Text to vectors: one protocol, and the models behind it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors, so that their dot product says how close in meaning they are.

    `embed` blocks (call it in a thread), may be called from several threads at once, cuts texts that are longer than
    the model reads, and answers one row per text, in order, for any list of texts, also an empty one.
    """

    @property
    def name(self) -> str:
        """Names the vector space: vectors of embedders with different names are never compared."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...
