"""What is kept about one person, across all stores: counted, exported, forgotten; each through one single path."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, delete, func, select

from bot.approval_store import forget_asker
from bot.plugins.store import KeptByPlugins
from bot.tables import mentions
from bot.tracing import store as trace_store
from chat.clock import Clock
from chat.ids import UserId
from chat.messages import Message
from mcp_servers.offered.tokens import Token, Tokens
from mcp_servers.outside.sign_in_rows import SignInRows
from memory.opening import OpenMemory
from memory.rules import Rules
from memory.tables import index_queue, messages
from reminders.service import Reminders
from reminders.values import Reminder
from reminders.wording import recurrence
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Stored:
    """How much is kept, or was erased, store by store."""

    messages: int
    vectors: int
    facts: int
    reminders: int
    mentions: int
    traces: int = 0
    tokens: int = 0
    sign_ins: int = 0
    time_zone: str | None = None
    notes: int = 0
    """Of plugins."""

    def told(self) -> str:
        return (
            f"{self.messages} messages (each with a line in the full text; {self.vectors} with a vector), "
            f"{self.facts} facts, {self.reminders} reminders, {self.mentions} notes of what I answered when, "
            f"{self.traces} traces of how"
            + (f", {self.tokens} tokens for MCP clients" if self.tokens else "")
            + (f", {self.sign_ins} sign-ins at MCP servers" if self.sign_ins else "")
            + (f", {self.notes} notes of plugins" if self.notes else "")
            + (f", the time zone {self.time_zone}" if self.time_zone else "")
        )


class Cache(Protocol):
    """Something kept in memory only."""

    def forget_author(self, person: UserId) -> None: ...


class People:
    """The door through which a person's traces are looked at, and leave."""

    def __init__(
        self,
        *,
        database: Database,
        memory: OpenMemory,
        reminders: Reminders,
        tokens: Tokens,
        caches: Collection[Cache] = (),
        clock: Clock,
    ) -> None:
        """`caches`: what a running bot knows by heart."""
        self._database = database
        self._memory = memory
        self._facts = memory.facts
        self._reminders = reminders
        self._tokens = tokens
        self._sign_ins = SignInRows(database)
        self._caches = caches
        self._clock = clock
        self._plugins = KeptByPlugins(database)

    @property
    def rules(self) -> Rules:
        return self._memory.rules

    async def stored(self, person: UserId) -> Stored:
        mine = messages.c.author_id == person
        waiting = messages.c.id.in_(select(index_queue.c.message_id))
        kept = await self._count(messages.c.author_id == person)
        return Stored(
            messages=kept,
            vectors=kept - await self._count(mine & waiting),
            facts=len(await self._facts.touching(person)),
            reminders=len(await self._reminders.every_one_of(person)),
            mentions=await self._database.read(lambda c: _mentions_of(c, person)),
            traces=await self._database.read(lambda c: trace_store.count_of(c, person)),
            tokens=await self._tokens.count(person),
            sign_ins=len(await self._sign_ins.servers_of(person)),
            time_zone=await self._zone_of(person),
            notes=len(await self._plugins.of(person)),
        )

    async def export(self, person: UserId) -> str:
        """Everything kept about a person, as JSON; `docs/privacy.md` says what the keys mean."""
        said = await self._memory.archive.said_by(person)
        facts, reminders = await self._facts.touching(person), await self._reminders.every_one_of(person)
        since = self.rules.opted_out_since(person)
        told = {
            "person": str(person),
            "exported_at": self._clock().isoformat(),
            "opted_out_since": since.isoformat() if since else None,
            "messages": [_message(each) for each in said],
            "facts": [{name: _plain(value) for name, value in asdict(fact).items()} for fact in facts],
            "reminders": [_reminder(each) for each in reminders],
            "time_zone": await self._zone_of(person),
            "mcp_tokens": [_token(token) for token in self._tokens.of(person)],
            "signed_in_at": await self._sign_ins.servers_of(person),
            "plugins": await self._plugins.of(person),
            "answered_mentions": await self._database.read(lambda c: _mentions_of(c, person)),
            "traces": await self._database.read(lambda c: trace_store.export_of(c, person)),
        }
        return json.dumps(told, ensure_ascii=False, indent=1)

    async def forget(self, person: UserId) -> Stored:
        """Erase every trace, from the files too; answers what there was. Done twice, or after half of it, is no harm.

        What others wrote about the person stays theirs; the bot's own answers to the person go.
        """
        memory = self._memory
        await self.rules.forget(person)
        await memory.intake.settled()
        before = await self.stored(person)
        for cache in self._caches:
            cache.forget_author(person)
        await self._database.write(lambda c: trace_store.forget_person(c, person))
        await memory.archive.erase_answers_to(person)
        await memory.archive.erase_author(person)
        await self._facts.forget_person(person)
        await self._reminders.forget(person)
        await self._tokens.forget(person)
        await self._sign_ins.forget(person)
        await self._plugins.forget(person)
        settled = (mentions.c.author_id == person) & mentions.c.outcome.is_not(None)
        await self._database.write(lambda c: c.execute(delete(mentions).where(settled)))
        await self._database.write(lambda c: forget_asker(c, person))
        await memory.settled()
        await self._database.compact()
        return before

    async def _zone_of(self, person: UserId) -> str | None:
        zone = await self._reminders.zone_of(person)
        return zone.key if zone else None

    async def _count(self, condition: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(messages).where(condition)
        return await self._database.read(lambda c: c.execute(query).scalar_one())


def _mentions_of(connection: Connection, person: UserId) -> int:
    query = select(func.count()).select_from(mentions).where(mentions.c.author_id == person)
    return connection.execute(query).scalar_one()


def _message(message: Message) -> dict[str, object]:
    return {
        "id": str(message.id),
        "server": str(message.guild_id) if message.guild_id else None,
        "channel": str(message.channel_id),
        "author_name": message.author.name,
        "at": message.created_at.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
        "text": message.text,
        "files": [file.filename for file in message.attachments],
        "link": message.link,
    }


def _reminder(reminder: Reminder) -> dict[str, object]:
    return {
        "id": reminder.id,
        "channel": str(reminder.channel_id),
        "text": reminder.text,
        "due_at": reminder.due_at.isoformat(),
        "created_at": reminder.created_at.isoformat(),
        "status": reminder.status.value,
        "kind": reminder.kind.value,
        "recurs": recurrence(reminder.schedule) if reminder.schedule else None,
    }


def _token(token: Token) -> dict[str, object]:
    told = {name: _plain(value) for name, value in asdict(token).items()}
    return {**told, "scopes": " ".join(sorted(token.scopes))}


def _plain(value: object) -> object:
    """Ids as text, because JSON readers lose the last digits of such numbers."""
    return value if value is None or isinstance(value, str) else str(value)
