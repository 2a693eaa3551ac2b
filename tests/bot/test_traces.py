"""The table of traces: what leaves it when messages, people, channels and days are gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.tracing.store import TraceStore, forget_person
from bot.tracing.values import CallWords, Figures, Trace
from chat.ids import ChannelId, GuildId, MessageId
from memory.archive import Archive
from storage.database import Database
from storage.migrations import upgrade
from tests.memory.parts import BOB, MIA, message

NOW = datetime(2026, 11, 27, tzinfo=UTC)
FIGURES = Figures(
    is_answered=True,
    is_task=False,
    seconds=1.0,
    stopped_by=None,
    steps=(),
    recent=0,
    recalled=(),
    recalled_used=(),
    facts=0,
    facts_used=0,
    files=0,
    files_used=0,
    is_reply=False,
    tokens_left=None,
)
ASKED, READ = message(10, "what?", author=MIA), message(11, "that", author=BOB)
TRACE = Trace(
    run_id="one",
    asker_id=MIA.id,
    guild_id=GuildId(1),
    channel_id=ChannelId(2),
    request_id=ASKED.id,
    at=NOW,
    figures=FIGURES,
    words=((CallWords(arguments="{}"),),),
    sources=(ASKED.id, READ.id),
)
ANSWER = MessageId(20)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        await asyncio.to_thread(upgrade, database.engine)
        archive = Archive(database)
        await archive.archive_many([ASKED, READ])
        store = TraceStore(database)
        await store.save(TRACE)
        await store.answered("one", [ANSWER])
        yield database


async def silent(store: TraceStore) -> bool:
    trace = await store.about(ANSWER)
    assert trace is not None
    return trace.words is None


async def test_a_trace_is_found_by_its_answer_its_request_and_as_the_newest(database: Database) -> None:
    store = TraceStore(database)
    await store.save(replace(TRACE, run_id="old", at=NOW - timedelta(days=1), request_id=MessageId(5), sources=()))

    assert await store.about(ANSWER) == TRACE
    assert await store.about(TRACE.request_id) == TRACE
    assert await store.newest(MIA.id, TRACE.channel_id) == TRACE
    assert await store.about(READ.id) is None
    assert await store.newest(BOB.id, TRACE.channel_id) is None


async def test_a_later_run_takes_the_place_of_the_one_whose_messages_it_uses(database: Database) -> None:
    store = TraceStore(database)
    again = replace(TRACE, run_id="two", at=NOW + timedelta(minutes=1))
    await store.save(again)
    await store.answered("two", [ANSWER])

    assert await store.about(ANSWER) == again
    assert await database.read(lambda c: c.exec_driver_sql("SELECT run_id FROM traces").scalars().all()) == ["two"]


@pytest.mark.parametrize(("gone", "is_there"), [(ASKED.id, False), (ANSWER, False), (READ.id, True), (999, True)])
async def test_a_deleted_request_or_answer_takes_it_all_along(database: Database, gone: int, is_there: bool) -> None:
    store = TraceStore(database)
    await store.gone([MessageId(gone)])

    assert (await store.about(TRACE.request_id) is not None) is is_there
    if is_there:
        assert await silent(store) is (gone == READ.id)


async def test_what_was_edited_silences_it_and_an_edited_answer_does_not(database: Database) -> None:
    store = TraceStore(database)
    await store.silence([ANSWER])
    assert not await silent(store)
    await store.silence([READ.id])
    assert await silent(store)


async def test_the_sweep_erases_what_is_old_and_words_from_what_is_not_archived(database: Database) -> None:
    store, early = TraceStore(database), NOW - timedelta(days=7)
    await store.sweep(before=early, settled=NOW + timedelta(minutes=1))
    assert not await silent(store)
    await Archive(database).erase([READ.id])
    await store.sweep(before=early, settled=NOW - timedelta(minutes=1))
    assert not await silent(store)  # too young: what was said may not be archived yet
    await store.sweep(before=early, settled=NOW + timedelta(minutes=1))
    assert await silent(store)
    await store.sweep(before=NOW + timedelta(seconds=1), settled=NOW)
    assert await store.about(ANSWER) is None


async def test_who_is_forgotten_takes_their_traces_and_the_words_of_what_read_them(database: Database) -> None:
    store = TraceStore(database)
    assert await database.write(lambda c: forget_person(c, BOB.id)) == 0
    assert await silent(store)
    assert await database.write(lambda c: forget_person(c, MIA.id)) == 1
    assert await store.about(ANSWER) is None


async def test_a_channel_and_a_server_that_are_gone_take_their_traces_along(database: Database) -> None:
    store = TraceStore(database)
    await store.channel_gone(ChannelId(3))
    await store.forget_guild(GuildId(2))
    assert await store.about(ANSWER) == TRACE
    await store.channel_gone(ChannelId(2))
    assert await store.about(ANSWER) is None
    await store.save(TRACE)
    await store.forget_guild(GuildId(1))
    assert await store.about(TRACE.request_id) is None
