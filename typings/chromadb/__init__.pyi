"""The part of chromadb that is used here; its own types miss `close` and are wider than what it takes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

class QueryResult(TypedDict):
    ids: list[list[str]]
    distances: list[list[float]] | None

class GetResult(TypedDict):
    ids: list[str]
    embeddings: NDArray[np.float64] | None

class Collection:
    name: str
    def upsert(self, *, ids: Sequence[str], embeddings: NDArray[np.float32]) -> None: ...
    def delete(self, *, ids: Sequence[str]) -> None: ...
    def query(
        self, *, query_embeddings: Sequence[NDArray[np.float32]], n_results: int, include: Sequence[str]
    ) -> QueryResult: ...
    def get(
        self, *, ids: Sequence[str] | None = None, limit: int | None = None, include: Sequence[str]
    ) -> GetResult: ...
    def count(self) -> int: ...

class ClientAPI:
    def list_collections(self) -> Sequence[Collection]: ...
    def get_or_create_collection(
        self, name: str, *, embedding_function: None, configuration: Mapping[str, Mapping[str, str | int]]
    ) -> Collection: ...
    def delete_collection(self, name: str) -> None: ...
    def close(self) -> None: ...

class PersistentClient(ClientAPI):
    def __init__(self, path: Path, *, settings: Settings) -> None: ...
