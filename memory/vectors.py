"""The vectors: the one door to Chroma. One collection a scope, with ids and vectors only, so it can be made again.

Importing this takes a second and 60 MB, and Chroma's writes hold the interpreter's lock: only a process apart does both
(`memory/space.py`).
"""

import ctypes
import logging
import platform
import shutil
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import chromadb
import numpy as np
from chromadb.config import Settings

from chat.ids import MessageId
from memory.embedders import Vectors
from memory.scopes import Scope
from memory.space import VectorsError

logger = logging.getLogger(__name__)

SYNC = 1000
"""Chroma writes a collection's index to its files after so many changes, and replays fewer than these after a start."""
M_PERTURB = -6  # from malloc.h
INCOMPLETE = "incomplete"
"""A file that stands in the folder until all that is kept has its vector."""


class VectorStore:
    """Nearest neighbours among the messages of a scope. Every method blocks and raises `VectorsError`."""

    def __init__(self, client: chromadb.ClientAPI, model: str, folder: Path) -> None:
        self._client = client
        self._model = model
        self._folder = folder
        with _as_vectors_error():
            here = [each for each in client.list_collections() if _model(each.name) == model]
        self._collections = {_scope(collection.name): collection for collection in here}
        self._sound: set[Scope] = set()
        self._used: set[Scope] = set()

    @classmethod
    def open(cls, folder: Path, *, model: str, dimension: int, suspected: bool = False) -> Self:
        """The vectors of this model in `folder`; damaged ones are dropped, with those of other models, and said so.

        An index is read from its files (some 3 kB a vector) when it is first asked, counted or written, and looked
        through now only when it is `suspected`.
        """
        with _as_vectors_error():
            folder.mkdir(parents=True, exist_ok=True)
            numbers = sorted(int(old.name) for old in folder.iterdir() if old.name.isdigit())
            for number in numbers[:-1]:
                shutil.rmtree(folder / f"{number:04}", ignore_errors=True)
            if numbers:
                current = folder / f"{numbers[-1]:04}"
                try:
                    return cls._open(current, model, dimension, suspected=suspected)
                except VectorsError as error:
                    if "disk is full" in str(error):
                        raise
                    logger.warning(
                        "the vectors in %s are damaged (%s): making them again from the archive", current, error
                    )
                shutil.rmtree(current, ignore_errors=True)  # Chroma may still be letting go of it: if so, next time
            # Under a new name, because Chroma keeps what it has opened by path.
            return cls._open(folder / f"{max(numbers, default=0) + 1:04}", model, dimension, suspected=False)

    @classmethod
    def _open(cls, folder: Path, model: str, dimension: int, *, suspected: bool) -> Self:
        with _as_vectors_error():
            if not folder.exists():
                folder.mkdir()
                (folder / INCOMPLETE).touch()
            _blank_freed_memory()
            _prepare(folder / "chroma.sqlite3")
            client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
            try:
                store = cls(client, model, folder)
                for scope in store.scopes() if suspected else ():
                    store.nearest(scope, np.ones(dimension, np.float32), 1)
            except BaseException:
                client.close()
                raise
            return store

    # Other models' vectors in the same folder

    def of(self, model: str) -> "VectorStore":
        return VectorStore(self._client, model, self._folder)

    def others(self) -> dict[str, int]:
        """How many vectors there are of each other model."""
        counts: dict[str, int] = {}
        with _as_vectors_error():
            for collection in self._client.list_collections():
                model = _model(collection.name)
                if model != self._model:
                    counts[model] = counts.get(model, 0) + collection.count()
        return counts

    @property
    def is_complete(self) -> bool:
        """Whether all that was kept once had its vector; since then the queue tells what has not."""
        return not (self._folder / INCOMPLETE).exists()

    def mark(self, *, complete: bool) -> None:
        with _as_vectors_error():
            if complete:
                (self._folder / INCOMPLETE).unlink(missing_ok=True)
            else:
                (self._folder / INCOMPLETE).touch()

    def drop_all(self) -> None:
        """Drop everything of this model."""
        for scope in list(self._collections):
            self.drop(scope)

    def put(self, scope: Scope, vectors: Mapping[int, Vectors]) -> None:
        """Set the vectors of these messages."""
        with _as_vectors_error():
            if scope not in self._collections:
                self._collections[scope] = self._client.get_or_create_collection(
                    f"{scope}.{self._model}",
                    embedding_function=None,
                    configuration={"hnsw": {"space": "cosine", "ef_search": 400, "sync_threshold": SYNC}},
                )
            self._used.add(scope)
            self._collections[scope].upsert(
                ids=[str(id_) for id_ in vectors], embeddings=np.stack(list(vectors.values()))
            )

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """Drop the vectors of these messages, those that there are."""
        with _as_vectors_error():
            if scope in self._collections:
                self._used.add(scope)
                self._collections[scope].delete(ids=[str(id_) for id_ in ids])

    def drop(self, scope: Scope) -> None:
        """Drop everything of a scope."""
        with _as_vectors_error():
            if scope in self._collections:
                self._client.delete_collection(self._collections.pop(scope).name)

    def nearest(self, scope: Scope, question: Vectors, count: int) -> list[tuple[MessageId, float]]:
        """The messages closest to the question with their cosine similarity, best first."""
        collection = self._collections.get(scope)
        if collection is None:
            return []
        with _as_vectors_error():
            if scope not in self._sound:
                # An index whose files are lost answers from the latest changes alone, which Chroma replays; what was
                # written first is then known by name, but its vector cannot be read.
                collection.get(limit=1, include=["embeddings"])
                self._sound.add(scope)
                self._used.add(scope)
            found = collection.query(query_embeddings=[question], n_results=count, include=["distances"])
        distances = found["distances"] or [[]]
        return [(MessageId(int(id_)), 1 - d) for id_, d in zip(found["ids"][0], distances[0], strict=True)]

    def count(self, scope: Scope) -> int:
        with _as_vectors_error():
            return self._collections[scope].count() if scope in self._collections else 0

    def scopes(self) -> frozenset[Scope]:
        return frozenset(self._collections)

    def used(self) -> frozenset[Scope]:
        """Those whose index has been read from its files."""
        return frozenset(self._used & self._collections.keys())

    def ids(self, scope: Scope) -> set[int]:
        with _as_vectors_error():
            if scope not in self._collections:
                return set()
            return {int(id_) for id_ in self._collections[scope].get(include=[])["ids"]}

    def close(self) -> None:
        self._client.close()


def _prepare(database: Path) -> None:
    """Make Chroma's database one with a write-ahead log, which halves a small write; Chroma keeps what it finds.

    Never once Chroma has it open: it brings a SQLite of its own, and two in one process do not see each other's locks.
    """
    if not database.exists():
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _blank_freed_memory() -> None:
    """Keep bits of people's messages out of Chroma's files.

    It writes the buffers of an index to disk whole, with whatever was in that memory before. glibc can be told to
    overwrite what is freed; on other systems nothing is known to help.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(M_PERTURB, 0xFF)


def _scope(name: str) -> Scope:
    return Scope(name.partition(".")[0])


def _model(name: str) -> str:
    return name.partition(".")[2]


@contextmanager
def _as_vectors_error() -> Generator[None]:
    """One error for all: Chroma raises its own, ValueErrors, those of SQLite, and panics of its Rust half."""
    try:
        yield
    except (VectorsError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # boundary: a Rust panic is no Exception
        raise VectorsError(f"{type(error).__name__}: {str(error)[:300]}") from error
