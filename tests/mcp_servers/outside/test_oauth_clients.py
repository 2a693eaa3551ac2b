"""Where the bot is itself the client, and its secret goes only to whom it belongs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish
from tests.mcp_servers.outside.authority import Machines
from tests.mcp_servers.outside.served import served
from tests.mcp_servers.outside.signing_room import SigningRoom, signing_room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[SigningRoom]:
    async with signing_room(tmp_path) as room:
        yield room


def machine(port: int, *, secret: str = "the-secret-of-the-bot", issuer: str | None = None) -> ServerWish:
    at = Address(f"http://127.0.0.1:{port}/mcp", auth=AuthKind.CLIENT, allow_private=True)
    return ServerWish("stock", replace(at, client_id="bot", client_secret=secret, issuer=issuer))


async def get(room: SigningRoom, wish: ServerWish) -> int:
    assert isinstance(wish.at, Address)
    async with room.clients.client(wish, None) as client:
        return (await client.get(wish.at.url)).status_code


async def test_client_credentials_need_nobodys_click(room: SigningRoom) -> None:
    machines = Machines()
    async with served(machines.app) as port:
        assert await get(room, machine(port)) == 200
        assert await get(room, machine(port)) == 200
    assert len(machines.given) == 1


async def test_a_token_that_is_taken_back_is_fetched_anew(room: SigningRoom) -> None:
    machines = Machines()
    async with served(machines.app) as port:
        await get(room, machine(port))
        machines.given.append("another one that we never got")
        assert await get(room, machine(port)) == 200


async def test_a_wrong_secret_is_the_operators_to_correct(room: SigningRoom) -> None:
    async with served(Machines().app) as port:
        with pytest.raises(SignInNeededError, match=r"correct them under \[mcp.servers.stock\]") as refused:
            await get(room, machine(port, secret="a-wrong-one"))
    assert "a-wrong-one" not in str(refused.value)


async def test_the_secret_goes_to_its_issuer_only(room: SigningRoom) -> None:
    thief = Machines()
    async with served(thief.app) as away:
        honest = Machines(issuer=f"http://127.0.0.1:{away}")
        async with served(honest.app) as port:
            with pytest.raises(SignInNeededError, match="names another place to fetch tokens"):
                await get(room, machine(port, issuer=f"http://127.0.0.1:{port}"))
    assert thief.secrets_seen == []


async def test_without_a_configured_issuer_the_first_one_is_kept_to(room: SigningRoom, tmp_path: Path) -> None:
    thief, machines = Machines(), Machines()
    async with served(thief.app) as away, served(machines.app) as port:
        assert await get(room, machine(port)) == 200
        machines.issuer = f"http://127.0.0.1:{away}"
        machines.given.append("so that a new one is needed")
        async with signing_room(tmp_path) as after_a_restart:
            with pytest.raises(SignInNeededError, match="names another place to fetch tokens"):
                await get(after_a_restart, machine(port))
    assert thief.secrets_seen == []
