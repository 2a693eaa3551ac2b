"""What memory's tests are made of: messages, a small embedder that really compares words, an open memory."""

import asyncio
import time
import zlib
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Attachment, Message
from chat.people import Person
from memory.embedders import EmbedderError, Vectors
from memory.opening import OpenMemory, open_memory
from memory.scopes import Scope
from memory.space import Space
from storage.database import Database
from storage.migrations import upgrade

GUILD, OTHER_GUILD = GuildId(1), GuildId(2)
GENERAL, SECRET = ChannelId(10), ChannelId(11)
MIA = Person(UserId(100), "Mia")
BOB = Person(UserId(101), "Bob")
START = datetime(2026, 1, 1, tzinfo=UTC)


class TrigramEmbedder:
    """Texts that share groups of three letters are close: "migrate" and "migration", as far as a test needs it."""

    name = "trigrams"
    dimension = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for i in range(len(text) - 2):
                vector[zlib.crc32(text[i : i + 3].lower().encode()) % self.dimension] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def embed_question(self, question: str) -> Vectors:
        return self.embed([question])[0]


class SmallTrigramEmbedder(TrigramEmbedder):
    """Another model."""

    name = "smaller"
    dimension = 64


class HeldEmbedder(SmallTrigramEmbedder):
    """Embeds nothing with `word` in it until there is such a file."""

    def __init__(self, path: Path, word: str = "") -> None:
        self.path = path
        self.word = word

    def embed(self, texts: Sequence[str]) -> Vectors:
        if any(self.word in text for text in texts):
            once_there(self.path)
        return super().embed(texts)


def trigrams_by_name(name: str) -> TrigramEmbedder:
    if name != TrigramEmbedder.name:
        raise EmbedderError(f"{name}? never heard of it")
    return TrigramEmbedder()


class MoodyEmbedder(TrigramEmbedder):
    """Fails the second time."""

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("out of sorts")
        return super().embed(texts)


def once_there(path: Path) -> TrigramEmbedder:
    """Loads when there is such a file."""
    for _ in range(1_000):
        if path.exists():
            break
        time.sleep(0.01)
    return TrigramEmbedder()


def no_such_model() -> TrigramEmbedder:
    raise RuntimeError("no such model")


def message(
    number: int,
    text: str,
    *,
    author: Person = MIA,
    channel: ChannelId = GENERAL,
    guild: GuildId | None = GUILD,
    edited: int | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """The message of minute `number`, edited at minute `edited`."""
    when = START + timedelta(minutes=number)
    edited_at = None if edited is None else START + timedelta(minutes=edited)
    id_ = MessageId(snowflake_at(when) + channel)
    return Message(id_, channel, guild, author, text, when, edited_at, None, attachments)


async def everywhere(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
    return frozenset(channels)


async def only_general(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
    return frozenset(channels) & {GENERAL}


@asynccontextmanager
async def open_database(folder: Path) -> AsyncGenerator[Database]:
    async with Database(f"sqlite:///{folder / 'digmbot.db'}") as database:
        upgrade(database.engine)
        yield database


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[OpenMemory]:
    """Memory in this folder, with the trigram embedder."""
    async with (
        open_database(folder) as database,
        open_memory(database=database, vectors=folder / "vectors", load_embedder=TrigramEmbedder) as memory,
    ):
        yield memory


async def found(memory: OpenMemory, question: str, guild: GuildId = GUILD, limit: int = 8) -> list[str]:
    """Texts of what is recalled, best first, to somebody who may read everything."""
    hits = await memory.recall.recall(question, guild_id=guild, may_show=everywhere, limit=limit)
    return [hit.message.text for hit in hits]


async def vector_ids(memory: OpenMemory, scope: str = "g1") -> set[int]:
    """The messages that search by meaning knows."""
    assert memory.door.now is not None
    return await memory.door.now.change(Space.ids, Scope(scope))


async def complete(memory: OpenMemory) -> None:
    """Wait until the vectors miss nothing."""
    await memory.settled()
    async with asyncio.timeout(20):
        while (await memory.indexer.stats()).waiting:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    memory.archive.changed.ring()
    await memory.settled()
