"""Somebody's account at one outside server: the token that each request is signed with, renewed when it has to be."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import httpx2
from mcp.client.auth import OAuthFlowError
from mcp.client.auth.utils import extract_field_from_www_auth, extract_scope_from_www_auth, union_scopes

from chat.ids import UserId
from mcp_servers.outside.flows import ClientFlow, OtherIssuerError, Renewal, obtain
from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.vault import BOT, Grant, Vault
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish

Open = Callable[[ServerWish], httpx2.AsyncClient]
"""A guarded client that signs nothing, for the requests that sign-ins are made of."""

EARLY = 20.0
"""Seconds before its end at which a token counts as ended."""


class Account:
    """For all connections of one person to one server at one address. A renewal is made once for all of them."""

    def __init__(self, wish: ServerWish, at: Address, person: UserId, *, vault: Vault, open_client: Open) -> None:
        self.at = at
        self._wish = wish
        self._person = person
        self._vault = vault
        self._open = open_client
        self._grant: Grant | None = None
        self._is_gone = False
        self._lock = asyncio.Lock()
        self.more_scopes = ""
        """What the server asked for beyond what was granted."""

    async def token(self) -> str:
        """Raises SignInNeededError, and httpx2.HTTPError when it cannot be renewed now."""
        async with self._lock:
            grant = self._grant = self._grant or await self._stored()
            is_over = grant is not None and grant.expires_at is not None and time.time() > grant.expires_at - EARLY
            return await self._renew() if is_over or not self._held else self._held

    async def renewed(self, refused: str) -> str:
        """Another one, since the server refused this one. Raises like `token`."""
        async with self._lock:
            return await self._renew() if self._held in {"", refused} else self._held

    async def widened(self, scopes: str, refused: str) -> str:
        """One that allows more, where nobody has to agree to that. Raises like `token`."""
        async with self._lock:
            if self._held not in {"", refused}:
                return self._held
            granted = self._grant.tokens.scope if self._grant and self._grant.tokens else None
            self.more_scopes = union_scopes(granted, scopes) or ""
            if self.at.auth is not AuthKind.CLIENT:
                raise SignInNeededError(f"{self._wish.name} wants to be allowed more: {self._sign_in_again}")
            return await self._keep(await self._own())

    async def refused(self) -> SignInNeededError:
        """The server refuses a token that is fresh: forget it."""
        async with self._lock:
            await self._drop()
        return self.sign_in_needed

    async def adopt(self, grant: Grant) -> None:
        """What a sign-in brought."""
        async with self._lock:
            self.more_scopes = ""
            await self._keep(grant)

    def leave(self) -> None:
        """For good: whoever still holds it has to ask for another. Nothing is kept from now on."""
        self._grant, self._is_gone = None, True

    async def _stored(self) -> Grant | None:
        grant = None if self._is_gone else await self._vault.load(self._wish.name, self._person, self.at.url)
        client = grant.client.client_id if grant and grant.client else None
        return grant if self.at.client_id in {None, client} else None

    async def _renew(self) -> str:
        if self._is_gone:
            raise self.sign_in_needed
        grant = self._grant
        if grant is not None:
            grant = await self._refreshed(grant)
        if grant is None and self.at.auth is AuthKind.CLIENT:
            grant = await self._own()
        if grant is None:
            await self._drop()
            raise self.sign_in_needed
        return await self._keep(grant)

    async def _refreshed(self, grant: Grant) -> Grant | None:
        if grant.tokens is None or not grant.tokens.refresh_token or grant.client is None:
            return None
        async with self._open(self._wish) as client:
            return await Renewal(grant).run(client)

    async def _own(self) -> Grant:
        pinned = self.at.issuer or (self._grant.issuer if self._grant else None)
        flow = ClientFlow(self.at, pinned=pinned, more=self.more_scopes)
        try:
            async with self._open(self._wish) as client:
                return await obtain(flow, client, server=self._wish.name, person=BOT)
        except OtherIssuerError as error:
            raise SignInNeededError(other_issuer(self._wish.name)) from error
        except (OAuthFlowError, ValueError) as error:
            raise self.sign_in_needed from error

    async def _keep(self, grant: Grant) -> str:
        if grant.tokens is None or self._is_gone:
            raise self.sign_in_needed
        await self._vault.save(grant)
        self._grant = grant
        return grant.tokens.access_token

    async def _drop(self) -> None:
        """Who the bot is there stays known, so that the next sign-in needs no new registration."""
        if self._grant is None or self._is_gone:
            return
        self._grant = self._grant.model_copy(update={"tokens": None, "expires_at": None})
        if self._person == BOT:
            await self._vault.save(self._grant)
        else:
            await self._vault.remove(self._wish.name, self._person)

    @property
    def _held(self) -> str:
        return self._grant.tokens.access_token if self._grant and self._grant.tokens else ""

    @property
    def sign_in_needed(self) -> SignInNeededError:
        name = self._wish.name
        if self.at.auth is AuthKind.CLIENT:
            return SignInNeededError(
                f"{name} does not take the bot's `client_id` and `client_secret`; "
                f"whoever runs the bot has to correct them under [mcp.servers.{name}]"
            )
        return SignInNeededError(f"{name} knows nobody here (any more): {self._sign_in_again}")

    @property
    def _sign_in_again(self) -> str:
        return "an owner of the bot has to sign in" if self.at.auth is AuthKind.BOT else "you have to sign in"


class Signed(httpx2.Auth):
    """Puts the token on each request; one that is refused is renewed once."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        token = await self._account.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        scopes = self._wanted(response)
        if response.status_code != 401 and not scopes:
            return
        account = self._account
        token = await (account.widened(scopes, token) if scopes else account.renewed(token))
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            raise await account.refused()

    def _wanted(self, response: httpx2.Response) -> str:
        """What the operator wrote as `scopes` is all there is to be had."""
        is_short = response.status_code == 403 and not self._account.at.scopes
        if not is_short or extract_field_from_www_auth(response, "error") != "insufficient_scope":
            return ""
        return extract_scope_from_www_auth(response) or ""


class Unsigned(httpx2.Auth):
    """A connection that nobody's account belongs to."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        raise SignInNeededError(self._sentence)
        yield request  # what makes it a generator


def other_issuer(name: str) -> str:
    return (
        f"{name} names another place to fetch tokens than before, and would get the bot's secret there; if that is "
        f"right, whoever runs the bot has to write it as `issuer` under [mcp.servers.{name}]"
    )
