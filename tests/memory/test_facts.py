"""Facts leave with the place in which they were told."""

from pathlib import Path

from chat.ids import ChannelId
from memory.opening import OpenMemory
from tests.memory.parts import GENERAL, GUILD, MIA, OTHER_GUILD, SECRET, opened

ELSEWHERE = ChannelId(20)


async def fill(memory: OpenMemory) -> None:
    for text, channel in (("the key is under the mat", GENERAL), ("the code is 1234", SECRET)):
        await memory.facts.remember(text, person=None, guild_id=GUILD, channel_id=channel, author=MIA.id)
    await memory.facts.remember("likes tea", person=MIA.id, guild_id=OTHER_GUILD, channel_id=ELSEWHERE, author=MIA.id)


async def told(memory: OpenMemory) -> list[str]:
    kept = [*await memory.facts.of_server(GUILD), *await memory.facts.about(MIA.id)]
    return [fact.text for fact in kept]


async def test_what_was_told_in_a_channel_that_is_deleted_is_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await fill(memory)
        memory.intake.channel_gone(SECRET)
        await memory.settled()
        assert await told(memory) == ["the key is under the mat", "likes tea"]


async def test_what_was_told_on_a_server_that_was_left_is_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await fill(memory)
        memory.intake.guild_gone(GUILD)
        await memory.settled()
        assert await told(memory) == ["likes tea"]
