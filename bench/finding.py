"""How much of what answers a question recall finds, in a chat with known answers: for `locomo` and `group_chat`."""

import argparse
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean

import platformdirs

from bench.measure import Spread
from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import Message
from memory.embedders.spec import EmbedderSpec, load
from memory.opening import OpenMemory, open_memory
from storage.database import Database
from storage.migrations import upgrade

DEPTHS = (5, 10, 25)


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked, and the messages that answer it."""

    text: str
    kind: str
    evidence: frozenset[MessageId]


@dataclass(frozen=True, slots=True)
class Chat:
    """A server with what was said on it, oldest first, and what is asked about it."""

    guild_id: GuildId
    messages: Sequence[Message]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question put: the share of its evidence in the first k hits, and in those with a line either side."""

    kind: str
    found: Mapping[int, float]
    shown: Mapping[int, float]
    reciprocal_rank: float
    milliseconds: float


async def everyone(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
    return frozenset(channels)


@dataclass(frozen=True, slots=True)
class Indexed:
    """Chats, archived and indexed by words and by meaning."""

    database: Database
    memory: OpenMemory


Find = Callable[[Chat, Question], Awaitable[Sequence[MessageId]]]
"""Answers what it takes for the answer, best first, at least as many as the greatest depth if there are."""


@asynccontextmanager
async def indexed(chats: Sequence[Chat], spec: EmbedderSpec) -> AsyncGenerator[Indexed]:
    """The chats in a fresh folder, as the running bot would have them."""
    with tempfile.TemporaryDirectory() as folder:
        async with Database(f"sqlite:///{Path(folder) / 'digmbot.db'}") as database:
            upgrade(database.engine)
            vectors = Path(folder) / "vectors"
            async with open_memory(database=database, vectors=vectors, load_embedder=partial(load, spec)) as memory:
                for chat in chats:
                    await memory.archive.archive_many(chat.messages)
                await memory.settled()
                if memory.door.now is None:
                    raise RuntimeError("the embedder could not be loaded")
                yield Indexed(database, memory)


async def recalled(here: Indexed, chat: Chat, question: Question) -> Sequence[MessageId]:
    """What the bot would find."""
    recall = here.memory.recall.recall
    hits = await recall(question.text, guild_id=chat.guild_id, may_show=everyone, limit=max(DEPTHS))
    return [hit.message.id for hit in hits]


async def outcomes(chats: Sequence[Chat], find: Find) -> list[Outcome]:
    """Ask every question in its own chat."""
    return [await outcome(chat, question, find) for chat in chats for question in chat.questions]


async def outcome(chat: Chat, question: Question, find: Find) -> Outcome:
    began = time.perf_counter()
    found = await find(chat, question)
    took = (time.perf_counter() - began) * 1000
    ranks = [rank for rank, id_ in enumerate(found, 1) if id_ in question.evidence]
    return Outcome(
        question.kind,
        {k: sum(rank <= k for rank in ranks) / len(question.evidence) for k in DEPTHS},
        {k: len(question.evidence & with_neighbours(chat, found[:k])) / len(question.evidence) for k in DEPTHS},
        1 / ranks[0] if ranks else 0.0,
        took,
    )


def with_neighbours(chat: Chat, found: Collection[MessageId]) -> frozenset[MessageId]:
    """What was found and the line before and after each in its channel."""
    shown: set[MessageId] = set()
    for channel in {message.channel_id for message in chat.messages if message.id in found}:
        ids = [message.id for message in chat.messages if message.channel_id == channel]
        for place in [place for place, id_ in enumerate(ids) if id_ in found]:
            shown |= set(ids[max(0, place - 1) : place + 2])
    return frozenset(shown)


def figures(found: Sequence[Outcome]) -> dict[str, object]:
    """Means over questions, in per cent where they are shares."""
    return {
        "questions": len(found),
        **{f"R@{k}": percent([each.found[k] for each in found]) for k in DEPTHS},
        "MRR": round(mean([each.reciprocal_rank for each in found]), 3),
        **{f"shown@{k}": percent([each.shown[k] for each in found]) for k in DEPTHS},
        "R@5 by kind": {
            kind: percent([each.found[5] for each in found if each.kind == kind])
            for kind in sorted({each.kind for each in found})
        },
        "recall_ms": asdict(Spread.of([each.milliseconds for each in found])),
    }


def percent(shares: Sequence[float]) -> float:
    return round(100 * mean(shares), 1)


def options(description: str | None) -> argparse.ArgumentParser:
    """What both benches can be told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--embedder", choices=("minilm", "e5"), default="minilm")
    models = platformdirs.user_cache_path("digmbot", appauthor=False) / "models"  # where the bot keeps them, too
    parser.add_argument("--models", type=Path, default=models, help="where prepared models are kept")
    return parser
