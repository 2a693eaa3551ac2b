"""Nobody ever gets a line that they may not read, and nothing is withheld without need: random servers that change,
fed to the real client, against Discord's published rules.

`DIGMBOT_WORLDS=2000 pytest tests/fuzz -s` runs the full size and prints the figures.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat.clock import utc_now
from chat.ids import ChannelId
from memory.embedders import Embedder
from memory.opening import OpenMemory, open_memory
from tests.fuzz.asking import Asker, Tally, said
from tests.fuzz.feeding import FedGateway, fed_gateway
from tests.fuzz.worlds import World
from tests.memory.parts import open_database

WORLDS = int(os.environ.get("DIGMBOT_WORLDS", "100"))
CHANGES = 8

pytestmark = pytest.mark.timeout(60 + WORLDS)


async def test_every_answer_in_a_random_world_is_what_discords_rules_allow(tmp_path: Path) -> None:
    tally = Tally()
    async with words_only(tmp_path) as memory, fed_gateway() as client:
        for seed in range(WORLDS):
            await live_through(World(seed, utc_now()), client, tally, memory)

    print(tally)
    assert tally.shown > tally.worlds, "a test in which nothing may be shown shows nothing"
    assert not tally.leaks, str(tally)
    assert not tally.withheld, str(tally)


async def test_without_the_list_of_members_nothing_leaks(tmp_path: Path) -> None:
    tally = Tally()
    async with words_only(tmp_path) as memory, fed_gateway(members=False) as client:
        for seed in range(WORLDS // 2):
            await live_through(World(10_000_000 + seed, utc_now()), client, tally, memory)

    print(tally)
    assert tally.shown > tally.worlds, "a test in which nothing may be shown shows nothing"
    assert not tally.leaks, str(tally)


async def live_through(world: World, client: FedGateway, tally: Tally, memory: OpenMemory) -> None:
    tally.worlds += 1
    client.live_in(world)
    asker = Asker(world, client, tally)
    await memory.archive.archive_many([said(world, place) for place in world.places()])
    await asker.ask(3, 3, "at first")
    await asker.recall(memory, "at first")
    for number in range(CHANGES):
        before = world.places()
        name, events = world.change()
        tally.changes += 1
        client.hear(events)
        await memory.archive.archive_many([said(world, place) for place in world.places() if place not in before])
        for gone in set(before) - set(world.places()):
            await memory.archive.erase_channel(ChannelId(int(gone)))
        await asker.ask(2, 2, f"after change {number}, {name}")
    await asker.recall(memory, "at last")
    await asker.search(memory, "at last")
    client.feed("GUILD_DELETE", {"id": world.guild["id"]})


def no_embedder() -> Embedder:
    raise RuntimeError("there is none here")


@asynccontextmanager
async def words_only(folder: Path) -> AsyncGenerator[OpenMemory]:
    """Memory without an embedder: what may be shown does not depend on how it was found."""
    async with (
        open_database(folder) as database,
        open_memory(database=database, vectors=folder / "vectors", load_embedder=no_embedder) as memory,
    ):
        yield memory
