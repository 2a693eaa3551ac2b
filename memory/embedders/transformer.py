"""An encoder on onnxruntime with its tokenizer: what all embedders that run here have in common."""

import ctypes
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from memory.embedders import EmbedderError, Vectors, unit
from memory.embedders.spec import Pooling

BATCH_TEXTS = 16
BATCH_TOKENS = 1024  # padded ones: what keeps a batch of long texts from costing hundreds of megabytes
CHARACTERS_A_TOKEN = 8  # more text than this many times the model's tokens cannot matter; cutting it first is quick
INPUTS = frozenset({"input_ids", "inputs_embeds", "attention_mask", "token_type_ids"})
OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
"""What models call what is wanted of them, best first; else it is their first output."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a model wants to be given text."""

    tokens: Callable[[str], Sequence[int]]
    """A text's ids with the marks around them, at most `max_tokens`. Called from several threads at once."""
    max_tokens: int
    before_passage: str = ""
    before_question: str = ""
    embeddings: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None
    """The vectors that the tokens begin with, when the model wants these (`inputs_embeds`) instead of ids."""


class Transformer:
    """An `Embedder` on one core. Memory stays small: no arena, small batches, sorted by length to waste no padding."""

    def __init__(self, model: Path, reading: Reading, *, name: str, pooling: Pooling = "mean") -> None:
        self.name = name
        self._reading = reading
        self._pooling: Pooling = pooling
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {wanted.name for wanted in self._session.get_inputs()}
        words = "inputs_embeds" if reading.embeddings else "input_ids"
        if words not in self._inputs or not self._inputs <= INPUTS:
            raise EmbedderError(f"{model} wants {', '.join(sorted(self._inputs))}, and is no text encoder")
        outputs = [made.name for made in self._session.get_outputs()]
        self._output = next((name for name in OUTPUTS if name in outputs), outputs[0])
        self.dimension = len(self._run([[0]])[0])
        _give_back()

    def embed(self, texts: Sequence[str]) -> Vectors:
        tokens = [self._tokens(self._reading.before_passage + text) for text in texts]
        vectors: Vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in _batches(tokens):
            vectors[batch] = self._run([tokens[i] for i in batch])
        return vectors

    def embed_question(self, question: str) -> Vectors:
        return self._run([self._tokens(self._reading.before_question + question)])[0]

    def _tokens(self, text: str) -> Sequence[int]:
        reading = self._reading
        whole = text[: CHARACTERS_A_TOKEN * reading.max_tokens].encode("utf-8", "replace").decode("utf-8")
        return reading.tokens(whole) or [0]

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, here, text in zip(ids, mask, tokens, strict=True):
            row[: len(text)] = text
            here[: len(text)] = 1
        given: dict[str, NDArray[np.int64] | NDArray[np.float32]] = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(ids),
        }
        if self._reading.embeddings:
            given["inputs_embeds"] = self._reading.embeddings(ids)
        try:
            states = self._session.run([self._output], {name: given[name] for name in self._inputs})[0]
        except Exception as error:  # boundary: onnxruntime raises many kinds, and none that says more
            raise EmbedderError(f"the model {self.name} failed: {' '.join(str(error).split())[:300]}") from error
        return unit(self._pooled(np.asarray(states, np.float32), mask))

    def _pooled(self, states: NDArray[np.float32], mask: NDArray[np.int64]) -> Vectors:
        if states.ndim == 2:  # the model pools by itself
            return states
        if self._pooling == "cls":
            return states[:, 0]
        return np.asarray((states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True), np.float32)


def tokens_of(tokenizer: Tokenizer, max_tokens: int) -> Callable[[str], Sequence[int]]:
    """How a `Reading` uses a tokenizer of the library `tokenizers`."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return lambda text: tokenizer.encode(text).ids


def _give_back() -> None:
    """Hand freed memory back to the system: loading takes some thirty megabytes more than what stays."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Indices of texts of similar length, in batches that fit the bounds."""
    batch: list[int] = []
    for index in sorted(range(len(tokens)), key=lambda i: len(tokens[i])):
        if batch and (len(batch) == BATCH_TEXTS or (len(batch) + 1) * len(tokens[index]) > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
