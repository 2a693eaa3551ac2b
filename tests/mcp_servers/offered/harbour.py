"""The town with our endpoint in it, real on loopback, and clients that come with a token."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent
from pydantic import JsonValue, TypeAdapter

from chat.channels import Channel
from chat.ids import MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from mcp_servers.offered.callers import CallerRefusedError
from mcp_servers.offered.http import OfferedServer
from mcp_servers.offered.server import Offer
from mcp_servers.offered.tokens import Scope, Tokens
from mcp_servers.offered.wishes import ServeWish
from memory.facts import Facts
from reminders.service import Reminders
from reminders.store import ReminderStore
from storage.database import Database
from storage.migrations import upgrade
from tests.tools.test_recall import Shelf, Standing
from tests.tools.world import NOW, Town
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.facts import FactTools
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions
from tools.recall import RecallTools
from tools.reminders import ReminderTools
from tools.tasks import TaskTools
from tools.toolsets import Filtered

Era = Literal["auto", "legacy"]
ERAS: tuple[Era, ...] = ("auto", "legacy")
_OBJECT = TypeAdapter(dict[str, JsonValue])


@dataclass
class TownCallers:
    """People of the town; who has left is refused."""

    town: Town
    rooms: dict[UserId, Channel] = field(default_factory=dict[UserId, Channel])
    asked: list[str] = field(default_factory=list[str])

    async def context_for(self, user_id: UserId, *, root_key: str) -> ToolContext:
        self.asked.append(root_key)
        guilds = await self.town.guilds_of(user_id)
        if not guilds:
            raise CallerRefusedError("You share no server with the bot any more, so this token opens nothing.")
        asker = self.town.people[guilds[0].id][user_id].person
        if user_id not in self.rooms:
            self.rooms[user_id] = self.town.add_dm(asker)
        room = self.rooms[user_id]
        request = Message(MessageId(snowflake_at(NOW)), room.id, None, asker, "", NOW, typed="")
        return ToolContext(
            asker, self.town.bot, None, room, request, "run", ZoneInfo("Europe/Berlin"), root_key=root_key
        )


@dataclass
class Harbour:
    """The running endpoint and what is behind it."""

    town: Town
    tokens: Tokens
    callers: TownCallers
    reminders: Reminders
    server: OfferedServer
    offer: Offer
    time: list[datetime]
    """Now, to be moved on."""

    async def token(self, person: Person, *scopes: Scope, days: int = 90) -> str:
        return (await self.tokens.mint(person.id, scopes=scopes or (Scope.READ,), days=days)).secret

    @asynccontextmanager
    async def client(
        self,
        secret: str,
        era: Era = "auto",
        *,
        subject: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Client]:
        url = f"{self.server.url}{f'/{subject}' if subject else ''}"
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}", **(headers or {})}, timeout=20) as http,
            Client(streamable_http_client(url, http_client=http), mode=era, read_timeout_seconds=20) as client,
        ):
            yield client


@asynccontextmanager
async def harbour(
    folder: Path,
    *more: object,
    wish: ServeWish | None = None,
    allow: tuple[str, ...] = ("*",),
    deny: tuple[str, ...] = (),
) -> AsyncGenerator[Harbour]:
    """`more`: objects with tools besides ours."""
    time = [NOW]
    town = Town()
    permissions = Permissions(surface=town)
    directory = Directory(surface=town, permissions=permissions)
    async with Database(f"sqlite:///{folder / 'harbour.db'}") as database:
        upgrade(database.engine)
        reminders = Reminders(ReminderStore(database), lambda: time[0])
        tokens = Tokens(database, lambda: time[0])
        await tokens.open()
        native = NativeTools(
            ChannelTools(directory=directory, permissions=permissions),
            MemberTools(surface=town, directory=directory, permissions=permissions),
            MessageTools(surface=town, directory=directory, permissions=permissions),
            RecallTools(
                memory=Shelf(town), verifier=Standing(), surface=town, directory=directory, permissions=permissions
            ),
            FactTools(facts=Facts(database, lambda: time[0]), permissions=permissions),
            ReminderTools(reminders=reminders, permissions=permissions),
            TaskTools(reminders=reminders, permissions=permissions),
            *more,
        )
        callers = TownCallers(town)
        offer = Offer(
            toolset=Filtered(native, allow=allow, deny=deny),
            tools=native.tools,
            directory=directory,
            permissions=permissions,
            callers=callers,
        )
        async with OfferedServer(offer, tokens, wish or ServeWish(port=0, burst=1000, stop_seconds=1)) as server:
            yield Harbour(town, tokens, callers, reminders, server, offer, time)


def text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def told(result: CallToolResult) -> dict[str, JsonValue]:
    assert not result.is_error, text_of(result)
    return _OBJECT.validate_python(result.structured_content)


def later(home: Harbour, **span: float) -> None:
    home.time[0] += timedelta(**span)
