"""Tokens as they are kept: hashed, bounded, ended."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from chat.ids import UserId
from mcp_servers.offered.tokens import MAX_PER_PERSON, Scope, TokenError, Tokens
from storage.database import Database
from storage.migrations import upgrade
from tests.tools.world import NOW

MIA, BOB = UserId(1), UserId(2)


class Safe:
    """Tokens over a file, and the time."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.now = database, folder, NOW
        self.tokens = self.anew()

    def anew(self) -> Tokens:
        return Tokens(self.database, lambda: self.now)


@pytest.fixture
async def safe(tmp_path: Path) -> AsyncGenerator[Safe]:
    async with Database(f"sqlite:///{tmp_path / 'tokens.db'}") as database:
        upgrade(database.engine)
        yield Safe(database, tmp_path)


async def test_the_secret_is_in_no_file_and_in_no_repr(safe: Safe) -> None:
    minted = await safe.tokens.mint(MIA, name=" my \n laptop ", scopes=[Scope.WRITE])

    assert minted.secret.startswith("digm_")
    assert len(minted.secret) == 48
    assert minted.secret not in repr(minted)
    kept = b"".join(path.read_bytes() for path in safe.folder.iterdir())
    assert b"my laptop" in kept
    assert minted.secret.encode() not in kept
    assert minted.token.scopes == {Scope.READ, Scope.WRITE}


async def test_a_token_is_known_after_a_restart_until_its_time_is_up(safe: Safe) -> None:
    minted = await safe.tokens.mint(MIA, days=1)
    anew = safe.anew()
    await anew.open()

    assert anew.verify(minted.secret) == minted.token
    safe.now += timedelta(days=1)
    assert anew.verify(minted.secret) is None
    assert anew.of(MIA) == []


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
async def test_a_life_that_no_token_has_is_refused(safe: Safe, days: int) -> None:
    with pytest.raises(TokenError, match="1 to 365 days"):
        await safe.tokens.mint(MIA, days=days)


async def test_nobody_has_more_than_ten(safe: Safe) -> None:
    for _ in range(MAX_PER_PERSON):
        await safe.tokens.mint(MIA, days=2)
    with pytest.raises(TokenError, match="revoke one first"):
        await safe.tokens.mint(MIA)
    await safe.tokens.mint(BOB)
    safe.now += timedelta(days=3)
    await safe.tokens.mint(MIA)


async def test_only_its_person_revokes_a_token_and_for_good(safe: Safe) -> None:
    minted = await safe.tokens.mint(MIA)

    assert await safe.tokens.revoke(BOB, minted.token.id) is None
    assert safe.tokens.verify(minted.secret)
    assert await safe.tokens.revoke(MIA, minted.token.id) == minted.token
    assert safe.tokens.verify(minted.secret) is None
    assert await safe.tokens.revoke(MIA, minted.token.id) is None
    anew = safe.anew()
    await anew.open()
    assert anew.verify(minted.secret) is None
    assert await anew.count(MIA) == 1


async def test_the_last_use_is_told_and_kept(safe: Safe) -> None:
    minted = await safe.tokens.mint(MIA)
    assert safe.tokens.of(MIA)[0].last_used_at is None
    safe.now += timedelta(hours=1)
    safe.tokens.verify(minted.secret)

    assert safe.tokens.of(MIA)[0].last_used_at == safe.now
    await safe.tokens.note_uses()
    anew = safe.anew()
    await anew.open()
    assert anew.of(MIA)[0].last_used_at == safe.now


async def test_what_ended_long_ago_goes_and_forget_me_takes_all(safe: Safe) -> None:
    old = await safe.tokens.mint(MIA, days=1)
    await safe.tokens.mint(MIA, days=365)
    await safe.tokens.revoke(MIA, old.token.id)
    safe.now += timedelta(days=92)
    await safe.tokens.open()

    assert await safe.tokens.count(MIA) == 1
    await safe.tokens.forget(MIA)
    assert await safe.tokens.count(MIA) == 0
    rows = await safe.database.read(lambda c: c.execute(text("SELECT count(*) FROM mcp_tokens")).scalar_one())
    assert rows == 0


@pytest.mark.parametrize("nonsense", ["", "digm_", "Bearer digm_x", "digm_" + "é" * 43, "digm_" + "x" * 10_000, "\x00"])
async def test_what_is_no_token_is_none(safe: Safe, nonsense: str) -> None:
    await safe.tokens.mint(MIA)

    assert safe.tokens.verify(nonsense) is None
