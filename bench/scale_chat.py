"""A generated chat of any size: words as frequent as in ordinary chat, servers with channels, some of them private."""

import random
from bisect import bisect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import memory.embedders
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from memory.words import STOP_WORDS

CHANNELS = 40
PRIVATE_SHARE = 5  # one channel in so many
PEOPLE = 200
WORDS = 6_000
START = datetime(2021, 1, 1, tzinfo=UTC)
GAP = timedelta(seconds=120)
ASKING = ("who said that", "when did we talk about", "what was it about", "does anybody remember", "where is")


@dataclass(frozen=True)
class ScaleChat:
    """`count` messages, the same each time."""

    count: int

    @property
    def servers(self) -> int:
        return 20 if self.count >= 1_000_000 else 5

    @cached_property
    def vocabulary(self) -> Sequence[str]:
        """Real words, the most frequent first: the first hundred are those that every sentence has."""
        file = Path(memory.embedders.__file__).with_name("minilm_vocab.txt")
        words = [word for word in file.read_text(encoding="utf-8").splitlines() if word.isascii() and word.isalpha()]
        telling = [word for word in words if len(word) > 2 and word not in STOP_WORDS]
        return [*[word for word in words if word in STOP_WORDS][:100], *telling][:WORDS]

    @cached_property
    def _shares(self) -> Sequence[float]:
        """Zipf's law, with Mandelbrot's correction for the first few."""
        return list(accumulate(1 / (rank + 2.7) for rank in range(1, WORDS + 1)))

    def text(self, chance: random.Random) -> str:
        length = min(60, max(1, round(chance.lognormvariate(2.2, 0.7))))
        top = self._shares[-1]
        return " ".join(self.vocabulary[bisect(self._shares, chance.random() * top)] for _ in range(length))

    def message(self, number: int) -> Message:
        chance = random.Random(number)
        when = START + number * GAP
        guild, author = number % self.servers + 1, chance.randrange(PEOPLE)
        channel = ChannelId(1_000 * guild + chance.randrange(CHANNELS))
        who = Person(UserId(author + 1), self.vocabulary[200 + author].capitalize())
        return Message(MessageId(snowflake_at(when)), channel, GuildId(guild), who, self.text(chance), when)

    def messages(self, first: int = 0, last: int | None = None) -> Iterator[Message]:
        return map(self.message, range(first, self.count if last is None else last))

    def questions(self, count: int, seed: int) -> list[str]:
        """About something that was said in the first server: some of its telling words."""
        chance, asked = random.Random(seed), list[str]()
        while len(asked) < count:
            said = self.message(chance.randrange(self.count // self.servers) * self.servers).text.split()
            telling = [word for word in said if word not in STOP_WORDS]
            if len(telling) >= 3:
                some = chance.sample(telling, min(len(telling), chance.randint(2, 5)))
                asked.append(f"{chance.choice(ASKING)} {' '.join(some)}?")
        return asked


FIRST_SERVER = GuildId(1)


async def everybody(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
    """What may be shown to everybody: all channels but the private ones."""
    return frozenset(each for each in channels if each % PRIVATE_SHARE)


def blended(real: NDArray[np.float32], numbers: Sequence[int]) -> NDArray[np.float32]:
    """For each number a vector that lies between two real ones, a little off."""
    chance = np.random.default_rng(numbers[0])
    one, other = chance.integers(len(real), size=(2, len(numbers)))
    noise = chance.standard_normal((len(numbers), real.shape[1])) / real.shape[1] ** 0.5
    made = 0.6 * real[one] + 0.4 * real[other] + 0.3 * noise
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)
