"""The part of tokenizers that is used here; its own stubs leave keyword arguments untyped."""

from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

class Encoding:
    @property
    def ids(self) -> list[int]: ...

class Tokenizer:
    normalizer: BertNormalizer
    pre_tokenizer: BertPreTokenizer
    post_processor: BertProcessing
    def __init__(self, model: WordPiece) -> None: ...
    def enable_truncation(self, max_length: int) -> None: ...
    def encode(self, sequence: str) -> Encoding: ...
