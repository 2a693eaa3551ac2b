"""People sign in to outside servers with their own accounts, and calls run under those."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.wishes import Address, AuthKind
from tests.mcp_servers.outside.authority import Authority
from tests.mcp_servers.outside.served import served
from tests.mcp_servers.outside.signing_room import BOB, MIA, SigningRoom, notes, signing_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SigningRoom]:
    async with signing_room(tmp_path) as room:
        yield room


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
async def port(authority: Authority) -> AsyncIterator[int]:
    async with served(authority.app) as port:
        yield port


async def test_who_has_not_signed_in_is_told_so(room: SigningRoom, port: int, authority: Authority) -> None:
    with pytest.raises(SignInNeededError, match="you have to sign in"):
        await room.whoami(notes(port), MIA)
    assert authority.calls == []


async def test_a_call_runs_under_the_account_of_whoever_asked(
    room: SigningRoom, port: int, authority: Authority
) -> None:
    authority.visitor = "mia@notes"
    await room.sign_in(notes(port), MIA)
    authority.visitor = "bob@notes"
    await room.sign_in(notes(port), BOB)

    assert await room.whoami(notes(port), MIA) == "mia@notes"
    assert await room.whoami(notes(port), BOB) == "bob@notes"


async def test_nobody_ever_uses_the_account_of_somebody_else(
    room: SigningRoom, port: int, authority: Authority
) -> None:
    authority.visitor = "mia@notes"
    await room.sign_in(notes(port), MIA)

    for other in (BOB, None):
        with pytest.raises(SignInNeededError):
            await room.whoami(notes(port), other)
    assert authority.calls == []


async def test_one_sign_in_serves_everybody_where_the_operator_wants_that(
    room: SigningRoom, port: int, authority: Authority
) -> None:
    wish = notes(port, AuthKind.BOT)
    with pytest.raises(SignInNeededError, match="an owner of the bot has to sign in"):
        await room.whoami(wish, BOB)
    authority.visitor = "bot@notes"
    await room.sign_in(wish, MIA)

    assert await room.whoami(wish, BOB) == "bot@notes"
    assert await room.whoami(wish, None) == "bot@notes"


async def test_a_sign_in_survives_a_restart(tmp_path: Path, port: int, authority: Authority) -> None:
    authority.visitor = "mia@notes"
    async with signing_room(tmp_path) as before:
        await before.sign_in(notes(port), MIA)
    async with signing_room(tmp_path) as after:
        assert await after.whoami(notes(port), MIA) == "mia@notes"


async def test_a_token_that_ends_is_renewed_also_after_a_restart(
    tmp_path: Path, port: int, authority: Authority
) -> None:
    authority.visitor, authority.seconds = "mia@notes", 1
    async with signing_room(tmp_path) as before:
        await before.sign_in(notes(port), MIA)
    authority.seconds = 3600
    async with signing_room(tmp_path) as after:
        assert await after.whoami(notes(port), MIA) == "mia@notes"
    assert authority.renewals == 1


async def test_a_token_that_is_refused_too_early_is_renewed_once_for_all(
    room: SigningRoom, port: int, authority: Authority
) -> None:
    authority.visitor = "mia@notes"
    await room.sign_in(notes(port), MIA)
    authority.revoke(refresh_too=False)

    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(room.whoami(notes(port), MIA)) for _ in range(3)]

    assert {call.result() for call in calls} == {"mia@notes"}
    assert authority.renewals == 1


async def test_a_refused_renewal_ends_in_a_new_sign_in(room: SigningRoom, port: int, authority: Authority) -> None:
    authority.visitor = "mia@notes"
    await room.sign_in(notes(port), MIA)
    authority.revoke()

    with pytest.raises(SignInNeededError, match="you have to sign in"):
        await room.whoami(notes(port), MIA)
    assert await room.oauth.servers_of(MIA) == []

    await room.sign_in(notes(port), MIA)
    assert await room.whoami(notes(port), MIA) == "mia@notes"


async def test_a_server_without_renewals_asks_again(room: SigningRoom, port: int, authority: Authority) -> None:
    authority.refreshes = False
    await room.sign_in(notes(port), MIA)
    authority.revoke()

    with pytest.raises(SignInNeededError):
        await room.whoami(notes(port), MIA)


async def test_a_token_is_never_sent_to_another_address_of_the_same_name(room: SigningRoom, port: int) -> None:
    await room.sign_in(notes(port), MIA)
    elsewhere = Authority()
    async with served(elsewhere.app) as other:
        with pytest.raises(SignInNeededError):
            await room.whoami(notes(other), MIA)
    assert elsewhere.calls == []


async def test_the_bot_registers_once_for_all_people(room: SigningRoom, port: int, authority: Authority) -> None:
    await room.sign_in(notes(port), MIA)
    await room.sign_in(notes(port), BOB)

    assert len(authority.clients) == 1


async def test_a_registration_that_was_lost_over_there_is_made_anew(
    tmp_path: Path, port: int, authority: Authority
) -> None:
    async with signing_room(tmp_path, seconds=0.3) as room:
        await room.sign_in(notes(port), MIA)
        authority.clients.clear()
        link, waiting = await room.link(notes(port), BOB)
        assert (await room.browser.get(link.url)).status_code == 400
        await asyncio.wait({waiting}, timeout=10)
        assert waiting.exception() is not None

    async with signing_room(tmp_path) as room:
        await room.sign_in(notes(port), BOB)


async def test_a_configured_client_needs_no_registration(room: SigningRoom, authority: Authority) -> None:
    authority.registers = False
    async with served(authority.app) as port:
        wish = notes(port)
        assert isinstance(wish.at, Address)
        configured = replace(wish, at=replace(wish.at, client_id="digm", client_secret="of-digm"))
        await authority.register_client(room.registered("digm", "of-digm"))
        authority.visitor = "mia@notes"
        await room.sign_in(configured, MIA)

        assert await room.whoami(configured, MIA) == "mia@notes"
        with pytest.raises(SignInNeededError):  # what was granted to another client is not ours to use
            await room.whoami(replace(wish, at=replace(wish.at, client_id="other")), MIA)


async def test_signing_out_ends_the_connection_too(room: SigningRoom, port: int) -> None:
    await room.sign_in(notes(port), MIA)
    assert await room.oauth.servers_of(MIA) == ["notes"]

    async with room.clients.client(notes(port), MIA) as open_before:
        assert await room.oauth.sign_out("notes", MIA)
        with pytest.raises(SignInNeededError):
            await open_before.get(f"http://127.0.0.1:{port}/mcp")

    assert await room.oauth.servers_of(MIA) == []
    assert not await room.oauth.sign_out("notes", MIA)


async def test_whoever_is_forgotten_is_forgotten_at_every_server(room: SigningRoom, port: int) -> None:
    await room.sign_in(notes(port), MIA)
    await room.sign_in(notes(port, name="more-notes"), MIA)
    await room.sign_in(notes(port), BOB)

    room.oauth.forget_author(MIA)
    assert await room.vault.forget(MIA) == 2
    assert await room.oauth.servers_of(MIA) == []
    with pytest.raises(SignInNeededError):
        await room.whoami(notes(port), MIA)
    assert await room.oauth.servers_of(BOB) == ["notes"]
