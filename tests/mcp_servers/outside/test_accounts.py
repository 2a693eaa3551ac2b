"""Servers that people use under their own account: a connection for each, opened when it is needed."""

from collections.abc import AsyncGenerator

import httpx2

from chat.ids import UserId
from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.state import State
from mcp_servers.outside.transports import TIMEOUT
from mcp_servers.outside.wishes import Address, AuthKind, Protocol, ServerWish
from tests.mcp_servers.outside.house import free_port, links, until, web_server

SENTENCE = "Ada has to sign in to web first; the button is in the answer."


class Signed(httpx2.Auth):
    def __init__(self, desk: "Desk", person: UserId | None) -> None:
        self._desk = desk
        self._person = person

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        self._desk.tries += 1
        if self._person not in self._desk.signed_in:
            raise SignInNeededError(SENTENCE)
        request.headers["Authorization"] = "Bearer open-sesame"
        yield request


class Desk:
    """Where people sign in."""

    def __init__(self) -> None:
        self.signed_in: set[UserId | None] = set()
        self.tries = 0

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:
        assert wish.name == "web"
        return httpx2.AsyncClient(timeout=TIMEOUT, auth=Signed(self, person))


def personal(port: int, protocol: Protocol = Protocol.AUTO) -> ServerWish:
    return ServerWish("web", Address(f"http://127.0.0.1:{port}/mcp", auth=AuthKind.USER), protocol=protocol)


async def test_who_has_not_signed_in_is_told_so_and_has_the_tools_once_they_have() -> None:
    desk, port = Desk(), free_port()
    with web_server(port, "guarded"):
        async with links(personal(port), http=desk) as here:
            (before,) = here.outside.states()
            assert before.state is State.UNOPENED
            assert list(await here.specs()) == ["web__sign_in"]
            told = await here.call("web__sign_in")
            assert told.is_error
            assert told.content == SENTENCE
            assert here.state("web") is State.SIGN_IN
            ada = here.town.ada.id
            desk.signed_in.add(ada)
            here.outside.signed_in("web", ada)
            await here.up("web")
            assert (await here.call("web__echo", text="mine")).content == "mine"


async def test_nobody_is_tried_again_and_again_who_has_not_signed_in() -> None:
    desk, port = Desk(), free_port()
    async with links(personal(port), http=desk) as here:
        await here.specs()
        await until(lambda: here.state("web") is State.SIGN_IN)
        tries = desk.tries
        for _ in range(3):
            await here.specs()
        assert desk.tries == tries


async def test_each_person_has_a_connection_of_their_own() -> None:
    desk, port = Desk(), free_port()
    with web_server(port, "guarded"):
        async with links(personal(port), http=desk) as here:
            desk.signed_in.add(here.town.ada.id)
            assert "web__echo" in await here.specs()
            assert list(await here.specs(here.town.ask(here.town.mia))) == ["web__sign_in"]
            assert {each.person for each in here.outside.states()} == {here.town.ada.id, here.town.mia.id}


async def test_a_sign_in_that_ends_in_the_middle_is_told_by_the_next_call() -> None:
    desk, port = Desk(), free_port()
    with web_server(port, "guarded"):
        async with links(personal(port, Protocol.LEGACY), http=desk) as here:
            desk.signed_in.add(here.town.ada.id)
            await here.specs()
            await here.up("web")
            desk.signed_in.clear()
            assert (await here.call("web__echo", text="x")).content == SENTENCE
            assert (await here.call("web__echo", text="x")).content == SENTENCE
            desk.signed_in.add(here.town.ada.id)
            assert (await here.call("web__echo", text="back")).content == "back"
