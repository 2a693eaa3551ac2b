"""The ledger: each mention once, and what is owed after a restart."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ledger import Ledger, Outcome
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from storage.database import Database
from storage.migrations import upgrade

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=10)


def message(age: timedelta = timedelta(0), *, guild: int | None = 3) -> Message:
    number = MessageId(snowflake_at(NOW - age))
    place = GuildId(guild) if guild else None
    return Message(number, ChannelId(5), place, Person(UserId(7), "Ada"), "hi", NOW - age)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        upgrade(database.engine)
        yield database


async def opened(database: Database, now: datetime = NOW) -> Ledger:
    ledger = Ledger(database, lambda: now, window=WINDOW)
    await ledger.open()
    return ledger


async def test_a_mention_is_claimed_once(database: Database) -> None:
    ledger = await opened(database)
    assert ledger.claim(MessageId(1))
    assert not ledger.claim(MessageId(1))


async def test_what_was_settled_is_not_claimed_again_after_a_restart(database: Database) -> None:
    before = await opened(database)
    said = message()
    await before.take(said)
    await before.settle(said.id, Outcome.ANSWERED, [MessageId(9)])

    after = await opened(database)

    assert not after.claim(said.id)
    assert await after.owed() == []


async def test_what_was_taken_and_not_settled_is_owed_with_the_messages_already_shown(database: Database) -> None:
    before = await opened(database)
    said = message()
    await before.take(said)
    await before.take(said)
    await before.shown(said.id, [MessageId(9), MessageId(10)])

    after = await opened(database)

    [owed] = await after.owed()
    assert (owed.message_id, owed.channel_id, owed.guild_id, owed.reply_ids) == (said.id, 5, 3, (9, 10))
    assert after.claim(said.id)


async def test_only_young_mentions_are_answered(database: Database) -> None:
    ledger = await opened(database)
    assert ledger.is_young(message(timedelta(minutes=9)).id)
    assert not ledger.is_young(message(timedelta(minutes=11)).id)


async def test_old_entries_are_dropped(database: Database) -> None:
    before = await opened(database)
    await before.take(message())

    after = await opened(database, NOW + timedelta(days=31))

    assert await after.owed() == []


async def test_direct_messages_are_found_again_after_a_restart(database: Database) -> None:
    ledger = await opened(database)
    await ledger.take(message())
    assert await ledger.dm_channels() == []
    await ledger.take(message(timedelta(seconds=1), guild=None))
    assert await ledger.dm_channels() == [5]
