"""Long lists in pieces that keep a transaction, or an IN (…), short."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
ROWS = 500  # in one transaction or one IN (…): keeps the writer free for others


def batches(items: Sequence[T], size: int = ROWS) -> Iterator[Sequence[T]]:
    return (items[i : i + size] for i in range(0, len(items), size))
