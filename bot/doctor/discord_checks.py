"""Does Discord know the token, grant the intents, open the gateway, and let the bot do its work on each server?"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from discord.http import Route

from bot.doctor.findings import Finding, broken, ok, warning
from bot.gateway import wanted_intents
from bot.places import Place
from bot.starting import PORTAL

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    read_message_history=True,
    add_reactions=True,
    embed_links=True,
    attach_files=True,
)
MAX_GUILDS = 25
SKEW_SECONDS = 5
HELLO = 10


async def check_discord(token: str) -> AsyncIterator[Finding]:
    """The addresses must have been set before (`bot.gateway.point_at`)."""
    area = "discord"
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            yield broken(area, "refuses the token", f"copy it again from {PORTAL} (Bot, Reset Token)")
            return
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            yield broken(area, f"cannot be reached ({type(error).__name__})", "check the network, or discord.api_url")
            return
        yield ok(area, f"knows the token: this is {client.user}")
        for finding in _intents(client.application):
            yield finding
        yield await _gateway(client)
        async for finding in _guilds(client):
            yield finding
    yield await _clock()


def _intents(application: discord.AppInfo | None) -> Sequence[Finding]:
    area = "intents"
    intents = wanted_intents(application.flags if application else discord.ApplicationFlags())
    hint = f"switch it on under Bot at {PORTAL}"
    return [
        ok(area, "Message Content is granted")
        if intents.message_content
        else broken(area, "Message Content is missing: only mentions and direct messages can be read", hint),
        ok(area, "Server Members is granted")
        if intents.members
        else warning(area, "Server Members is missing: recall in restricted channels stays on the careful side", hint),
    ]


async def _gateway(client: discord.Client) -> Finding:
    area = "gateway"
    try:
        _, url, *_ = await client.http.get_bot_gateway()
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}?v=10&encoding=json") as socket:
            hello = json.loads(await socket.receive_str(timeout=10))
    except (discord.DiscordException, aiohttp.ClientError, OSError, TypeError, ValueError) as error:
        return broken(area, f"does not open ({type(error).__name__})", "check that websockets pass your network")
    if hello.get("op") != HELLO:
        return broken(area, "does not say hello", "look at discord.gateway_url")
    return ok(area, "says hello")


async def _guilds(client: discord.Client) -> AsyncIterator[Finding]:
    count = 0
    async for found in client.fetch_guilds(limit=MAX_GUILDS):
        count += 1
        guild = await client.fetch_guild(found.id)
        me = await guild.fetch_member(client.user.id if client.user else 0)
        yield _rights(guild.name, me, await guild.fetch_channels())
    if count == 0:
        yield warning("servers", "the bot is on none", f"invite it: OAuth2, URL Generator at {PORTAL}")


def _rights(name: str, me: discord.Member, channels: Sequence[discord.abc.GuildChannel]) -> Finding:
    """What is missing on a server, summed up over its channels."""
    area = f"server {name}"
    lacking: dict[str, list[str]] = {}
    hidden: list[str] = []
    for channel in channels:
        if not isinstance(channel, Place):
            continue
        granted = channel.permissions_for(me)
        if not granted.view_channel:
            hidden.append(channel.name)
            continue
        for right, is_missing in discord.Permissions(NEEDED.value & ~granted.value):
            if is_missing:
                lacking.setdefault(right.replace("_", " "), []).append(channel.name)
    unseen = f"; it does not see {_some(hidden)}" if hidden else ""
    if not lacking:
        return ok(area, f"the bot may do all it needs{unseen}")
    missing = "; ".join(f"{right} in {_some(names)}" for right, names in lacking.items())
    return warning(area, f"the bot lacks {missing}{unseen}", "give its role these rights there, unless that is meant")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"#{name}" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


async def _clock() -> Finding:
    area = "clock"
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{Route.BASE}/gateway") as answer:
            stamp = answer.headers.get("Date")
    except (aiohttp.ClientError, OSError) as error:
        return warning(area, f"could not be compared ({type(error).__name__})", "check the network")
    if stamp is None:
        return ok(area, "this Discord tells no time to compare with")
    off = (datetime.now(UTC) - parsedate_to_datetime(stamp)).total_seconds()
    if abs(off) > SKEW_SECONDS:
        return warning(
            area, f"it is off by {off:.0f} seconds against Discord's", "switch on time synchronisation (NTP)"
        )
    return ok(area, "agrees with Discord's")
