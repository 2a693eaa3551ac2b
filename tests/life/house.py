"""Everything a life needs: a local Discord, a scripted model, a data directory, and the bot in this process.

discord.py keeps its addresses in its classes: one bot at a time in a process.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import JsonValue, TypeAdapter

from bot.app import run_bot
from bot.reloading import Source
from bot.settings.load import Loaded, load_settings
from bot.settings.model import Settings
from chat.clock import Clock, utc_now
from sandbox import Sandbox
from sandbox.models import Message
from sandbox.world import World
from tests.life.model import ScriptedModel
from tests.life.world import life_world

JSON = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])
PATIENCE = 10.0  # a bound for machines that have other things to do
BOT = "digm"


@dataclass
class House:
    """What surrounds the bot, and people to talk to it."""

    box: Sandbox
    model: ScriptedModel
    http: aiohttp.ClientSession
    folder: Path

    def settings(self, **sections: Mapping[str, object]) -> Settings:
        return self.loaded(None, **sections).settings

    def loaded(self, path: Path | None, **sections: Mapping[str, object]) -> Loaded:
        """With a file, below what the house needs."""
        overrides: dict[str, dict[str, object]] = {
            "general": {"discord_token": "bot-token"},
            "llm_general": {"base_url": self.model.url, "retry_seconds": 1},
            "llm_reply": {"model_name": "scripted", "context_size": 16384},
            "discord": {"api_url": self.box.api_url, "gateway_url": self.box.gateway_url, "cdn_url": self.box.cdn_url},
            "storage": {"data_dir": str(self.folder / "data")},
        }
        for section, values in sections.items():
            overrides[section] = {**overrides.get(section, {}), **values}
        return load_settings(path, {"HOME": str(self.folder)}, overrides=overrides)

    @asynccontextmanager
    async def bot(
        self, *, clock: Clock = utc_now, source: Source | None = None, **sections: Mapping[str, object]
    ) -> AsyncGenerator[asyncio.Event]:
        """The running bot; what is given is the event that stops it. With a `source`, the settings are from there."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        stop, ready = asyncio.Event(), asyncio.Event()
        settings = source.read().settings if source else self.settings(**sections)
        running = asyncio.create_task(run_bot(settings, stop, clock=clock, caught_up=ready.set, source=source))
        try:
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait({running, waiting}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if running.done():
                await running
            yield stop
        finally:
            stop.set()
            async with asyncio.timeout(30):
                await asyncio.wait({running})
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before[0], yarl.URL(str(before[1]))
        await running

    # Acting as people

    async def ask(self, who: str, method: str, path: str, body: object = None, *, expect: int = 200) -> JsonValue:
        headers = {"Authorization": self.box.person(who).authorization}
        async with self.http.request(method, self.box.api_url + path, headers=headers, json=body) as answer:
            text = await answer.text()
            assert answer.status == expect, text
            return json.loads(text) if text else None

    async def write(self, who: str, where: str | int, text: str, **more: object) -> int:
        """As it is, without a mention of its own; answers the id."""
        channel = self.channel(where) if isinstance(where, str) else where
        said = await self.ask(who, "POST", f"/channels/{channel}/messages", {"content": text, **more})
        return int(str(JSON.validate_python(said)["id"]))

    async def mention(self, who: str, where: str, text: str, **more: object) -> int:
        return await self.write(who, where, f"<@{self.bot_id}> {text}", **more)

    async def edit(self, who: str, message_id: int, text: str) -> None:
        channel = self.box.state.contents.messages[message_id].channel_id
        await self.ask(who, "PATCH", f"/channels/{channel}/messages/{message_id}", {"content": text})

    async def delete(self, who: str, message_id: int) -> None:
        channel = self.box.state.contents.messages[message_id].channel_id
        await self.ask(who, "DELETE", f"/channels/{channel}/messages/{message_id}", expect=204)

    async def direct(self, who: str) -> int:
        """The id of somebody's direct channel with the bot."""
        made = await self.ask(who, "POST", "/users/@me/channels", {"recipient_id": str(self.bot_id)})
        return int(str(JSON.validate_python(made)["id"]))

    async def click(self, who: str, question: Message, label: str) -> None:
        rows = [JSON.validate_python(row)["components"] for row in question.components]
        buttons = [JSON.validate_python(each) for row in rows if isinstance(row, list) for each in row]
        button = next(each for each in buttons if each["label"] == label)
        channel = self.box.state.channel(question.channel_id)
        body = {
            "type": 3,
            "application_id": str(self.bot_id),
            "guild_id": str(channel.guild_id),
            "channel_id": str(channel.id),
            "message_id": str(question.id),
            "data": {"component_type": 2, "custom_id": button["custom_id"]},
        }
        await self.ask(who, "POST", "/interactions", body, expect=204)

    # Looking

    @property
    def bot_id(self) -> int:
        return self.box.person(BOT).id

    def channel(self, name: str) -> int:
        return self.box.state.channel_named(name).id

    def said(self, where: str | int | None = None) -> list[Message]:
        """The bot's messages, oldest first."""
        channel = self.channel(where) if isinstance(where, str) else where
        mine = [m for m in self.box.state.contents.messages.values() if m.author_id == self.bot_id]
        return sorted((m for m in mine if channel in (None, m.channel_id)), key=lambda m: m.id)

    def answers(self, message_id: int) -> list[Message]:
        return [m for m in self.said() if m.reference is not None and m.reference.message_id == message_id]

    def texts(self, where: str | int | None = None) -> list[str]:
        return [m.content for m in self.said(where)]

    async def answer(self, message_id: int, text: str) -> Message:
        """The reply to this message, once it has exactly this text."""
        return await self.reply(message_id, lambda content: content == text)

    async def reply(self, message_id: int, wanted: Callable[[str], bool]) -> Message:
        def is_it(message: Message) -> bool:
            to = message.reference.message_id if message.reference else None
            return message.author_id == self.bot_id and to == message_id and wanted(message.content)

        try:
            return await self.box.wait_for_message(is_it, PATIENCE)
        except TimeoutError:
            there = [m.content for m in self.answers(message_id)]
            raise AssertionError(f"no such reply; there is {there!r}, asked was {self.model.asked!r}") from None

    async def spoken(self, where: str | int, wanted: Callable[[str], bool]) -> Message:
        channel = self.channel(where) if isinstance(where, str) else where
        return await self.box.wait_for_message(
            lambda m: m.author_id == self.bot_id and m.channel_id == channel and wanted(m.content), PATIENCE
        )

    def sends(self, channel: int | None = None) -> Sequence[Mapping[str, JsonValue]]:
        """What the bot has posted, as it came over the wire."""
        path = f"/channels/{channel}/messages" if channel else "/messages"
        return [
            JSON.validate_python(each.body)
            for each in self.box.log
            if each.who == BOT and each.method == "POST" and each.path.endswith(path)
        ]

    async def after(self, who: str = "bob") -> None:
        """Once this has returned, the bot has dealt with everything that was said in these channels before."""
        number = len(self.box.log)
        message = await self.mention(who, "room-9", f"are you there, {number}?")
        await self.reply(message, lambda content: f"are you there, {number}?" in content)


@asynccontextmanager
async def house(folder: Path, world: World | None = None) -> AsyncGenerator[House]:
    async with (
        ScriptedModel().running() as model,
        Sandbox(world or life_world()) as box,
        aiohttp.ClientSession() as http,
    ):
        yield House(box, model, http, folder)


async def eventually(true: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """For what tells nobody when it changes: looked at again and again, within a bound."""
    async with asyncio.timeout(seconds):
        while not await true():
            try:
                async with asyncio.timeout(0.02):
                    await asyncio.get_running_loop().create_future()
            except TimeoutError:
                continue
