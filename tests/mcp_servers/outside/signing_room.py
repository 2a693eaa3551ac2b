"""A bot that people can sign in with, and their browsers."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull
from mcp_types import TextContent
from pydantic import AnyUrl
from starlette.applications import Starlette

from chat.clock import utc_now
from chat.ids import UserId
from mcp_servers.outside.callback import CALLBACK_PATH, callback_route
from mcp_servers.outside.http_guard import GuardedClients, guarded_client
from mcp_servers.outside.oauth import OAuth
from mcp_servers.outside.pending import Link
from mcp_servers.outside.sign_ins import SECONDS, SignIns
from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.vault import Vault
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish
from storage.database import Database
from storage.migrations import upgrade
from storage.secret_key import secret_key
from tests.mcp_servers.outside.served import served

MIA, BOB = UserId(11), UserId(22)
NAMES = {MIA: "mia", BOB: "bob"}
PATIENCE = 10.0


@dataclass
class SigningRoom:
    """Opened again over the same folder, it is the bot after a restart."""

    database: Database
    vault: Vault
    oauth: OAuth
    sign_ins: SignIns
    clients: GuardedClients
    browser: httpx2.AsyncClient
    callback_url: str

    async def link(self, wish: ServerWish, person: UserId) -> tuple[Link, "asyncio.Task[None]"]:
        """What the person is shown, and the sign-in that now waits."""
        shown: asyncio.Future[Link] = asyncio.get_running_loop().create_future()

        async def show(link: Link) -> None:
            shown.set_result(link)

        waiting = asyncio.create_task(self.sign_ins.sign_in(wish, person, NAMES[person], show))
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({shown, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            await waiting
        return shown.result(), waiting

    async def agree(self, link: Link) -> str:
        """Open the link; answers the address at which the browser ends, before it opens that."""
        answer = await self.browser.get(link.url)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def confirm(self, page: httpx2.Response) -> httpx2.Response:
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        return await self.browser.post(page.url, data={name: unescape(value) for name, value in fields.items()})

    async def sign_in(self, wish: ServerWish, person: UserId) -> None:
        """All of it, without a hitch."""
        link, waiting = await self.link(wish, person)
        page = await self.browser.get(await self.agree(link))
        assert (await self.confirm(page)).status_code == 200
        async with asyncio.timeout(PATIENCE):
            await waiting

    def registered(self, client_id: str, secret: str) -> OAuthClientInformationFull:
        """What an operator does by hand at a place that lets nobody register itself."""
        return OAuthClientInformationFull(
            client_id=client_id,
            client_secret=secret,
            redirect_uris=[AnyUrl(self.callback_url)],
            token_endpoint_auth_method="client_secret_basic",
            scope="notes",
        )

    async def whoami(self, wish: ServerWish, person: UserId | None) -> str:
        """Raises SignInNeededError."""
        assert isinstance(wish.at, Address)
        try:
            async with (
                self.clients.client(wish, person) as http,
                Client(streamable_http_client(wish.at.url, http_client=http)) as client,
            ):
                result = await client.call_tool("whoami", {})
        except BaseExceptionGroup as group:  # the library's task groups
            raise next(each for each in leaves(group) if isinstance(each, SignInNeededError)) from None
        return next(each.text for each in result.content if isinstance(each, TextContent))


@asynccontextmanager
async def signing_room(folder: Path, *, seconds: float = SECONDS) -> AsyncGenerator[SigningRoom]:
    async with Database(f"sqlite:///{folder / 'digmbot.db'}") as database:
        upgrade(database.engine)
        vault = Vault(database, secret_key(folder / "secret.key"), utc_now)
        oauth = OAuth(vault=vault, open_client=guarded_client)
        made: list[SignIns] = []

        def app(port: int) -> Starlette:
            url = f"http://127.0.0.1:{port}{CALLBACK_PATH}"
            made.append(
                SignIns(oauth=oauth, vault=vault, open_client=guarded_client, callback_url=url, seconds=seconds)
            )
            return Starlette(routes=[callback_route(made[0].pending)])

        async with served(app) as port, httpx2.AsyncClient(trust_env=False) as browser:
            clients = GuardedClients(credentials=oauth)
            url = f"http://127.0.0.1:{port}{CALLBACK_PATH}"
            yield SigningRoom(database, vault, oauth, made[0], clients, browser, url)


def notes(port: int, auth: AuthKind = AuthKind.USER, *, name: str = "notes") -> ServerWish:
    return ServerWish(name, Address(f"http://127.0.0.1:{port}/mcp", auth=auth, allow_private=True))


def public(wish: ServerWish) -> ServerWish:
    """As it would be without `allow_private`."""
    assert isinstance(wish.at, Address)
    return replace(wish, at=replace(wish.at, allow_private=False))


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from leaves(each)  # pyright: ignore[reportUnknownArgumentType] - narrowing forgets what is inside
        else:
            yield each
