"""Calls of outside tools are made once, however often their run is repeated."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.approval_store import Question, QuestionStore, forget_asker, new_token
from bot.outside_journal import OutsideJournal
from chat.clock import utc_now
from chat.ids import GuildId
from storage.database import Database
from storage.migrations import upgrade
from tests.tools.world import Town
from tools.approval import Decision, State
from tools.context import ToolContext


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'digmbot.db'}")
    upgrade(database.engine)
    yield database
    database.close()


@pytest.fixture
def first() -> ToolContext:
    town = Town()
    return replace(town.ask(town.mia, "do it"), run_id="first")


async def test_a_call_of_an_earlier_attempt_is_known(database: Database, first: ToolContext) -> None:
    journal, again = OutsideJournal(database, utc_now), replace(first, run_id="again")

    assert await journal.begin("done", first) is State.NEW
    await journal.done("done", first)
    assert await journal.begin("begun", first) is State.NEW

    assert await journal.begin("done", again) is State.DONE
    assert await journal.begin("begun", again) is State.BEGUN
    assert await journal.begin("other", again) is State.NEW


async def test_the_same_twice_on_purpose_is_known_twice(database: Database, first: ToolContext) -> None:
    journal, again = OutsideJournal(database, utc_now), replace(first, run_id="again")
    for _ in range(2):
        assert await journal.begin("twice", first) is State.NEW
        await journal.done("twice", first)

    assert [await journal.begin("twice", again) for _ in range(3)] == [State.DONE, State.DONE, State.NEW]


async def test_another_request_is_another_call(database: Database, first: ToolContext) -> None:
    journal = OutsideJournal(database, utc_now)
    await journal.begin("same", first)

    assert await journal.begin("same", replace(first, run_id="again", root_key="another/1")) is State.NEW


def question(first: ToolContext, **changes: object) -> Question:
    asked = Question(
        key="k",
        token=new_token(),
        root=first.root,
        identity="i",
        channel_id=first.channel.id,
        guild_id=GuildId(1),
        asker_id=first.asker.id,
        expires_at=utc_now() + timedelta(minutes=2),
    )
    return replace(asked, **changes)  # pyright: ignore[reportArgumentType] - the caller's words are the fields


async def test_the_first_decision_counts_and_none_after_the_time(database: Database, first: ToolContext) -> None:
    store, now = QuestionStore(database), utc_now()
    asked, late = question(first), question(first, key="late", expires_at=now)
    await store.add(asked)
    await store.add(late)

    assert await store.decide(asked.token, Decision.REFUSED, now) is Decision.REFUSED
    assert await store.decide(asked.token, Decision.APPROVED, now) is Decision.REFUSED
    assert await store.decide(late.token, Decision.APPROVED, now) is Decision.EXPIRED
    assert await store.decide("unknown", Decision.APPROVED, now) is None


async def test_what_is_kept_goes_with_its_person_its_server_and_its_time(
    database: Database, first: ToolContext
) -> None:
    store, journal, now = QuestionStore(database), OutsideJournal(database, utc_now), utc_now()

    async def filled() -> None:
        await store.add(question(first))
        await journal.begin("call", first)

    async def is_empty() -> bool:
        count = "SELECT (SELECT count(*) FROM approvals) + (SELECT count(*) FROM outside_calls)"
        return await database.read(lambda c: c.exec_driver_sql(count).scalar()) == 0

    await filled()
    await database.write(lambda c: forget_asker(c, first.asker.id))
    assert await is_empty()

    await store.add(question(first))
    await store.forget_guild(GuildId(1))
    assert await is_empty()

    asked = question(first)
    await store.add(asked)
    await store.decide(asked.token, Decision.APPROVED, now)
    await store.forget_old(now)
    assert not await is_empty()
    await store.forget_old(now + timedelta(days=2))
    assert await is_empty()
