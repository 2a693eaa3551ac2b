"""The same over real sockets: a sandbox whose owner changes things by REST, the real client, the same oracle."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.gateway import Gateway
from bot.surface import DiscordSurface
from chat.ids import ChannelId, UserId
from chat.rights import READ
from sandbox import Sandbox
from sandbox.wire import channel_payload, guild_payload, member_payload
from tests.fuzz.oracle import Json, Oracle
from tests.fuzz.shapes import TELLING
from tests.sandbox.clients import Visit
from tests.sandbox.world import little_world

CHANGES = 60


@asynccontextmanager
async def connected(box: Sandbox, *, members: bool) -> AsyncGenerator[Gateway]:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = box.api_url, yarl.URL(box.gateway_url)
    intents = discord.Intents(guilds=True, guild_messages=True, members=members)
    client = Gateway(intents, {"shard_ids": [0], "shard_count": 1})
    try:
        async with client:
            running = asyncio.create_task(client.start("bot-token"))
            await client.wait_for("ready", timeout=10)
            yield client
            await client.close()
            await running
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Story:
    """What the owner does, at random, and what is true afterwards."""

    def __init__(self, visit: Visit, seed: int) -> None:
        self.rng = Random(seed)
        self.ada = visit.rest("ada")
        self.state = visit.box.state
        self.guild = self.state.guild_named("Workshop")
        self.bot = visit.box.person("digm").id
        self.people = [visit.box.person(name).id for name in ("bob", "mia", "digm")]

    def bits(self) -> int:
        return sum(bit for bit in TELLING if self.rng.random() < 0.4)

    async def change(self) -> None:
        ways = [self.overwrite, self.role, self.hold, self.thread, self.inside, self.inside, self.time_out]
        await self.rng.choice(ways)()

    async def overwrite(self) -> None:
        channel = self.rng.choice(self.guild.channel_ids)
        member = self.rng.random() < 0.5
        target = self.rng.choice(self.people if member else list(self.guild.roles))
        allow = self.bits()
        body = {"type": int(member), "allow": str(allow), "deny": str(self.bits() & ~allow)}
        await self.ada.ask("PUT", f"/channels/{channel}/permissions/{target}", body)

    async def role(self) -> None:
        role = self.rng.choice(list(self.guild.roles))
        await self.ada.ask("PATCH", f"/guilds/{self.guild.id}/roles/{role}", {"permissions": str(self.bits())})

    async def hold(self) -> None:
        role = self.rng.choice([each for each in self.guild.roles if each != self.guild.id])
        verb = self.rng.choice(["PUT", "DELETE"])
        person = self.rng.choice(self.people)
        await self.ada.ask(verb, f"/guilds/{self.guild.id}/members/{person}/roles/{role}")

    async def thread(self) -> None:
        parent = self.ada.channel(self.rng.choice(["general", "crew-only"]))
        await self.ada.ask("POST", f"/channels/{parent}/threads", {"name": "t", "type": self.rng.choice([11, 12, 12])})

    async def inside(self) -> None:
        if self.guild.thread_ids:
            thread, person = self.rng.choice(self.guild.thread_ids), self.rng.choice(self.people)
            await self.ada.ask(self.rng.choice(["PUT", "DELETE"]), f"/channels/{thread}/thread-members/{person}")

    async def time_out(self) -> None:
        until = self.rng.choice([None, (datetime.now(UTC) + timedelta(hours=1)).isoformat()])
        body = {"communication_disabled_until": until}
        await self.ada.ask("PATCH", f"/guilds/{self.guild.id}/members/{self.rng.choice(self.people[:2])}", body)

    def oracle(self) -> Oracle:
        state, guild = self.state, self.guild
        told: Json = dict(guild_payload(guild))
        told["members"] = [member_payload(each, state.user(each.user_id)) for each in guild.members.values()]
        told["channels"] = [channel_payload(each) for each in state.channels_of(guild)]
        told["threads"] = [channel_payload(each) for each in state.threads_of(guild)]
        inside = {
            str(each.id): {str(one) for one in each.thread.members} for each in state.threads_of(guild) if each.thread
        }
        return Oracle(told, inside, datetime.now(UTC), str(self.bot))

    async def heard(self, client: Gateway) -> None:
        """Events come in order: before this one the bot has heard everything."""
        waiting = asyncio.create_task(client.wait_for("socket_event_type", check=lambda name: name == "GUILD_UPDATE"))
        await asyncio.sleep(0)
        await self.ada.ask("PATCH", f"/guilds/{self.guild.id}", {"name": "Workshop"})
        await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("members", [True, False])
async def test_over_real_sockets_too_nothing_leaks(members: bool) -> None:
    shown = 0
    async with Visit(Sandbox(little_world())) as visit, connected(visit.box, members=members) as client:
        story = Story(visit, seed=7)
        surface = DiscordSurface(client, places=client.places, audience=client.audience)
        for number in range(CHANGES):
            await story.change()
            await story.heard(client)
            oracle = story.oracle()
            places = [
                each for each in oracle.places if oracle.may(str(story.bot), each, history=False, timed_out=False)
            ]
            for into in story.rng.sample(places, min(3, len(places))):
                sources = frozenset(ChannelId(int(each)) for each in places if oracle.reads_now(str(story.bot), each))
                told = await surface.shareable(ChannelId(int(into)), sources)
                true = {each for each in sources if not oracle.is_overheard(into, str(each))}
                shown += len(told)
                assert told <= true, f"change {number}: told in {into}"
                assert told == true or not members, f"change {number}: withheld in {into}"
            for person in story.people:
                may = [each for each in places if await surface.rights(UserId(person), ChannelId(int(each))) >= READ]
                assert may == [each for each in places if oracle.reads_now(str(person), each)], f"change {number}"

    assert shown > CHANGES
