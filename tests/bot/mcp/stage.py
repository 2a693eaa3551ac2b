"""discord.py on the local Discord, with a channel, three people, and their hands on buttons and forms."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import JsonValue, TypeAdapter

import chat.messages
from bot.approvals import DiscordApprover
from bot.approving import new_approver
from bot.gateway import Gateway, point_at
from bot.places import Places
from bot.settings.tools import Tools
from bot.surface import DiscordSurface
from chat.channels import Channel, ChannelKind, Guild
from chat.clock import utc_now
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.people import Person
from sandbox.models import Message
from sandbox.server import Sandbox
from sandbox.world_file import World
from storage.database import Database
from storage.migrations import upgrade
from tools.context import ToolContext

JSON = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])
MEMBERS = ("ada", "bob", "mia")
PATIENCE = 10.0


@dataclass
class Stage:
    """Mia asks; Bob and Ada are there, too."""

    box: Sandbox
    client: discord.Client
    http: aiohttp.ClientSession
    places: Places
    approver: DiscordApprover

    def context(self, who: str = "mia") -> ToolContext:
        channel = self.box.state.channel_named("general")
        guild = GuildId(channel.guild_id or 0)
        here = ChannelId(channel.id)
        asker = self.person(who)
        asked = chat.messages.Message(MessageId(1), here, guild, asker, "do it", utc_now())
        return ToolContext(
            asker=asker,
            bot=Person(UserId(self.box.person("digm").id), "digm", is_bot=True),
            guild=Guild(guild, "Workshop"),
            channel=Channel(here, guild, "general", ChannelKind.TEXT),
            request=asked,
            run_id="run",
            zone=ZoneInfo("UTC"),
        )

    def person(self, who: str) -> Person:
        return Person(UserId(self.box.person(who).id), who)

    async def question(self, wanted: str, *, where: int | None = None) -> Message:
        """What the bot asks with buttons."""
        return await self.box.wait_for_message(
            lambda m: wanted in m.content and bool(m.components) and where in {None, m.channel_id}, PATIENCE
        )

    async def shown(self, message: Message, wanted: str) -> Message:
        return await self.box.wait_for_message(lambda m: m.id == message.id and wanted in m.content, PATIENCE)

    async def whispered(self, who: str, wanted: str, *, after: int = 0) -> Message:
        """Of the messages that are newer than this one."""
        me = self.box.person(who).id
        return await self.box.wait_for_message(
            lambda m: m.id > after and m.ephemeral_to == me and wanted in m.content, PATIENCE
        )

    async def press(self, who: str, message: Message, label: str) -> None:
        data = {"component_type": 2, "custom_id": next(b["custom_id"] for b in buttons(message) if b["label"] == label)}
        await self._interact(who, 3, data, message)

    async def open(self, who: str, message: Message, label: str) -> Mapping[str, JsonValue]:
        """Press what opens a form; answers the form."""
        before = len(self.forms())
        await self.press(who, message, label)
        await self._until(lambda: len(self.forms()) > before)
        return self.forms()[-1]

    async def send(self, who: str, form: Mapping[str, JsonValue], **answers: str | Sequence[str]) -> None:
        """Fill in by label; menus by the labels of their options. What is left out stays as it was filled in."""
        rows: list[object] = []
        for row, label in ((each, str(each["label"])) for each in labels(form)):
            part = JSON.validate_python(row["component"])
            given = answers.get(label.replace(" ", "_"))
            value = _typed(part, given) if part["type"] == 4 else _picked(part, given)
            rows.append({"type": 18, "component": {"type": part["type"], "custom_id": part["custom_id"], **value}})
        await self._interact(who, 5, {"custom_id": form["custom_id"], "components": rows, "id": form.get("id", "1")})

    async def command(self, who: str, name: str) -> None:
        known = await self._rest("digm", "GET", f"/applications/{self.box.person('digm').id}/commands")
        assert isinstance(known, list)
        command = next(JSON.validate_python(each) for each in known if JSON.validate_python(each)["name"] == name)
        await self._interact(who, 2, {"id": command["id"], "name": name, "type": 1, "options": []})

    def forms(self) -> list[Mapping[str, JsonValue]]:
        answers = [JSON.validate_python(each.body) for each in self.box.log if each.path.endswith("/callback")]
        return [JSON.validate_python(each["data"]) for each in answers if each["type"] == 9]

    def whispers(self, who: str) -> list[str]:
        me = self.box.person(who).id
        return [m.content for m in self.box.state.contents.messages.values() if m.ephemeral_to == me]

    async def _interact(self, who: str, kind: int, data: Mapping[str, object], message: Message | None = None) -> None:
        channel = self.box.state.channel(message.channel_id) if message else self.box.state.channel_named("general")
        body = {
            "type": kind,
            "application_id": str(self.box.person("digm").id),
            "channel_id": str(channel.id),
            "nonce": "1",
            "data": data,
            **({"guild_id": str(channel.guild_id)} if channel.guild_id else {}),
            **({"message_id": str(message.id)} if message else {}),
        }
        await self._rest(who, "POST", "/interactions", body, expect=204)

    async def _rest(self, who: str, method: str, path: str, body: object = None, *, expect: int = 200) -> JsonValue:
        headers = {"Authorization": self.box.person(who).authorization}
        async with self.http.request(method, self.box.api_url + path, headers=headers, json=body) as answer:
            text = await answer.text()
            assert answer.status == expect, text
            return json.loads(text) if text else None

    async def _until(self, true: Callable[[], bool]) -> None:
        """A form is no message: it is looked for in the log of what the bot sent."""
        await self.box.wait_for(lambda _: true(), PATIENCE)


def buttons(message: Message) -> list[Mapping[str, JsonValue]]:
    rows = [JSON.validate_python(row)["components"] for row in message.components]
    return [JSON.validate_python(each) for row in rows if isinstance(row, list) for each in row]


def labels(form: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    rows = form["components"]
    assert isinstance(rows, list)
    return [JSON.validate_python(row) for row in rows]


def _typed(part: Mapping[str, JsonValue], given: str | Sequence[str] | None) -> Mapping[str, object]:
    return {"value": part.get("value", "") if given is None else given}


def _picked(part: Mapping[str, JsonValue], given: str | Sequence[str] | None) -> Mapping[str, object]:
    offered = part["options"]
    assert isinstance(offered, list)
    options = [JSON.validate_python(each) for each in offered]
    if given is None:
        return {"values": [each["value"] for each in options if each.get("default")]}
    wanted = [given] if isinstance(given, str) else given
    return {"values": [each["value"] for each in options if each["label"] in wanted]}


@asynccontextmanager
async def stage(folder: Path) -> AsyncGenerator[Stage]:
    before = Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)
    members = [{"name": name, "display_name": name.title(), "token": f"{name}-token"} for name in MEMBERS]
    guild = {
        "name": "Workshop",
        "owner": "ada",
        "members": [*members, {"name": "digm"}],
        "channels": [{"name": "general"}],
    }
    world = World.model_validate({"bots": [{"name": "digm", "token": "bot-token"}], "guilds": [guild]})
    url = f"sqlite:///{folder / 'questions.db'}"
    async with Sandbox(world) as box, aiohttp.ClientSession() as http, Database(url) as database:
        await asyncio.to_thread(upgrade, database.engine)
        point_at(api_url=box.api_url, gateway_url=box.gateway_url, cdn_url=None)
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        client = Gateway(intents, {})
        surface = DiscordSurface(client, places=client.places, audience=client.audience)
        approver = new_approver(client, database, surface, policy=Tools(), clock=utc_now)
        running = asyncio.create_task(client.start("bot-token"))
        try:
            async with asyncio.timeout(PATIENCE):
                while not client.is_ready():
                    await asyncio.wait([running], timeout=0.02)
            yield Stage(box, client, http, client.places, approver)
        finally:
            await client.close()
            await asyncio.wait([running], timeout=5)
            Route.BASE = before[0]
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(before[1])
