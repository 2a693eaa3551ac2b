"""Two rankings into one: how close in meaning, and how many telling words in common.

Scores are brought to one scale (mean 0, deviation 1 over all candidates) and added. Ranks instead of scores would lose
what matters most, namely how much better the first is than the second.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chat.ids import MessageId

MEANING = 0.45
WORDS = 0.55

Ranking = Sequence[tuple[MessageId, float]]
"""Ids with scores, best first."""


def fuse(by_meaning: Ranking, by_words: Ranking, *, all_words: bool) -> list[tuple[MessageId, float]]:
    """All candidates of both, best first. `all_words`: no other message shares a word with the question."""
    ids = list(dict.fromkeys(id_ for id_, _ in (*by_meaning, *by_words)))
    if not ids:
        return []
    meaning = _scaled(ids, dict(by_meaning), by_meaning[-1][1] if by_meaning else 0.0)
    words = _scaled(ids, dict(by_words), 0.0 if all_words or not by_words else by_words[-1][1])
    scores = MEANING * meaning + WORDS * words
    return [(ids[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]


def _scaled(ids: Sequence[MessageId], scores: Mapping[MessageId, float], missing: float) -> NDArray[np.float64]:
    """`missing` is what a candidate scores that only the other ranking found."""
    values = np.array([scores.get(id_, missing) for id_ in ids], np.float64)
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 0 else np.zeros_like(values)
