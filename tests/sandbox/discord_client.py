"""A real discord.py client pointed at a sandbox. It keeps its addresses in its classes, so one test at a time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox import Sandbox


class Answerer(discord.AutoShardedClient):
    """Answers mentions and direct messages; keeps what it saw."""

    def __init__(self, *, shards: int = 1) -> None:
        intents = discord.Intents.default()
        intents.message_content = intents.members = True
        super().__init__(intents=intents, guild_ready_timeout=0.1, shard_count=shards, shard_ids=list(range(shards)))
        self.ready = asyncio.Event()
        self.resumed = asyncio.Event()
        self.seen: list[discord.Message] = []
        self.clicked: asyncio.Queue[discord.Interaction[discord.Client]] = asyncio.Queue()
        self.tree = app_commands.CommandTree(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the pause that Discord asks for and a sandbox does not."""
        del shard_id, initial

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_shard_resumed(self, shard_id: int) -> None:
        del shard_id
        self.resumed.set()

    async def on_message(self, message: discord.Message) -> None:
        self.seen.append(message)
        if message.author.bot or self.user is None:
            return
        if self.user in message.mentions or message.guild is None:
            async with message.channel.typing():
                reply = await message.reply(f"thinking about {message.clean_content}")
            await reply.edit(content=f"answer to {message.author.display_name}")


@asynccontextmanager
async def running(box: Sandbox, client: Answerer) -> AsyncGenerator[Answerer]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = box.api_url, yarl.URL(box.gateway_url)
    task = asyncio.create_task(client.start("bot-token"))
    ready = asyncio.create_task(client.ready.wait())
    try:
        async with asyncio.timeout(10):
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield client
    finally:
        ready.cancel()
        await client.close()
        await asyncio.gather(task, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
