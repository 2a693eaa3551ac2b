"""The demo: a local Discord with a believable server, the bot on it, and a page to talk on. All on loopback."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.app import run_bot
from bot.demo.finding import LOCAL_SERVERS, Found, find_model
from bot.demo.scripted_model import LABEL, NAME, scripted_model
from bot.demo.served import Served
from bot.settings.load import Loaded, load_settings
from bot.stopping import unless_stopped
from sandbox.description import describe
from sandbox.server import Sandbox
from sandbox.world_file import World

SCRIPTED_NOTICE = f"Who speaks here is a {LABEL}. It understands a handful of phrasings."


async def run_demo(
    loaded: Loaded,
    stop: asyncio.Event,
    *,
    environ: Mapping[str, str],
    world: World,
    port: int,
    folder: Path,
    as_json: bool,
) -> None:
    """Run until `stop`. The world and the bot's data are kept in `folder`, which may be new."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with _model(loaded, stop) as found:
        notice = SCRIPTED_NOTICE if found.model == NAME else None
        async with Sandbox(world, port=port, state_file=folder / "world.json", notice=notice) as box:
            overrides = _overrides(loaded, box, found, folder)
            settings = load_settings(loaded.path, environ, overrides=overrides).settings
            await run_bot(settings, stop, caught_up=partial(_announce, box, found, as_json=as_json))


@asynccontextmanager
async def _model(loaded: Loaded, stop: asyncio.Event) -> AsyncGenerator[Found]:
    """A real model if one answers, else the scripted stand-in."""
    found = await unless_stopped(stop, _find(loaded))
    if found is not None:
        yield found
        return
    async with Served(scripted_model()) as url:
        yield Found(f"{url}/v1", NAME)


async def _find(loaded: Loaded) -> Found | None:
    settings = loaded.settings
    key = settings.llm_general.api_key
    found = None
    if loaded.configured:
        found = await find_model(
            [settings.llm_general.base_url],
            wanted=settings.llm_reply.model_name,
            api_key=key.get_secret_value() if key else "",
        )
    return found or await find_model(LOCAL_SERVERS)


def _overrides(loaded: Loaded, box: Sandbox, found: Found, folder: Path) -> Mapping[str, Mapping[str, object]]:
    bot = next(user for user in box.state.contents.users.values() if user.bot)
    llm: dict[str, object] = {"base_url": found.base_url}
    if found.base_url != loaded.settings.llm_general.base_url:
        llm["api_key"] = "none"  # a key goes to no server but its own
    return {
        "general": {"discord_token": bot.token},
        "llm_general": llm,
        "llm_reply": {"model_name": found.model},
        "discord": {"api_url": box.api_url, "gateway_url": box.gateway_url, "cdn_url": box.cdn_url},
        "storage": {"data_dir": str(folder / "data")},
    }


def _announce(box: Sandbox, found: Found, *, as_json: bool) -> None:
    if as_json:
        _say(json.dumps({**describe(box), "model": found.model}))
        return
    speaker = f"a {LABEL}" if found.model == NAME else f"{found.model} at {found.base_url}"
    _say(f"digmbot demo: open {box.page_url} in a browser and talk to @digmbot")
    _say(f"The bot talks with {speaker}. Ctrl-C stops it.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
