"""SentencePiece's unigram model: a text becomes those pieces of words that are together the most likely.

The library `tokenizers` can do this too, with 260 MB for a vocabulary of 250,000 pieces; this takes 40 MB, and next to
the network behind it no time.
"""

import unicodedata
from array import array
from functools import lru_cache

from memory.embedders.e5_file import Words

SPACE = "\u2581"  # stands before a word
UNKNOWN_COSTS = 10.0  # more than the least likely piece
REMEMBERED = 16_384  # words; most of a chat is made of few
LONGEST_REMEMBERED = 24  # characters; scripts without spaces have "words" as long as a message


class Unigram:
    """Text to ids, with the marks for beginning and end around them."""

    def __init__(self, words: Words, max_tokens: int) -> None:
        self._normal = words.normal
        self._ids = {
            piece: id_ for id_, (piece, score) in enumerate(zip(words.pieces, words.scores, strict=True)) if score
        }
        self._scores = array("f", words.scores)
        self._longest = max(map(len, self._ids))
        self._begin, self._end, self._unknown = words.begin, words.end, words.unknown
        self._unknown_score = min(words.scores) - UNKNOWN_COSTS
        self._max_tokens = max_tokens
        self._remembered = lru_cache(REMEMBERED)(self._word)

    def __call__(self, text: str) -> list[int]:
        tokens = [self._begin]
        for word in unicodedata.normalize("NFKC", text).translate(self._normal).split():
            word_ = self._remembered if len(word) <= LONGEST_REMEMBERED else self._word
            for id_ in word_(SPACE + word):
                if id_ != self._unknown or tokens[-1] != self._unknown:  # several unknown in a row are one
                    tokens.append(id_)
            if len(tokens) >= self._max_tokens:
                break
        return [*tokens[: self._max_tokens - 1], self._end]

    def _word(self, word: str) -> tuple[int, ...]:
        """The likeliest pieces of a word: the best way to each of its places, from those before."""
        best = [0.0, *[float("-inf")] * len(word)]
        came: list[tuple[int, int]] = [(0, 0)] * (len(word) + 1)
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + self._longest) + 1):
                id_ = self._ids.get(word[start:end], self._unknown)
                if id_ != self._unknown:
                    score = best[start] + self._scores[id_]
                elif end == start + 1:
                    score = best[start] + self._unknown_score
                else:
                    continue
                if score > best[end]:
                    best[end], came[end] = score, (start, id_)
        ids: list[int] = []
        place = len(word)
        while place:
            place, id_ = came[place]
            ids.append(id_)
        return tuple(reversed(ids))
