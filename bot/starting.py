"""What must be there before the bot can run: its stores, and a Discord that takes its token."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp
import discord
import platformdirs

from bot.embedding import embedder_spec
from bot.gateway import Gateway, Sharding, granted_intents, point_at, wanted_intents
from bot.governing import Governing, open_governing
from bot.ledger import Ledger
from bot.settings.model import Settings
from chat.clock import Clock
from chat.ids import ChannelId
from mcp_servers.offered.tokens import Tokens
from memory.embedders.spec import load, load_bundled
from memory.opening import OpenMemory, open_memory
from memory.rules import Rules
from storage.data_dir import DataDir
from storage.database import Database
from storage.migrations import upgrade
from storage.secret_key import secret_key

logger = logging.getLogger(__name__)

PORTAL = "https://discord.com/developers/applications"


class StartError(Exception):
    """The bot cannot start: one sentence for the operator, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that outlives the process."""

    database: Database
    memory: OpenMemory
    ledger: Ledger
    tokens: Tokens
    secret_key: bytes
    """What secrets in the database are encrypted with."""
    governing: Governing


def models_folder() -> Path:
    """Where derived models are kept: they can be made again, and serve every data directory."""
    return platformdirs.user_cache_path("digmbot", appauthor=False) / "models"


@asynccontextmanager
async def open_stores(settings: Settings, clock: Clock) -> AsyncGenerator[Stores]:
    """The data directory, its database brought up to date, and memory over it. Raises `StorageError`."""
    with DataDir(settings.storage.data_dir) as data:
        url = settings.storage.url
        async with Database(url.get_secret_value() if url else data.database_url) as database:
            await asyncio.to_thread(upgrade, database.engine)
            given = settings.storage.secret_key
            key = await asyncio.to_thread(secret_key, data.secret_key, given.get_secret_value() if given else None)
            ledger = Ledger(database, clock, window=timedelta(seconds=settings.discord.catch_up_seconds))
            await ledger.open()
            tokens = Tokens(database, clock)
            await tokens.open()
            embedder = partial(load, embedder_spec(settings.memory, models_folder()))
            wanted = settings.memory
            never = [ChannelId(each) for each in wanted.never_archive]
            rules = Rules(database, clock, never=never, retention_days=wanted.retention_days)
            async with open_memory(
                database=database,
                vectors=data.vectors,
                load_embedder=embedder,
                load_named=partial(load_bundled, models_folder()),
                rules=rules,
                clock=clock,
            ) as memory:
                yield Stores(database, memory, ledger, tokens, key, await open_governing(settings, database, clock))


def token_of(settings: Settings) -> str:
    token = settings.general.discord_token
    if token is None:
        raise StartError("general.discord_token is missing; without one, try `digmbot demo`")
    return token.get_secret_value()


async def new_client(settings: Settings) -> Gateway:
    """A client for the configured Discord, asking for the intents that it was granted. Raises `StartError`."""
    where = settings.discord
    point_at(api_url=where.api_url, gateway_url=where.gateway_url, cdn_url=where.cdn_url)
    intents = wanted_intents(await _granted(token_of(settings), where.api_url or "https://discord.com"))
    if not intents.message_content:
        logger.warning("without the Message Content intent only mentions and direct messages can be read")
    if not intents.members:
        logger.warning("without the Server Members intent recall in restricted channels stays on the careful side")
    sharding: Sharding = {}
    if where.shard_ids is not None:
        sharding["shard_ids"] = list(where.shard_ids)
    if where.shard_count is not None:
        sharding["shard_count"] = where.shard_count
    return Gateway(intents, sharding)


async def connect(client: Gateway, settings: Settings) -> StartError | None:
    """Stay connected until the client is closed, or Discord has closed the connection for good: then, why."""
    try:
        await client.start(token_of(settings))
    except discord.PrivilegedIntentsRequired:
        return StartError(
            f"Discord refuses the intents; switch on Message Content and Server Members under Bot at {PORTAL}"
        )
    except (discord.LoginFailure, discord.ConnectionClosed) as error:
        return StartError(f"Discord has closed the connection for good: {error}")
    return None


async def _granted(token: str, address: str) -> discord.ApplicationFlags:
    try:
        return await granted_intents(token)
    except discord.LoginFailure as error:
        raise StartError(
            f"Discord refuses the token; copy it again from {PORTAL} (Bot, Reset Token) into general.discord_token"
        ) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise StartError(
            f"Discord cannot be reached at {address} ({type(error).__name__}); check the network, or discord.api_url"
        ) from error
