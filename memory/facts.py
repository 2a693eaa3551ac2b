"""Facts: what somebody wants kept on purpose, about themselves or about a server. They are data, whatever they say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId
from memory.tables import facts
from storage.database import Database

MAX_TEXT = 500
MAX_OF_PERSON, MAX_OF_SERVER = 100, 300


class FactError(Exception):
    """It cannot be kept: one sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`channel_id` is where it was told: only who may read there may hear it again. No person: it is the server's."""

    id: int
    guild_id: GuildId | None
    channel_id: ChannelId
    person_id: UserId | None
    author_id: UserId
    text: str
    message_id: MessageId | None
    created_at: datetime
    edited_at: datetime | None = None


class Facts:
    """Kept in the database until somebody forgets them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def remember(
        self,
        text: str,
        *,
        person: UserId | None,
        guild_id: GuildId | None,
        channel_id: ChannelId,
        author: UserId,
        message_id: MessageId | None = None,
    ) -> Fact:
        """About a person, or (None) about the server. The same text twice is one fact. Raises FactError."""
        text = _sound(text)
        if person is None and guild_id is None:
            raise FactError("Here is no server to remember something about.")
        whose = _of_person(person) if person else _of_server(guild_id)
        known = await self._select(whose)
        if same := next((fact for fact in known if fact.text == text and fact.channel_id == channel_id), None):
            return same
        if len(known) >= (MAX_OF_PERSON if person else MAX_OF_SERVER):
            raise FactError(f"{len(known)} facts are kept already, which is the most; forget one first.")
        values = {
            "guild_id": guild_id,
            "channel_id": channel_id,
            "person_id": person,
            "author_id": author,
            "text": text,
            "message_id": message_id,
            "created_at": self._clock(),
        }
        new = insert(facts).values(values).returning(facts)
        return await self._database.write(lambda c: Fact(**c.execute(new).mappings().one()))

    async def about(self, person: UserId) -> Sequence[Fact]:
        """What is kept about a person, oldest first."""
        return await self._select(_of_person(person))

    async def of_server(self, guild_id: GuildId) -> Sequence[Fact]:
        return await self._select(_of_server(guild_id))

    async def get(self, fact_id: int) -> Fact | None:
        found = await self._select(facts.c.id == fact_id)
        return found[0] if found else None

    async def edit(self, fact_id: int, text: str) -> bool:
        """Whether there was such a fact. Raises FactError."""
        change = update(facts).where(facts.c.id == fact_id).values(text=_sound(text), edited_at=self._clock())
        return bool(await self._database.write(lambda c: c.execute(change).rowcount))

    async def forget(self, fact_id: int) -> bool:
        """Whether there was such a fact."""
        return bool(await self._delete(facts.c.id == fact_id))

    async def forget_person(self, person: UserId) -> int:
        """All facts about a person, and all that they told; answers how many."""
        return await self._delete(_touching(person))

    async def forget_guild(self, guild_id: GuildId) -> int:
        return await self._delete(facts.c.guild_id == guild_id)

    async def forget_channels(self, channel_ids: Collection[ChannelId]) -> int:
        """What was told in channels that are no more."""
        return await self._delete(facts.c.channel_id.in_(channel_ids))

    async def touching(self, person: UserId) -> Sequence[Fact]:
        """What `forget_person` would forget."""
        return await self._select(_touching(person))

    async def _select(self, condition: ColumnElement[bool]) -> list[Fact]:
        query = select(facts).where(condition).order_by(facts.c.id)
        return await self._database.read(lambda c: [Fact(**row) for row in c.execute(query).mappings()])

    async def _delete(self, condition: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(facts).where(condition)
        count = await self._database.read(lambda c: c.execute(counted).scalar_one())
        if count:
            await self._database.write(lambda c: c.execute(delete(facts).where(condition)))
            await self._database.forget_log()
        return count


def may_change(fact: Fact, person: UserId, *, manages: bool) -> bool:
    """Their own facts people change themselves; those of a server, who told them and who manages the server."""
    if fact.person_id is not None:
        return fact.person_id == person
    return fact.author_id == person or manages


def _of_person(person: UserId) -> ColumnElement[bool]:
    return facts.c.person_id == person


def _of_server(guild_id: GuildId | None) -> ColumnElement[bool]:
    return (facts.c.guild_id == guild_id) & facts.c.person_id.is_(None)


def _touching(person: UserId) -> ColumnElement[bool]:
    return or_(facts.c.person_id == person, facts.c.author_id == person)


def _sound(text: str) -> str:
    text = " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())
    if not text:
        raise FactError("There is nothing to remember: the text is empty.")
    if len(text) > MAX_TEXT:
        raise FactError(f"A fact may have {MAX_TEXT} characters, and this has {len(text)}; make it shorter.")
    return text
