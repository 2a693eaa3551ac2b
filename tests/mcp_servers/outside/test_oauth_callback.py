"""What may go wrong, or be tried, between the link and the callback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from mcp_servers.outside.pending import WrongReturnError
from mcp_servers.outside.sign_ins import SignInError
from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.wishes import AuthKind, Program, ServerWish
from tests.mcp_servers.outside.authority import Authority
from tests.mcp_servers.outside.served import served
from tests.mcp_servers.outside.signing_room import BOB, MIA, NAMES, SigningRoom, notes, public, signing_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SigningRoom]:
    async with signing_room(tmp_path) as room:
        yield room


@pytest.fixture
def authority() -> Authority:
    return Authority(visitor="mia@notes")


@pytest.fixture
async def port(authority: Authority) -> AsyncIterator[int]:
    async with served(authority.app) as port:
        yield port


async def ended(waiting: "asyncio.Task[None]") -> str:
    """Why it did not come about."""
    with pytest.raises(SignInError) as failed:
        async with asyncio.timeout(10):
            await waiting
    return str(failed.value)


async def stop(waiting: "asyncio.Task[None]") -> None:
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_the_link_leads_to_the_place_to_sign_in_with_a_proof_key(room: SigningRoom, port: int) -> None:
    link, waiting = await room.link(notes(port), MIA)
    asked = parse_qs(urlsplit(link.url).query)

    assert link.host == f"127.0.0.1:{port}"
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [room.callback_url]
    assert asked["resource"] == [f"http://127.0.0.1:{port}/mcp"]
    await stop(waiting)


async def test_the_page_names_whose_link_it_is_and_connects_only_after_a_click(
    room: SigningRoom, port: int, authority: Authority
) -> None:
    """Mia might have sent her link to Bob, whose account it then would be."""
    link, waiting = await room.link(notes(port), MIA)
    page = await room.browser.get(await room.agree(link))

    assert "The Discord account mia asked to be connected with notes" in page.text
    assert authority.access == {}
    assert not waiting.done()
    assert (await room.confirm(page)).status_code == 200
    await waiting
    assert len(authority.access) == 1


async def test_the_page_lets_nothing_in_and_nothing_out(room: SigningRoom, port: int) -> None:
    link, waiting = await room.link(notes(port), MIA)
    page = await room.browser.get(await room.agree(link))

    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    await stop(waiting)


async def test_a_name_with_markup_is_shown_as_it_is(
    room: SigningRoom, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NAMES, MIA, "<script>alert(1)</script>")
    link, waiting = await room.link(notes(port), MIA)
    state = parse_qs(urlsplit(link.url).query)["state"][0]
    page = await room.browser.get(room.callback_url, params={"state": state, "code": '"><script>'})

    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    await stop(waiting)


@pytest.mark.parametrize("query", ["", "code=c", "code=c&state=wrong", "state=a&state=b&code=c", f"state={'x' * 9000}"])
async def test_a_wrong_state_is_nobodys(room: SigningRoom, port: int, query: str) -> None:
    _, waiting = await room.link(notes(port), MIA)

    for answer in (
        await room.browser.get(f"{room.callback_url}?{query}"),
        await room.browser.post(room.callback_url, content=query),
    ):
        assert answer.status_code == 400
        assert "Begin again in Discord" in answer.text
    assert not waiting.done()
    await stop(waiting)


async def test_a_state_is_good_once(room: SigningRoom, port: int, authority: Authority) -> None:
    link, waiting = await room.link(notes(port), MIA)
    address = await room.agree(link)
    page = await room.browser.get(address)
    await room.confirm(page)
    await waiting

    assert (await room.browser.get(address)).status_code == 400
    assert (await room.confirm(page)).status_code == 400
    assert len(authority.access) == 1


async def test_whoever_says_no_over_there_connects_nothing(room: SigningRoom, port: int, authority: Authority) -> None:
    authority.agrees = False
    link, waiting = await room.link(notes(port), MIA)
    page = await room.browser.get(await room.agree(link))

    assert "Nothing was connected with notes" in page.text
    assert "script" not in page.text
    assert "was refused in the browser" in await ended(waiting)
    assert await room.oauth.servers_of(MIA) == []


async def test_a_link_ends_after_a_while(tmp_path: Path, port: int) -> None:
    async with signing_room(tmp_path, seconds=0.1) as room:
        link, waiting = await room.link(notes(port), MIA)
        assert "not used in time" in await ended(waiting)

        assert (await room.browser.get(await room.agree(link))).status_code == 400


async def test_a_forged_code_connects_nothing(room: SigningRoom, port: int, authority: Authority) -> None:
    link, waiting = await room.link(notes(port), MIA)
    state = parse_qs(urlsplit(link.url).query)["state"][0]
    page = await room.browser.get(room.callback_url, params={"state": state, "code": "forged"})
    await room.confirm(page)

    assert "did not finish the sign-in" in await ended(waiting)
    assert authority.access == {}


async def test_one_link_at_a_time_for_a_person_and_a_server(room: SigningRoom, port: int) -> None:
    link, waiting = await room.link(notes(port), MIA)
    with pytest.raises(SignInError, match="already have a link for notes"):
        await room.link(notes(port), MIA)
    assert room.sign_ins.pending.link_of("notes", MIA) == link
    _, of_bob = await room.link(notes(port), BOB)

    await stop(waiting)
    await stop(of_bob)
    assert room.sign_ins.pending.link_of("notes", MIA) is None
    _, again = await room.link(notes(port), MIA)
    await stop(again)


async def test_the_address_can_be_pasted_back(room: SigningRoom, port: int) -> None:
    link, waiting = await room.link(notes(port), MIA)
    room.sign_ins.pending.pasted(f"  {await room.agree(link)} ", "notes", MIA)
    await waiting

    assert await room.whoami(notes(port), MIA) == "mia@notes"


async def test_nobody_pastes_for_somebody_else(room: SigningRoom, port: int) -> None:
    link, waiting = await room.link(notes(port), MIA)
    address = await room.agree(link)

    for server, person, given in (
        ("notes", BOB, address),
        ("other", MIA, address),
        ("notes", MIA, "http://127.0.0.1/oauth/callback?code=1"),
        ("notes", MIA, "http://[::1"),
        ("notes", MIA, ""),
    ):
        with pytest.raises(WrongReturnError, match="copy all of it"):
            room.sign_ins.pending.pasted(given, server, person)
    assert not waiting.done()
    await stop(waiting)


async def test_the_guard_stands_before_the_sign_in_too(room: SigningRoom, port: int) -> None:
    with pytest.raises(SignInError, match="cannot be reached"):
        await room.link(public(notes(port)), MIA)


@pytest.mark.parametrize(
    "wish", [ServerWish("clock", Program("clock")), notes(1, AuthKind.NONE), notes(1, AuthKind.CLIENT)]
)
async def test_where_nobody_signs_in_no_link_is_made(room: SigningRoom, wish: ServerWish) -> None:
    with pytest.raises(SignInError, match="Nobody signs in"):
        await room.link(wish, MIA)


async def test_a_server_that_is_down_or_lets_nobody_register_is_named(room: SigningRoom, authority: Authority) -> None:
    authority.registers = False
    async with served(authority.app) as port:
        with pytest.raises(SignInError, match="does not let the bot register itself"):
            await room.link(notes(port), MIA)
    with pytest.raises(SignInError, match="cannot be reached now"):
        await room.link(notes(port), MIA)


async def test_what_was_granted_is_gone_when_the_sign_in_is_given_up(room: SigningRoom, port: int) -> None:
    _, waiting = await room.link(notes(port), MIA)
    await stop(waiting)

    with pytest.raises(SignInNeededError):
        await room.whoami(notes(port), MIA)


async def test_no_browser_can_post_a_book(room: SigningRoom) -> None:
    answer = await room.browser.post(room.callback_url, content=b"x" * 1_000_000)
    assert isinstance(answer, httpx2.Response)
    assert answer.status_code == 400
