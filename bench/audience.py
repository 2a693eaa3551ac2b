"""How long it takes to know what may be told in a channel. `python -m bench.audience [--json]`.

A server of 10,000 members, 200 channels and 100 roles, half of the channels restricted by overwrites, in discord.py's
real cache. One question is: which of the 200 channels may be quoted in this one? Asked at first, again, and after each
kind of change. The floor is judging every member in every channel with discord.py's own `permissions_for`, as far as
one channel.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import discord

from bench.measure import Spread
from bot.gateway import Gateway
from bot.surface import DiscordSurface
from chat.ids import ChannelId

MEMBERS, CHANNELS, ROLES, HELD = 10_000, 200, 100, 5
GUILD, BOT = 10**17, 10**17 + 1
FIRST_ROLE, FIRST_CHANNEL, FIRST_MEMBER = GUILD + 1_000, GUILD + 10_000, GUILD + 100_000
READS = 1 << 10 | 1 << 16
ROUNDS = 20

Json = dict[str, Any]


class Fed(Gateway):
    """The bot's client without a connection."""

    def feed(self, name: str, data: Json) -> None:
        self._connection.parsers[name](json.loads(json.dumps(data)))

    def become_the_bot(self) -> None:
        user: Any = _member(BOT, [])["user"]
        self._connection.user = discord.ClientUser(state=self._connection, data=user)
        self.audience.heard("READY", {"user": user, "shard": [0, 1]})


def _role(number: int, permissions: int = READS) -> Json:
    plain = {"color": 0, "hoist": False, "position": 1, "managed": False, "mentionable": True, "flags": 0}
    return {"id": str(number), "name": f"role {number}", "permissions": str(permissions), **plain}


def _member(number: int, roles: list[int]) -> Json:
    user = {"id": str(number), "username": f"u{number}", "discriminator": "0", "avatar": None, "global_name": None}
    about = {"joined_at": "2024-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0, "nick": None}
    return {"user": user, "roles": [str(role) for role in roles], **about}


def _channel(number: int, allowed: list[int]) -> Json:
    everyone = [{"id": str(GUILD), "type": 0, "allow": "0", "deny": str(READS)}] if allowed else []
    roles = [{"id": str(role), "type": 0, "allow": str(READS), "deny": "0"} for role in allowed]
    about = {"position": 0, "topic": None, "nsfw": False, "rate_limit_per_user": 0, "parent_id": None}
    ids = {"id": str(number), "guild_id": str(GUILD), "type": 0, "name": f"channel-{number}"}
    return {**ids, "permission_overwrites": everyone + roles, **about}


def guild(random: Random) -> Json:
    roles = range(FIRST_ROLE, FIRST_ROLE + ROLES)
    people = [_member(FIRST_MEMBER + i, random.sample(roles, HELD)) for i in range(MEMBERS - 1)]
    restricted = [random.sample(roles, 8) if i % 2 else [] for i in range(CHANNELS)]
    channels = [_channel(FIRST_CHANNEL + i, allowed) for i, allowed in enumerate(restricted)]
    empty: Json = {
        "emojis": [],
        "features": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "threads": [],
    }
    return {
        "id": str(GUILD),
        "name": "Big",
        "owner_id": str(FIRST_MEMBER),
        "member_count": MEMBERS,
        "large": True,
        "roles": [_role(GUILD), *(_role(role, 0) for role in roles)],
        "channels": channels,
        "members": [_member(BOT, []), *people],
        **empty,
    }


async def measure() -> Json:
    random = Random(1)
    async with Fed(discord.Intents(guilds=True, members=True), {}) as client:
        client.become_the_bot()
        told = guild(random)
        begun = time.perf_counter()
        client.audience.heard("GUILD_CREATE", told)
        heard = time.perf_counter() - begun
        client.feed("GUILD_CREATE", told)
        surface = DiscordSurface(client, places=client.places, audience=client.audience)
        sources = [ChannelId(FIRST_CHANNEL + i) for i in range(CHANNELS)]

        async def ask() -> None:
            await surface.shareable(ChannelId(FIRST_CHANNEL + 1), sources)

        figures: Json = {"heard_ms": round(heard * 1000, 1), "first_ms": (await spread(ask, lambda: None, 1)).max}
        figures["again_ms"] = (await spread(ask, lambda: None)).p50
        for name, change in changes(client, told, random).items():
            figures[f"after_{name}_ms"] = (await spread(ask, change)).p50
        figures["floor_one_channel_ms"] = round(floor(client), 1)
        return figures


def changes(client: Fed, told: Json, random: Random) -> dict[str, Callable[[], None]]:
    roles = range(FIRST_ROLE, FIRST_ROLE + ROLES)
    ids = {"guild_id": str(GUILD)}

    def overwrite() -> None:
        client.feed("CHANNEL_UPDATE", _channel(FIRST_CHANNEL + 3, random.sample(roles, 8)))

    def role() -> None:
        client.feed("GUILD_ROLE_UPDATE", {**ids, "role": _role(random.choice(roles), random.choice([0, READS]))})

    def member() -> None:
        number = random.randrange(FIRST_MEMBER, FIRST_MEMBER + MEMBERS - 1)
        client.feed("GUILD_MEMBER_UPDATE", {**ids, **_member(number, random.sample(roles, HELD))})

    def join() -> None:
        told["member_count"] += 1
        client.feed("GUILD_MEMBER_ADD", {**ids, **_member(FIRST_MEMBER + told["member_count"], [])})

    return {"overwrite": overwrite, "role": role, "member": member, "join": join}


async def spread(ask: Callable[[], Awaitable[None]], change: Callable[[], None], rounds: int = ROUNDS) -> Spread:
    """Milliseconds of the question, each time after the change."""
    taken: list[float] = []
    for _ in range(rounds):
        change()
        begun = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return Spread.of(taken)


def floor(client: Fed) -> float:
    big = client.get_guild(GUILD)
    channel = big.get_channel(FIRST_CHANNEL + 1) if big else None
    assert big is not None
    assert channel is not None
    begun = time.perf_counter()
    for member in big.members:
        channel.permissions_for(member)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures = asyncio.run(measure())
    if as_json:
        json.dump(figures, sys.stdout)
        return
    for name, value in figures.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
