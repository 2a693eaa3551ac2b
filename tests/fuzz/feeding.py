"""The bot's own client over discord.py's real cache, fed with payloads by hand: no sockets, thousands of servers."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import discord
from discord.http import HTTPClient, Route

from bot.gateway import Gateway
from tests.fuzz.oracle import Json
from tests.fuzz.worlds import BOT, Event, World, ready

PATH = re.compile(r"/api/v10/(guilds|channels)/(\d+)(?:/(thread-members|members)(?:/(\d+))?)?$")


class WorldHttp(HTTPClient):
    """Discord's REST API as far as rights need it, answered from the world."""

    def __init__(self, loop: asyncio.AbstractEventLoop, world: World) -> None:
        super().__init__(loop)
        self.world = world
        self.asked: list[str] = []

    async def request(self, route: Route, **_: Any) -> Any:  # noqa: ANN401 - the wire edge
        self.asked.append(f"{route.method} {route.path}")
        await asyncio.sleep(0)
        found = self._find(route)
        if found is None:
            raise discord.Forbidden(SimpleNamespace(status=403, reason="Forbidden"), "Missing Access")  # pyright: ignore[reportArgumentType]
        return as_wire(found)

    def _find(self, route: Route) -> object:
        match = PATH.search(route.url)
        assert match is not None, route.url
        kind, id_, part, person = match.groups()
        if kind == "guilds":
            assert id_ == self.world.guild["id"]
            return next((each for each in self.world.guild["members"] if each["user"]["id"] == person), None)
        if part is None:
            return self.world.channel(id_)
        listed = self.world.thread_members(id_)
        if person is None or listed is None:
            return listed
        return next((each for each in listed if each["user_id"] == person), None)


class FedGateway(Gateway):
    """Hears what it is fed, through the same parsers as from a socket."""

    def __init__(self, *, members: bool = True) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, members=members)
        super().__init__(intents, {})

    def live_in(self, world: World) -> None:
        """The world answers REST; what it says of its server so far is heard."""
        user = as_wire(ready()["user"])
        self._connection.user = discord.ClientUser(state=self._connection, data=user)
        self.audience.heard("READY", ready())
        self.http = self._connection.http = WorldHttp(asyncio.get_running_loop(), world)
        told = world.told()
        if not self.intents.members:
            told["members"] = [each for each in told["members"] if each["user"]["id"] == BOT]
        self.feed("GUILD_CREATE", told)

    def hear(self, events: list[Event]) -> None:
        """Without the members intent members' coming and going is not told, but the bot's own is."""
        for name, data in events:
            if self.intents.members or self._is_told(name, data):
                self.feed(name, data)

    def _is_told(self, name: str, data: Json) -> bool:
        if name == "THREAD_MEMBERS_UPDATE":
            concerned = [each["user_id"] for each in data["added_members"]] + data["removed_member_ids"]
            return BOT in concerned
        return not name.startswith("GUILD_MEMBER") or data["user"]["id"] == BOT

    def feed(self, name: str, data: Json) -> None:
        self._connection.parsers[name](as_wire(data))

    def _get_websocket(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - a socket, as far as this needs one
        """Who is asked for the members of a server answers soon."""
        return self

    async def request_chunks(self, guild_id: int, *, nonce: str | None = None, **_: Any) -> None:  # noqa: ANN401
        assert isinstance(self.http, WorldHttp)
        members = self.http.world.guild["members"]
        chunk = {"guild_id": str(guild_id), "members": members, "chunk_index": 0, "chunk_count": 1, "nonce": nonce}
        asyncio.get_running_loop().call_soon(self.feed, "GUILD_MEMBERS_CHUNK", as_wire(chunk))


@asynccontextmanager
async def fed_gateway(*, members: bool = True) -> AsyncGenerator[FedGateway]:
    client = FedGateway(members=members)
    async with client:
        yield client


def as_wire(value: object) -> Any:  # noqa: ANN401 - the wire edge: what JSON holds
    return json.loads(json.dumps(value))
