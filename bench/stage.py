"""The stage of the benchmarks: a sandbox with two bots, digmbot and the floor, and one scripted model for both."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.lines import line
from bench.llm import ScriptedLlm
from bot.demo.served import Served
from sandbox.server import Sandbox
from sandbox.world_file import World

CHANNELS = 10
ARCHIVED = 10_000
START_SECONDS = 180.0  # the first start archives and embeds everything


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a benchmark plays."""

    box: Sandbox
    llm: ScriptedLlm
    llm_url: str
    http: aiohttp.ClientSession

    def channel(self, number: int) -> int:
        return self.box.state.channel_named(f"room-{number % CHANNELS}").id

    async def mention(self, bot: str, channel: int, mark: int) -> int:
        """Ask `bot` something that carries the mark; answers with the message's id."""
        content = f"<@{self.box.person(bot).id}> who {line(random.Random(mark))}? #{mark}#"
        url = f"{self.box.api_url}/channels/{channel}/messages"
        async with self.http.post(url, json={"content": content}) as answer:
            return int((await answer.json())["id"])


def world(archived: int) -> World:
    """`archived` messages over the channels, and one person to ask."""
    chance = random.Random(1)
    messages = [
        {
            "channel": f"room-{number % CHANNELS}",
            "author": "mia",
            "ago": f"{1 + number % 28}d {number % 24}h",
            "text": line(chance),
        }
        for number in range(archived)
    ]
    rooms = [{"name": f"room-{number}"} for number in range(CHANNELS)]
    return World.model_validate(
        {
            "people": [{"name": "mia", "token": "mia-token"}],
            "bots": [{"name": "digmbot", "token": "bench-digmbot"}, {"name": "floor", "token": "bench-floor"}],
            "guilds": [
                {"name": "Bench", "owner": "mia", "members": [{"name": "mia"}], "channels": rooms, "messages": messages}
            ],
        }
    )


@asynccontextmanager
async def stage(*, archived: int = ARCHIVED) -> AsyncGenerator[Stage]:
    llm = ScriptedLlm()
    async with Sandbox(world(archived)) as box, Served(llm.app) as url:
        headers = {"Authorization": box.person("mia").authorization}
        async with aiohttp.ClientSession(headers=headers) as http:
            yield Stage(box, llm, f"{url}/v1", http)


def environment(stage: Stage, home: Path) -> dict[str, str]:
    """What a digmbot process needs to play on this stage; it keeps its things in `home`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
        "DIGMBOT_GENERAL__DISCORD_TOKEN": stage.box.person("digmbot").token,
        "DIGMBOT_LLM_GENERAL__BASE_URL": stage.llm_url,
        "DIGMBOT_LLM_REPLY__MODEL_NAME": "floor",
        "DIGMBOT_DISCORD__API_URL": stage.box.api_url,
        "DIGMBOT_DISCORD__GATEWAY_URL": stage.box.gateway_url,
        "DIGMBOT_DISCORD__CDN_URL": stage.box.cdn_url,
        "DIGMBOT_LOGGING__FORMAT": "json",
    }


@asynccontextmanager
async def digmbot(
    stage: Stage, home: Path, *, until: str = "ready as", more: Mapping[str, str] | None = None
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`digmbot run` as a child, from the log line that has `until` in it on. `more`: settings, as variables."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "run"),
        env=environment(stage, home) | dict(more or {}),
        stderr=asyncio.subprocess.PIPE,
    )
    async with _running(process, process.stderr, until):
        yield process


@asynccontextmanager
async def floor(stage: Stage) -> AsyncGenerator[None]:
    """The floor bot as a child."""
    box = stage.box
    arguments = (box.api_url, box.gateway_url, box.person("floor").token, stage.llm_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor_bot", *arguments, stdout=asyncio.subprocess.PIPE
    )
    async with _running(process, process.stdout, "ready"):
        yield


@asynccontextmanager
async def _running(
    process: asyncio.subprocess.Process, output: asyncio.StreamReader | None, until: str
) -> AsyncGenerator[None]:
    if output is None:
        raise RuntimeError("the child has no pipe")
    async with asyncio.timeout(START_SECONDS):
        while until not in (line := (await output.readline()).decode()):
            if not line:
                raise RuntimeError(f"the child ended before it said {until!r}")
    draining = asyncio.create_task(output.read())
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
        await draining
