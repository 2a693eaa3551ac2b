"""However often the bot is killed while people write, edit and delete: memory ends as what stands on Discord.

`DIGMBOT_KILLS=100` is the full size.
"""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from memory.embedders.spec import EmbedderSpec, load
from tests.life.child import spawn
from tests.life.house import House, house
from tests.life.kept import differences, kept, vectors
from tests.life.world import MANY

KILLS = int(os.environ.get("DIGMBOT_KILLS", "5"))
PAST = 150
"""Messages in the first channel before the bot ever came: more than one page."""


async def moment(seconds: float) -> None:
    """Let the world go on, not a wait for anything in it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


class Crowd:
    """People who write, edit and delete without end."""

    def __init__(self, home: House, chance: random.Random) -> None:
        self._home = home
        self._chance = chance
        self._said: list[tuple[str, int]] = []
        self._count = 0

    async def past(self) -> None:
        for _ in range(PAST):
            await self._write("room-0")

    async def go_on(self) -> None:
        while True:
            await self._act()
            await moment(self._chance.uniform(0, 0.04))

    async def _act(self) -> None:
        match self._chance.random():
            case dice if dice < 0.6 or not self._said:
                await self._write(f"room-{self._chance.randrange(MANY)}")
            case dice if dice < 0.8:
                who, message = self._chance.choice(self._said)
                self._count += 1
                await self._home.edit(who, message, f"corrected {self._count}")
            case dice if dice < 0.95:
                who, message = self._said.pop(self._chance.randrange(len(self._said)))
                await self._home.delete(who, message)
            case _:
                await self._delete_many()

    async def _write(self, room: str) -> None:
        who = self._chance.choice(("ada", "bob", "mia"))
        self._count += 1
        self._said.append((who, await self._home.write(who, room, f"word {self._count}")))

    async def _delete_many(self) -> None:
        """Ada owns the server, and may."""
        channel = self._home.channel(f"room-{self._chance.randrange(MANY)}")
        messages = self._home.box.state.contents.messages
        there = [(who, id_) for who, id_ in self._said if messages[id_].channel_id == channel][:3]
        if len(there) < 2:
            return
        self._said = [each for each in self._said if each not in there]
        body = {"messages": [str(id_) for _, id_ in there]}
        await self._home.ask("ada", "POST", f"/channels/{channel}/messages/bulk-delete", body, expect=204)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


@pytest.mark.timeout(90 + 6 * KILLS)
async def test_killed_at_any_moment_memory_ends_as_what_stands_on_discord(home: House) -> None:
    chance = random.Random(KILLS)
    crowd = Crowd(home, chance)
    await crowd.past()
    going_on = asyncio.create_task(crowd.go_on())
    for _ in range(KILLS):
        child = await spawn(home, memory__embedder="minilm")
        if chance.random() < 0.8:
            await child.line("ready as")
        await moment(chance.uniform(0, 2.5))
        await child.kill()
    going_on.cancel()
    await asyncio.gather(going_on, return_exceptions=True)

    child = await spawn(home, memory__embedder="minilm", memory__backfill_seconds=0)
    await child.line("walked through", seconds=30 + KILLS)
    await settled(home)
    child.terminate()
    assert await child.ended() == 0, "".join(child.lines)

    assert differences(home) == []
    embedder = load(EmbedderSpec(home.folder, "minilm"))
    there = kept(home.folder / "data").texts
    assert len(there) > PAST
    assert vectors(home.folder / "data", embedder.name, embedder.dimension) == set(there)


async def settled(home: House) -> None:
    """Until the vectors have caught up."""
    async with asyncio.timeout(60):
        while waiting(home):  # noqa: ASYNC110 - the queue is a table in a file, and tells nobody
            await asyncio.sleep(0.1)


def waiting(home: House) -> int:
    with contextlib.closing(sqlite3.connect(home.folder / "data" / "digmbot.db")) as connection:
        return connection.execute("SELECT count(*) FROM index_queue").fetchone()[0]
