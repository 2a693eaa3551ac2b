"""Recall finds what answers a question, and never what the audience may not read."""

import asyncio
import logging
from collections.abc import Collection
from functools import partial
from pathlib import Path

import pytest

from chat.ids import ChannelId, UserId
from chat.people import Person
from memory.opening import open_memory
from tests.memory.parts import (
    BOB,
    GENERAL,
    GUILD,
    OTHER_GUILD,
    SECRET,
    everywhere,
    found,
    message,
    no_such_model,
    once_there,
    only_general,
    open_database,
    opened,
)

DM, OTHER_DM = ChannelId(30), ChannelId(31)


async def test_words_and_meaning_both_find(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        for number, text in enumerate(("lunch is pizza", "we migrate on Thursday", "see you", "bye")):
            memory.intake.saw(message(number, text))
        await memory.settled()

        assert (await found(memory, "thursday"))[0] == "we migrate on Thursday"
        assert (await found(memory, "pizzeria"))[0] == "lunch is pizza"


async def test_a_private_message_is_not_recalled_in_public_and_takes_nobodys_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(n, "the merger is secret", channel=SECRET) for n in range(150)])
        public = message(1_000, "a merger of branches")
        await memory.archive.archive(public)
        await memory.settled()

        hits = await memory.recall.recall("the merger", guild_id=GUILD, may_show=only_general, limit=1)

    assert [hit.message for hit in hits] == [public]


async def test_permissions_are_asked_live_and_once_for_each_channel(tmp_path: Path) -> None:
    asked: list[ChannelId] = []
    open_now: set[ChannelId] = set()

    async def may_show(channels: Collection[ChannelId]) -> frozenset[ChannelId]:
        asked.extend(channels)
        return frozenset(open_now) & frozenset(channels)

    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(n, f"logo {n}") for n in range(120)])
        await memory.settled()

        assert await memory.recall.recall("logo", guild_id=GUILD, may_show=may_show) == []
        assert asked == [GENERAL]
        open_now.add(GENERAL)
        assert len(await memory.recall.recall("logo", guild_id=GUILD, may_show=may_show)) == 8


async def test_filters_narrow_what_is_found(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        said = [message(n, f"logo {n}", author=BOB if n % 50 == 0 else message(0, "").author) for n in range(300)]
        elsewhere = message(301, "logo elsewhere", channel=SECRET)
        await memory.archive.archive_many([*said, elsewhere])
        await memory.settled()
        recall = memory.recall.recall

        bobs = await recall("logo", guild_id=GUILD, may_show=everywhere, author=BOB.id)
        there = await recall("logo", guild_id=GUILD, may_show=everywhere, channel=SECRET)
        then = await recall(
            "logo", guild_id=GUILD, may_show=everywhere, after=said[7].created_at, before=said[10].created_at
        )

    assert {hit.message.id for hit in bobs} == {m.id for m in said if m.author == BOB}
    assert [hit.message for hit in there] == [elsewhere]
    assert sorted(hit.message.id for hit in then) == [m.id for m in said[7:10]]


async def test_servers_and_direct_conversations_never_mix(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many(
            [
                message(1, "logo here"),
                message(2, "logo there", guild=OTHER_GUILD, channel=ChannelId(20)),
                message(3, "logo between us", guild=None, channel=DM),
                message(4, "logo between them", guild=None, channel=OTHER_DM),
            ]
        )
        await memory.settled()

        assert await found(memory, "logo") == ["logo here"]
        assert await found(memory, "logo", OTHER_GUILD) == ["logo there"]
        (hit,) = await memory.recall.recall("logo", guild_id=None, channel=DM, may_show=everywhere)
        assert hit.message.text == "logo between us"
        with pytest.raises(ValueError, match="channel of the direct conversation"):
            await memory.recall.recall("logo", guild_id=None, may_show=everywhere)


@pytest.mark.parametrize(
    "question", ["", " ", "?!", "🙂", "who are you", "x" * 10_000, '" OR *', "ロゴ", "\ud83d", "\0"]
)
async def test_no_question_is_an_error(question: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive(message(1, "hello"))
        await memory.settled()

        assert await found(memory, question) in ([], ["hello"])
        assert await found(memory, "hello", limit=0) == []


async def test_a_deleted_message_is_gone_from_recall_before_any_index_knows(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        said = message(1, "the canary sings")
        await memory.archive.archive(said)
        await memory.settled()

        await memory.archive.erase([said.id])

        assert await found(memory, "the canary sings") == []


async def test_while_the_embedder_loads_words_are_enough(tmp_path: Path) -> None:
    loaded = tmp_path / "loaded"
    load = partial(once_there, loaded)

    async with (
        open_database(tmp_path) as database,
        open_memory(database=database, vectors=tmp_path / "vectors", load_embedder=load) as memory,
    ):
        memory.intake.saw(message(1, "we migrate on Thursday"))
        await memory.intake.settled()

        assert await found(memory, "migrating") == ["we migrate on Thursday"]
        assert await found(memory, "immigrant") == []
        loaded.touch()
        await asyncio.wait_for(memory.settled(), 10)
        assert await found(memory, "immigrant") == ["we migrate on Thursday"]


async def test_a_broken_embedder_is_told_once_and_words_still_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with (
        open_database(tmp_path) as database,
        open_memory(database=database, vectors=tmp_path / "vectors", load_embedder=no_such_model) as memory,
    ):
        memory.intake.saw(message(1, "we migrate on Thursday"))
        await memory.settled()
        for _ in range(3):
            assert await found(memory, "migrating") == ["we migrate on Thursday"]

    told = [record.message for record in caplog.records if record.name.startswith("memory")]
    assert told == [
        "search by meaning is off, because its parts could not be loaded; words still work",
        "recall works by words alone",
    ]


async def test_trouble_of_those_who_use_memory_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="not about memory"):
        async with opened(tmp_path):
            raise LookupError("not about memory")


async def test_what_a_bot_repeated_is_found_only_when_it_is_asked_for(tmp_path: Path) -> None:
    bot = Person(UserId(99), "digmbot", is_bot=True)
    async with opened(tmp_path) as memory:
        said, repeated = message(1, "the logo is Aiko's"), message(2, "You said: the logo is Aiko's", author=bot)
        await memory.archive.archive_many([said, repeated])
        await memory.settled()

        anybody = await memory.recall.recall("whose logo", guild_id=GUILD, may_show=everywhere)
        the_bot = await memory.recall.recall("whose logo", guild_id=GUILD, may_show=everywhere, author=bot.id)

    assert [hit.message.id for hit in anybody] == [said.id]
    assert [hit.message.id for hit in the_bot] == [repeated.id]
