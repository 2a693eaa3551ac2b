"""How long the bot's event loop is kept waiting while 100 messages a second arrive. `python -m bench.lag [--json]`.

The bot runs here, with a sampler in its loop; the sandbox and the writer of the messages are processes of their own.
The floor is the same loop with nothing arriving.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import aiohttp
from pydantic import BaseModel

from bench.measure import loop_lag
from bot.app import run_bot
from bot.settings.load import load_settings

RATE, SECONDS = 100, 20.0
QUIET_SECONDS = 8.0


class _Named(BaseModel):
    id: str
    name: str
    token: str = ""


class _Server(BaseModel):
    channels: list[_Named]


class _Info(BaseModel):
    """What the sandbox tells of itself."""

    api: str
    gateway: str
    cdn: str
    bot: _Named
    members: list[_Named]
    guilds: list[_Server]


async def write(api: str, channels: list[str], token: str) -> None:
    """Write `RATE` messages a second for `SECONDS`."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with aiohttp.ClientSession(headers={"Authorization": token}) as http, asyncio.TaskGroup() as tasks:
        for number in range(int(RATE * SECONDS)):
            await asyncio.sleep(max(0.0, begun + number / RATE - loop.time()))
            url = f"{api}/channels/{channels[number % len(channels)]}/messages"
            tasks.create_task(_say(http, url, f"the ferry needs paint, said for the {number}th time"))


async def _say(http: aiohttp.ClientSession, url: str, text: str) -> None:
    async with http.post(url, json={"content": text}) as answer:
        answer.raise_for_status()


async def measured() -> dict[str, object]:
    command = (sys.executable, "-m", "bot.cli", "sandbox", "--json", "--port", "0")
    sandbox = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    if sandbox.stdout is None:
        raise RuntimeError("the sandbox has no pipe")
    info = _Info.model_validate_json(await sandbox.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as folder:
            return await _with_bot(info, Path(folder))
    finally:
        sandbox.terminate()
        await sandbox.wait()


async def _with_bot(info: _Info, home: Path) -> dict[str, object]:
    overrides: dict[str, dict[str, object]] = {
        "general": {"discord_token": info.bot.token},
        "llm_reply": {"model_name": "none"},
        "discord": {"api_url": info.api, "gateway_url": info.gateway, "cdn_url": info.cdn},
        "storage": {"data_dir": str(home)},
    }
    settings = load_settings(None, {"HOME": str(home)}, overrides=overrides).settings
    names = {"general", "random", "dev", "ops", "design"}
    channels = [each.id for each in info.guilds[0].channels if each.name in names]
    stop, ready = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_bot(settings, stop, caught_up=ready.set))
        await ready.wait()
        await asyncio.sleep(QUIET_SECONDS)  # the embedder loads, the first messages are indexed
        async with loop_lag() as quiet:
            await asyncio.sleep(QUIET_SECONDS)
        async with loop_lag() as busy:
            arguments = ("--write", info.api, info.members[0].token, *channels)
            writer = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.lag", *arguments)
            await writer.wait()
        stop.set()
    return {"messages_per_second": RATE, "lag_ms": asdict(busy.spread), "floor_lag_ms": asdict(quiet.spread)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        api, token, *channels = arguments.write
        asyncio.run(write(api, channels, token))
        return
    figures = asyncio.run(measured())
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
