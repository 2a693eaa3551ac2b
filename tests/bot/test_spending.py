"""The account of a day: nothing is free after a crash, nothing is counted twice, and limits hold at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.spending.account import Account, Bound, Entry, Reservation, Standing
from bot.spending.rules import UNLIMITED, Allowance, LimitRules, Scope
from chat.ids import GuildId, UserId
from storage.database import Database
from storage.migrations import upgrade

MIA, BOB, GUILD = UserId(1), UserId(2), GuildId(3)
NOW = datetime(2026, 11, 27, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        await asyncio.to_thread(upgrade, database.engine)
        yield database


def entry(key: str, *bounds: Bound, day: str = "2026-11-27", person: UserId = MIA) -> Entry:
    return Entry(key=key, day=day, person=person, guild=GUILD, bounds=bounds)


def tokens(most: int) -> Bound:
    return Bound(Allowance(tokens=most), MIA, None)


async def spent(account: Account, bound: Bound) -> tuple[int, int]:
    [standing] = await account.standings("2026-11-27", [bound])
    return standing.runs, standing.tokens


async def test_of_requests_that_come_together_only_as_many_as_are_left_get_through(database: Database) -> None:
    account, bound = Account(database), Bound(Allowance(runs=4), MIA, None)

    got = await asyncio.gather(*(account.reserve(entry(str(n), bound), 10) for n in range(20)))

    assert sum(isinstance(each, Reservation) for each in got) == 4
    assert await spent(account, bound) == (4, 40)


async def test_what_was_put_aside_becomes_what_it_has_cost(database: Database) -> None:
    account, bound = Account(database), tokens(1000)
    reserved = await account.reserve(entry("a", bound), 600)
    assert isinstance(reserved, Reservation)
    assert (reserved.tokens_left, await spent(account, bound)) == (1000, (1, 600))

    await account.settle(reserved, 50)

    assert await spent(account, bound) == (1, 50)


async def test_a_crash_gives_nothing_back_and_the_repeated_run_is_counted_once(database: Database) -> None:
    before, bound = Account(database), tokens(1000)
    await before.reserve(entry("a", bound), 400)

    after = Account(database)
    again = await after.reserve(entry("a", bound), 400)
    assert isinstance(again, Reservation)
    assert await spent(after, bound) == (1, 400)
    await after.settle(again, 70)

    assert await spent(after, bound) == (1, 400)


async def test_a_run_that_may_begin_is_told_what_is_left(database: Database) -> None:
    account, bound = Account(database), tokens(100)
    first = await account.reserve(entry("a", bound), 60)
    second = await account.reserve(entry("b", bound), 60)
    third = await account.reserve(entry("c", bound), 60)

    assert isinstance(first, Reservation)
    assert isinstance(second, Reservation)
    assert (first.tokens_left, second.tokens_left) == (100, 40)
    assert isinstance(third, Standing)
    assert third.is_out_of_tokens


async def test_the_next_day_begins_at_nothing_and_the_last_is_erased(database: Database) -> None:
    account, bound = Account(database), Bound(Allowance(runs=1), MIA, None)
    await account.reserve(entry("a", bound), 10)

    assert isinstance(await account.reserve(entry("b", bound), 10), Standing)
    assert isinstance(await account.reserve(entry("c", bound, day="2026-11-28"), 10), Reservation)
    assert await spent(account, bound) == (0, 0)


async def test_that_a_limit_is_near_is_said_once_a_day(database: Database) -> None:
    account, bound = Account(database), Bound(Allowance(runs=5), MIA, None)
    told: list[bool] = []
    for number in range(5):
        reserved = await account.reserve(entry(str(number), bound), 10)
        assert isinstance(reserved, Reservation)
        told.append(await account.settle(reserved, 10) is not None)

    assert told == [False, False, False, True, False]


async def test_one_person_does_not_use_up_what_is_anothers(database: Database) -> None:
    account = Account(database)
    await account.reserve(entry("a", Bound(Allowance(runs=1), MIA, None)), 10)

    theirs = await account.reserve(entry("b", Bound(Allowance(runs=1), BOB, None), person=BOB), 10)
    together = await account.reserve(entry("c", Bound(Allowance(runs=2), None, GUILD), person=BOB), 10)

    assert isinstance(theirs, Reservation)
    assert isinstance(together, Standing)


async def test_of_several_roles_the_most_generous_counts_and_rules_survive(database: Database) -> None:
    rules = LimitRules(database, lambda: NOW.astimezone(UTC))
    await rules.set(GUILD, Scope.PERSON, Allowance(runs=1), by=MIA)
    await rules.set(GUILD, Scope.ROLE, Allowance(runs=5, tokens=10), role_id=7, by=MIA)
    await rules.set(GUILD, Scope.ROLE, Allowance(runs=3), role_id=8, by=MIA)
    await rules.set(GUILD, Scope.SERVER, Allowance(runs=9), by=MIA)
    await rules.set(GUILD, Scope.SERVER, None, by=MIA)

    loaded = LimitRules(database, lambda: NOW.astimezone(UTC))
    await loaded.load()

    assert loaded.member(GUILD, []) == Allowance(runs=1)
    assert loaded.member(GUILD, [7]) == Allowance(runs=5, tokens=10)
    assert loaded.member(GUILD, [7, 8]) == Allowance(runs=5)  # no limit of tokens is the most generous
    assert loaded.server(GUILD) == UNLIMITED
    await loaded.forget_guild(GUILD)
    assert loaded.member(GUILD, [7]) == UNLIMITED


@pytest.mark.parametrize(("one", "other", "both"), [(0, 0, 0), (0, 5, 5), (5, 0, 5), (3, 5, 3)])
def test_the_stricter_limit_holds_and_0_is_none(one: int, other: int, both: int) -> None:
    assert Allowance(one, one).within(Allowance(other, other)) == Allowance(both, both)
