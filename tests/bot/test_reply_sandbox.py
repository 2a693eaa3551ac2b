"""A question asked on the local Discord, read and answered through discord.py's gateway and REST."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.attachments import AttachmentLoader, LoadedText
from bot.gateway import point_at
from bot.outlet import ChannelOutlet
from bot.render import to_message
from bot.reply import Shown, StreamedReply
from chat.ids import MessageId
from sandbox.server import Sandbox
from sandbox.world_file import World
from tests.bot.reply_room import Room

WORLD: dict[str, object] = {
    "bots": [{"name": "digm", "token": "bot-token"}],
    "guilds": [
        {
            "name": "Workshop",
            "owner": "mia",
            "members": [{"name": "mia", "display_name": "Mia", "token": "mia-token"}, {"name": "digm"}],
            "channels": [{"name": "general"}],
        }
    ],
}


@dataclass
class Scene:
    box: Sandbox
    client: discord.Client
    http: aiohttp.ClientSession

    async def asked(self, text: str, **files: bytes) -> discord.Message:
        """Mia writes in #general; what the bot hears of it."""
        place = next(iter(self.client.get_all_channels()))
        form = aiohttp.FormData({"payload_json": json.dumps({"content": text})}, default_to_multipart=True)
        for number, (name, content) in enumerate(files.items()):
            form.add_field(f"files[{number}]", content, filename=f"{name}.txt", content_type="text/plain")
        url = f"{self.box.api_url}/channels/{place.id}/messages"
        heard = asyncio.create_task(self.client.wait_for("message", timeout=5))
        await asyncio.sleep(0)
        async with self.http.post(url, headers={"Authorization": "mia-token"}, data=form) as answer:
            assert answer.status == 200, await answer.text()
        return await heard

    def reply_to(self, message: discord.Message) -> StreamedReply:
        assert isinstance(message.channel, discord.TextChannel)
        outlet = ChannelOutlet(message.channel, MessageId(message.id))
        return StreamedReply(outlet, mention_id=MessageId(message.id), note=Room().note)

    def said_by_bot(self) -> list[str]:
        bot = self.box.person("digm").id
        return [m.content for m in self.box.state.contents.messages.values() if m.author_id == bot]


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    before = Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)
    async with Sandbox(World.model_validate(WORLD)) as box, aiohttp.ClientSession() as http:
        point_at(api_url=box.api_url, gateway_url=box.gateway_url, cdn_url=None)
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = True
        client = discord.Client(intents=intents, guild_ready_timeout=0.1)
        running = asyncio.create_task(client.start("bot-token"))
        try:
            async with asyncio.timeout(5):
                while not client.is_ready():
                    await asyncio.wait([running], timeout=0.02)
            yield Scene(box, client, http)
        finally:
            await client.close()
            await asyncio.wait([running], timeout=5)
            Route.BASE = before[0]
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(before[1])


async def test_a_question_is_read_with_names_and_answered_once(scene: Scene) -> None:
    bot, mia = scene.box.person("digm"), scene.box.person("mia")
    heard = await scene.asked(f"<@{bot.id}> where is <@{mia.id}>?")
    message = to_message(heard, addressed={bot.id})
    assert message.text == "where is @Mia?"
    assert message.author.id == mia.id
    async with scene.reply_to(heard) as reply:
        reply.show("Right here.")
        assert isinstance(await reply.finish("Right here."), Shown)
    assert scene.said_by_bot() == ["Right here."]
    sends = [served for served in scene.box.log if served.method == "POST" and served.path.endswith("/messages")]
    assert len([served for served in sends if served.who == "digm"]) == 1


async def test_a_lost_answer_to_a_send_does_not_say_it_twice(scene: Scene) -> None:
    heard = await scene.asked(f"<@{scene.box.person('digm').id}> hello")
    scene.box.faults.answer(503, method="POST", path="/messages$", after_effect=True)
    async with scene.reply_to(heard) as reply:
        assert isinstance(await reply.finish("word " * 900), Shown)
    said = scene.said_by_bot()
    assert " ".join(said).split() == ["word"] * 900
    assert len(said) == 3


async def test_a_streamed_answer_ends_as_the_final_text_and_can_be_withdrawn(scene: Scene) -> None:
    heard = await scene.asked(f"<@{scene.box.person('digm').id}> tell me a story")
    async with scene.reply_to(heard) as reply:
        reply.show("Once upon a time there was a ship.")
        await scene.box.wait_for_message(lambda m: m.content.startswith("Once upon"))
        assert isinstance(await reply.finish("Once upon a time there was a ship. It sailed."), Shown)
        assert scene.said_by_bot() == ["Once upon a time there was a ship. It sailed."]
        assert await reply.withdraw()
    assert scene.said_by_bot() == []


async def test_a_file_that_came_along_is_loaded_from_the_servers_address(scene: Scene) -> None:
    heard = await scene.asked(f"<@{scene.box.person('digm').id}> read this", notes="Grüße".encode())
    loader = AttachmentLoader(scene.http, vision=False, origins=[scene.box.cdn_url])
    assert await loader.load(to_message(heard).attachments) == [LoadedText("notes.txt", "Grüße")]
