"""Words for the full-text index: how text is prepared for it and how a question becomes a query.

FTS5's tokeniser knows a word by the spaces around it. Scripts that write none (Chinese, Japanese, Thai, …) and Korean,
which glues its particles on, are spread out into single characters; a question in them asks for pairs of neighbours.
"""

import re
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from memory.stems import Stems

MAX_WORDS = 40  # of a question: more find nothing better, and each costs a walk through all messages that have it
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Korean
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
)
_CHARACTER = re.compile(f"([{_UNSPACED}])")
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]+")
_ASCII_BREAKS = {number: " " for number in range(128) if not chr(number).isalnum()}
_STEMS = Stems()

STOP_WORDS = frozenset(
    """
    a about after again ago all also am an and any anyone anything are as at be because been before being between both
    but by can could d did didn do does doesn doing don done during each else ever every for from get give got had has
    hasn have haven having he her here hers him his how i if in into is isn it its just know let like ll m many may
    maybe me might mine more most much must my near no nor not of off on once one only or other our out over own please
    re really s said say says shall she should so some somebody someone something such t tell than that the their them
    then there these they this those through to too under until up us ve very was wasn we were what when where which
    while who whom whose why will with won would you your yours
    """.split()  # noqa: SIM905 - a list of 150 quoted words reads worse
)


def prepared(text: str) -> str:
    """The text as it goes into the index."""
    return _CHARACTER.sub(r" \1 ", text)


def telling(question: str) -> Sequence[str]:
    """The words of a question that say what it is about, lower-cased; all its words when it has no others."""
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    return [word for word in words if word not in STOP_WORDS] or words


def query(question: str) -> str:
    """An FTS5 expression that finds messages with any of the question's words; empty when it has none.

    Every word is quoted, so nothing in a question is an operator. A question of stop words only ("who are you") is
    looked up as the phrase that it is.
    """
    words = telling(question)
    if all(word in STOP_WORDS for word in words):
        return _phrase(words[:MAX_WORDS])
    return " OR ".join([term for word in words for term in _phrases(word)][:MAX_WORDS])


class Tally:
    """Counts the words of one question in many texts; a word counts for all that have its stem."""

    def __init__(self, question: str) -> None:
        wanted = _STEMS.of([part for word in telling(question) for part in _parts(word)])
        self._columns = {stem: number for number, stem in enumerate(dict.fromkeys(wanted))}

    def __len__(self) -> int:
        """How many different words the question has."""
        return len(self._columns)

    def counted(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How often each word of the question is in each text (a row a text), and how many words each text has."""
        words = [_split(text) for text in texts]
        lengths = [len(each) for each in words]
        every = list(chain.from_iterable(words))
        different = list(dict.fromkeys(every))
        column = {word: self._columns.get(stem, -1) for word, stem in zip(different, _STEMS.of(different), strict=True)}
        columns = np.array([column[word] for word in every], np.intp)
        rows = np.repeat(np.arange(len(texts)), lengths)
        counts = np.zeros((len(texts), len(self)))
        np.add.at(counts, (rows[columns >= 0], columns[columns >= 0]), 1)
        return counts, np.array(lengths, np.float64)


def _split(text: str) -> Sequence[str]:
    if text.isascii():
        return text.lower().translate(_ASCII_BREAKS).split()  # three times as quick, and a recall splits a thousand
    return [part for word in _WORD.findall(text.lower()) for part in _parts(word)]


def _parts(word: str) -> Sequence[str]:
    """What is compared: a word, or the pairs of neighbours in a run of a script that writes no spaces."""
    return ["".join(pair) for pair in pairwise(word)] if len(word) > 1 and _RUN.match(word) else [word]


def _phrases(word: str) -> list[str]:
    if not _RUN.fullmatch(word) or len(word) == 1:
        return [_phrase([word])]
    return [_phrase(pair) for pair in pairwise(word)]


def _phrase(words: Sequence[str]) -> str:
    return f'"{" ".join(words)}"' if words else ""
