from collections.abc import Mapping, Sequence

class WordPiece:
    def __init__(self, vocab: Mapping[str, int], *, unk_token: str, max_input_chars_per_word: int) -> None: ...

class Unigram:
    def __init__(self, vocab: Sequence[tuple[str, float]], unk_id: int, byte_fallback: bool) -> None: ...
