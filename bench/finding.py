"""How much of what answers a question recall finds, in a chat with known answers: for `locomo` and `group_chat`."""

import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
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
from memory.recall import Hit
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


async def outcomes(chats: Sequence[Chat], spec: EmbedderSpec) -> list[Outcome]:
    """Archive and index the chats in a fresh folder, then ask every question in its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Database(f"sqlite:///{Path(folder) / 'digmbot.db'}") as database,
        ):
            upgrade(database.engine)
            vectors = Path(folder) / "vectors"
            async with open_memory(database=database, vectors=vectors, load_embedder=partial(load, spec)) as memory:
                for chat in chats:
                    await memory.archive.archive_many(chat.messages)
                await memory.settled()
                if memory.door.now is None:
                    raise RuntimeError("the embedder could not be loaded")
                return [await outcome(memory, chat, question) for chat in chats for question in chat.questions]


async def outcome(memory: OpenMemory, chat: Chat, question: Question) -> Outcome:
    began = time.perf_counter()
    hits = await memory.recall.recall(question.text, guild_id=chat.guild_id, may_show=everyone, limit=max(DEPTHS))
    took = (time.perf_counter() - began) * 1000
    ranks = [rank for rank, hit in enumerate(hits, 1) if hit.message.id in question.evidence]
    return Outcome(
        question.kind,
        {k: sum(rank <= k for rank in ranks) / len(question.evidence) for k in DEPTHS},
        {k: len(question.evidence & with_neighbours(chat, hits[:k])) / len(question.evidence) for k in DEPTHS},
        1 / ranks[0] if ranks else 0.0,
        took,
    )


def with_neighbours(chat: Chat, hits: Sequence[Hit]) -> frozenset[MessageId]:
    """The hits and the line before and after each in its channel."""
    shown: set[MessageId] = set()
    for channel in {hit.message.channel_id for hit in hits}:
        ids = [message.id for message in chat.messages if message.channel_id == channel]
        for place in [ids.index(hit.message.id) for hit in hits if hit.message.channel_id == channel]:
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


def models_folder() -> Path:
    """Where the bot keeps prepared models, too."""
    return platformdirs.user_cache_path("digmbot", appauthor=False) / "models"
