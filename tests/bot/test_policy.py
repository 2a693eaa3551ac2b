"""What a server's rule lets through: channels for acting, roles for everything, elsewhere only when allowed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.policy import PolicyRules, ServerPolicy, ServerRule, Where
from chat.channels import Channel, ChannelKind
from chat.ids import ChannelId, GuildId, UserId
from chat.people import Person
from chat.rights import READ, Right
from storage.database import Database
from storage.migrations import upgrade

MIA, GUILD = Person(UserId(1), "Mia"), GuildId(9)
OPS = Channel(ChannelId(10), GUILD, "ops", ChannelKind.TEXT)
GENERAL = Channel(ChannelId(11), GUILD, "general", ChannelKind.TEXT)
THREAD = Channel(ChannelId(12), GUILD, "deploy", ChannelKind.THREAD, parent_id=OPS.id)
DIRECT = Channel(ChannelId(13), None, "mia", ChannelKind.DM)
WRITE = READ | {Right.SEND_MESSAGES}


@pytest.fixture
async def rules(tmp_path: Path) -> AsyncIterator[PolicyRules]:
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        await asyncio.to_thread(upgrade, database.engine)
        rules = PolicyRules(database, lambda: datetime.now(UTC))
        await rules.load()
        yield rules


async def holds(_: UserId, __: GuildId) -> frozenset[int]:
    return frozenset({5})


async def allowed(
    rules: PolicyRules, rule: ServerRule, channel: Channel, at: Channel | None = None
) -> tuple[bool, bool]:
    """To read and to write."""
    await rules.set(GUILD, lambda _: rule, by=MIA.id)
    policy = ServerPolicy(rules, holds)
    read, write = [await policy.refusal(MIA, channel, each, at=at) is None for each in (READ, WRITE)]
    return read, write


@pytest.mark.parametrize(
    ("mode", "channel", "may_write"),
    [
        (Where.ALL, GENERAL, True),
        (Where.ONLY, OPS, True),
        (Where.ONLY, THREAD, True),
        (Where.ONLY, GENERAL, False),
        (Where.NOT, OPS, False),
        (Where.NOT, THREAD, False),
        (Where.NOT, GENERAL, True),
        (Where.ONLY, DIRECT, True),
    ],
)
async def test_the_list_of_channels_is_about_acting_not_reading(
    rules: PolicyRules, mode: Where, channel: Channel, may_write: bool
) -> None:
    assert await allowed(rules, ServerRule(mode, frozenset({OPS.id})), channel) == (True, may_write)


async def test_who_holds_none_of_the_roles_gets_nothing_at_all(rules: PolicyRules) -> None:
    assert await allowed(rules, ServerRule(roles=frozenset({5, 6})), OPS) == (True, True)
    assert await allowed(rules, ServerRule(roles=frozenset({6})), OPS) == (False, False)
    assert await allowed(rules, ServerRule(roles=frozenset({6})), DIRECT) == (True, True)


async def test_elsewhere_it_may_be_only_read(rules: PolicyRules) -> None:
    rule = ServerRule(writes_elsewhere=False)

    assert await allowed(rules, rule, OPS, at=OPS) == (True, True)
    assert await allowed(rules, rule, OPS, at=GENERAL) == (True, False)
    assert await allowed(rules, rule, OPS, at=DIRECT) == (True, False)


async def test_a_list_of_no_channels_is_nowhere(rules: PolicyRules) -> None:
    assert await allowed(rules, ServerRule(Where.ONLY), OPS) == (True, False)


async def test_what_was_set_is_there_after_a_restart_and_gone_with_the_server(tmp_path: Path) -> None:
    rule = ServerRule(Where.NOT, frozenset({OPS.id}), frozenset({5}), writes_elsewhere=False)
    async with Database(f"sqlite:///{tmp_path}/digmbot.db") as database:
        await asyncio.to_thread(upgrade, database.engine)
        await PolicyRules(database, lambda: datetime.now(UTC)).set(GUILD, lambda _: rule, by=MIA.id)
        after = PolicyRules(database, lambda: datetime.now(UTC))
        await after.load()
        assert after.of(GUILD) == rule
        await after.forget_guild(GUILD)
        assert after.of(GUILD) == ServerRule()
