"""The floor: the shortest honest Discord bot on discord.py and openai. No tools, no memory, one streamed answer.

It does what such a bot does: the last lines of the channel as context, typing, a first send as soon as there is text,
edits at the same pace as ours, the final text. `python -m bench.floor_bot API GATEWAY TOKEN BASE_URL`.
"""

import sys
import time

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from openai import AsyncOpenAI

EDIT_SECONDS = 1.2
LINES = 50


class FloorBot(discord.Client):
    def __init__(self, model: AsyncOpenAI) -> None:
        intents = discord.Intents(guilds=True, messages=True, message_content=True)
        super().__init__(intents=intents, guild_ready_timeout=0.5)
        self.model = model
        self.lines: dict[int, list[str]] = {}

    async def on_ready(self) -> None:
        print("ready", flush=True)

    async def on_message(self, message: discord.Message) -> None:
        lines = self.lines.setdefault(message.channel.id, [])
        lines.append(f"{message.author.display_name}: {message.clean_content}")
        del lines[:-LINES]
        if self.user is None or message.author == self.user or self.user not in message.mentions:
            return
        async with message.channel.typing():
            await self.answer(message, "\n".join(lines))

    async def answer(self, message: discord.Message, prompt: str) -> None:
        stream = await self.model.chat.completions.create(
            model="floor",
            messages=[
                {"role": "system", "content": "You are a helpful bot."},
                {"role": "user", "content": prompt},
            ],
            stream=True,
        )
        text, sent, shown_at = "", None, time.monotonic()
        async for chunk in stream:
            text += chunk.choices[0].delta.content or "" if chunk.choices else ""
            if text and time.monotonic() - shown_at > EDIT_SECONDS:
                sent = await (sent.edit(content=text) if sent else message.reply(text, mention_author=False))
                shown_at = time.monotonic()
        await (sent.edit(content=text) if sent else message.reply(text, mention_author=False))


def main() -> None:
    api, gateway, token, base_url = sys.argv[1:]
    Route.BASE = api
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    FloorBot(AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0)).run(token, log_handler=None)


if __name__ == "__main__":
    main()
