"""The order of what was found. The two indexes only propose; here each is weighed with all that is known of it.

A line is judged by its own words and by those around it (in a chat, the answer to "where shall we meet?" is "the usual
place"), by its meaning, by who said it, and by whether it tells anything. Figures: `docs/memory.md`, `bench/locomo.py`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chat.ids import MessageId, created_at
from memory.surroundings import Line, Surroundings
from memory.words import STOP_WORDS, Tally

Scores = NDArray[np.float64]

WORDS, MEANING = 0.55, 0.45
NEAR = {1: 0.5, 2: 0.5, 3: 0.4, 4: 0.3, 5: 0.3}
"""What a word counts that stands so many messages away."""
DATE = 0.3
"""What a word of the question counts that is in the date of the message."""
NEIGHBOURS = 0.5
"""What the meaning of the message before and of the one after count."""
SATURATION, LENGTH = 0.8, 0.75
"""k1 and b of BM25."""
NAMED = 1.2
"""For a line by somebody whom the question names; all bonuses are in standard deviations of the score."""
WORTH = 0.4
"""For a line that is longer than others: "lol" answers nothing."""
ASKS = -0.4
"""For a line that is a question itself: what is wanted is its answer."""
ANSWERS = 0.2
"""For a line right after a question."""
PREFERRED = 0.5
"""For a line from the time that the question speaks of."""
WITHIN = 3
"""How far from what an index found the answer may stand."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_ASKS = re.compile(r"[?？؟]\W*$")
_NAME = re.compile(r"([^\W_]{2,})(?:['’]s)?\b")
_MENTION = re.compile(r"<@!?(\d+)>")


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known about a question before lines are compared."""

    question: str
    by_meaning: Mapping[MessageId, float] = field(default_factory=dict[MessageId, float])
    """Cosine similarity of the messages that are closest to the question; empty when there is no search by meaning."""
    prefer: tuple[int, int] | None = None
    """First and last message id of the time that the question speaks of."""


def rank(clues: Clues, found: Surroundings, seeds: Sequence[MessageId]) -> list[tuple[Line, float]]:
    """What answers the question best among the seeds and what is said right beside them, best first."""
    place = {line.id: number for number, line in enumerate(found.lines)}
    steps = _Steps.of(found, place)
    candidates = steps.near([place[seed] for seed in seeds if seed in place])
    if not len(candidates):
        return []
    scores = WORDS * _scaled(_words(clues.question, found.lines, steps)[candidates])
    if clues.by_meaning:
        scores += MEANING * _scaled(_meaning(clues.by_meaning, found.lines, steps)[candidates])
    chosen = [found.lines[int(number)] for number in candidates]
    scores += WORTH * _scaled(np.log1p([len(line.told) for line in chosen]))
    scores += _bonuses(clues, chosen)
    asks = np.array([*(bool(_ASKS.search(line.text)) for line in found.lines), False])
    scores += ASKS * asks[candidates] + ANSWERS * asks[steps.to[-1][candidates]]
    return [(chosen[number], float(scores[number])) for number in np.argsort(-scores, kind="stable")]


def without_names(question: str, names: Collection[str]) -> str:
    """The question without words that are somebody's name, which say who, not what; the same if none are."""
    known = {word for name in names for word in _name_words(name)}
    if known.isdisjoint(_name_words(question)):
        return question
    return _NAME.sub(lambda found: "" if found[1].lower() in known else found[0], question)


@dataclass(frozen=True, slots=True)
class _Steps:
    """For each line, which line is so many messages away in the same talk; -1 where there is none, or it is unknown.

    A reply comes after what it answers, wherever that stands.
    """

    to: Mapping[int, NDArray[np.intp]]

    @classmethod
    def of(cls, found: Surroundings, place: Mapping[MessageId, int]) -> "_Steps":
        count = len(found.lines)
        after, before = np.full(count + 1, -1), np.full(count + 1, -1)
        for one, next_ in found.after.items():
            after[place[one]], before[place[next_]] = place[next_], place[one]
        for number, line in enumerate(found.lines):
            answered = place.get(line.reply_to, -1) if line.reply_to else -1
            if answered >= 0 and found.lines[answered].channel == line.channel:
                before[number] = answered
        to: dict[int, NDArray[np.intp]] = {}
        for sign, step in ((1, after), (-1, before)):
            where = np.arange(count)
            for distance in NEAR:
                where = step[where]
                to[sign * distance] = where
        return cls(to)

    def near(self, seeds: Sequence[int]) -> NDArray[np.intp]:
        """The seeds, the lines within `WITHIN` of them, and the replies to them, each once."""
        reached = [self.to[sign * distance][seeds] for distance in range(1, WITHIN + 1) for sign in (1, -1)]
        replies = np.flatnonzero(np.isin(self.to[-1], seeds))
        every = np.unique(np.concatenate([np.array(seeds, np.intp), *reached, replies]))
        return every[every >= 0]


def _words(question: str, lines: Sequence[Line], steps: _Steps) -> Scores:
    """BM25F: the words around a line count as a part of it, for less."""
    tally = Tally(question)
    counts, lengths = tally.counted([*(line.told for line in lines), ""])  # the last row is "unknown"
    weighted, size = counts[:-1] + DATE * _dates(tally, lines), lengths[:-1].copy()
    for distance, where in steps.to.items():
        weighted += NEAR[abs(distance)] * counts[where]
        size += lengths[where]
    frequency = np.count_nonzero(counts, axis=0)
    rarity = np.log1p((len(lines) - frequency + 0.5) / (frequency + 0.5))
    return weighted * (SATURATION + 1) / (weighted + _damping(size)[:, None]) @ rarity


def _dates(tally: Tally, lines: Sequence[Line]) -> Scores:
    """How often each word of the question is in the date of each line."""
    days = [created_at(line.id).date() for line in lines]
    different = list(dict.fromkeys(days))
    counts, _ = tally.counted([f"{day.year} {MONTHS[day.month - 1]} {day.day}" for day in different])
    row = {day: number for number, day in enumerate(different)}
    return counts[[row[day] for day in days]]


def _damping(size: Scores) -> Scores:
    return SATURATION * (1 - LENGTH + LENGTH * size / max(float(size.mean()), 1.0))


def _meaning(similarities: Mapping[MessageId, float], lines: Sequence[Line], steps: _Steps) -> Scores:
    """What no neighbour search brought up is as far away as the last that it did."""
    farthest = min(similarities.values())
    own = np.array([*(similarities.get(line.id, farthest) for line in lines), farthest])
    return own[:-1] + NEIGHBOURS * (own[steps.to[1]] + own[steps.to[-1]])


def _bonuses(clues: Clues, lines: Sequence[Line]) -> Scores:
    """What speaks for a line apart from its words and its meaning."""
    asked, ids = _name_words(clues.question), set(_MENTION.findall(clues.question))
    authors = {(line.author, line.author_name) for line in lines}
    named = {who for who in authors if str(who[0]) in ids or not asked.isdisjoint(_name_words(who[1]))}
    first, last = clues.prefer or (1, 0)
    return np.array(
        [NAMED * ((line.author, line.author_name) in named) + PREFERRED * (first <= line.id <= last) for line in lines]
    )


def _name_words(text: str) -> frozenset[str]:
    """Words that a name may be known by."""
    return frozenset(word for word in _NAME.findall(text.lower()) if word not in STOP_WORDS)


def _scaled(values: Scores) -> Scores:
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 0 else np.zeros_like(values)
