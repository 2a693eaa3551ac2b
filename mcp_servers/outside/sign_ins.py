"""Signing in: somebody gets a link, agrees in their browser, and comes back to the callback with a code.

A sign-in belongs to one person and one server. The `state` in its link is good once, for ten minutes, and says whose it
is: what comes back with it is never anybody else's. A link can be passed on, though, and whoever opens it would connect
their own account for the person who got it; so the page at the end names that person and waits for a click
(`callback`), and an address that is pasted back counts only from the person whose link it was.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthFlowError, OAuthRegistrationError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull

from chat.ids import UserId
from mcp_servers.outside.accounts import Account, Open, other_issuer
from mcp_servers.outside.addresses import Reach, reach_of
from mcp_servers.outside.flows import CodeFlow, OtherIssuerError, obtain
from mcp_servers.outside.oauth import OAuth
from mcp_servers.outside.pending import Link, Pending, PendingSignIns, Return
from mcp_servers.outside.vault import BOT, Grant, Vault
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish

SECONDS = 600.0

Show = Callable[[Link], Awaitable[None]]


class SignInError(Exception):
    """It did not come about: one sentence for the person."""


class SignIns:
    """One at a time for a person and a server."""

    def __init__(
        self, *, oauth: OAuth, vault: Vault, open_client: Open, callback_url: str, seconds: float = SECONDS
    ) -> None:
        """`callback_url`: the whole address of the callback, as browsers reach it."""
        self.pending = PendingSignIns()
        self._oauth = oauth
        self._vault = vault
        self._open = open_client
        self._callback_url = callback_url
        self._seconds = seconds
        self._begun: set[tuple[str, UserId]] = set()

    async def sign_in(self, wish: ServerWish, person: UserId, name: str, show: Show) -> None:
        """Returns once the tokens are kept. `show` gets the link. Raises SignInError.

        Who may sign in for all (`auth = "bot"`) is the caller's business.
        """
        match wish.at:
            case Address(auth=AuthKind.USER | AuthKind.BOT) as at:
                pass
            case _:
                raise SignInError(f"Nobody signs in to {wish.name}.")
        key = wish.name, person
        if key in self._begun:
            raise SignInError(f"You already have a link for {wish.name}; open that one, or wait until it has ended.")
        self._begun.add(key)
        try:
            browser = _Browser(
                self.pending, server=wish.name, at=at, person=person, name=name, seconds=self._seconds, show=show
            )
            await self._carry_out(wish, at, person, browser)
        finally:
            self._begun.discard(key)

    async def _carry_out(self, wish: ServerWish, at: Address, person: UserId, browser: "_Browser") -> None:
        whose = BOT if at.auth is AuthKind.BOT else person
        account = self._oauth.account(wish, at, whose)
        shared = await self._vault.load(wish.name, BOT, at.url)
        known = _reusable(shared, self._callback_url)
        flow = self._flow(at, shared, known, account, browser)
        try:
            async with self._open(wish) as client:
                grant = await obtain(flow, client, server=wish.name, person=whose)
        except (OAuthFlowError, SignInError, ValueError, httpx2.HTTPError) as error:
            if known is not None and shared is not None:  # perhaps we are not known there any more: register again
                await self._vault.save(shared.model_copy(update={"client": None}))
            raise _explained(error, wish.name) from error
        if whose != BOT:  # who the bot is there serves everybody
            await self._vault.save(grant.model_copy(update={"person": BOT, "tokens": None, "expires_at": None}))
        await account.adopt(grant)

    def _flow(
        self,
        at: Address,
        shared: Grant | None,
        known: OAuthClientInformationFull | None,
        account: Account,
        browser: "_Browser",
    ) -> CodeFlow:
        return CodeFlow(
            at,
            callback_url=self._callback_url,
            known=known,
            pinned=at.issuer or (shared.issuer if shared else None),
            more=account.more_scopes,
            redirect=browser.open,
            answered=browser.answer,
        )


class _Browser:
    """What the flow asks of a person."""

    def __init__(
        self,
        waiting: PendingSignIns,
        *,
        server: str,
        at: Address,
        person: UserId,
        name: str,
        seconds: float,
        show: Show,
    ) -> None:
        self._waiting = waiting
        self._server = server
        self._at = at
        self._person = person
        self._name = name
        self._seconds = seconds
        self._show = show
        self._state = ""
        self._came: asyncio.Future[Return] = asyncio.get_running_loop().create_future()

    async def open(self, url: str) -> None:
        parts = urlsplit(url)
        if not self._at.allow_private:
            _check_browsable(self._server, url)
        self._state = parse_qs(parts.query).get("state", [""])[0]
        link = Link(self._server, url, parts.netloc.rpartition("@")[2], self._seconds)
        self._waiting.wait(self._state, Pending(self._person, self._name, link, self._came))
        try:
            await self._show(link)
        except BaseException:
            self._waiting.give_up(self._state)
            raise

    async def answer(self) -> AuthorizationCodeResult:
        try:
            async with asyncio.timeout(self._seconds):
                came = await self._came
        except TimeoutError as error:
            raise SignInError(f"The link for {self._server} was not used in time; begin again.") from error
        finally:
            self._waiting.give_up(self._state)
        if came.error or not came.code:
            how = "was refused in the browser" if came.error == "access_denied" else "failed over there"
            raise SignInError(f"Signing in to {self._server} {how}; nothing was connected.")
        return AuthorizationCodeResult(code=came.code, state=came.state, iss=came.issuer)


def _reusable(shared: Grant | None, callback_url: str) -> OAuthClientInformationFull | None:
    client = shared.client if shared else None
    if client is None or callback_url not in [str(each) for each in client.redirect_uris or []]:
        return None
    ends = client.client_secret_expires_at
    return client if not ends or ends > time.time() + 60 else None


def _check_browsable(server: str, url: str) -> None:
    """A link that we hand to people must not be a trap for their own network. Raises SignInError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_private = reach_of(ip_address(host)) is not Reach.PUBLIC
    except ValueError:
        is_private = host == "localhost" or host.endswith(".localhost")
    if parts.scheme != "https" or not host or is_private:
        raise SignInError(
            f"The place to sign in that {server} names is no page that is safe to open; its operator has to mend that."
        )


def _explained(error: Exception, name: str) -> SignInError:
    """Without a word of the server."""
    match error:
        case SignInError():
            return error
        case OtherIssuerError():
            return SignInError(f"{other_issuer(name)}.")
        case OAuthRegistrationError():
            return SignInError(
                f"{name} does not let the bot register itself; whoever runs the bot has to write `client_id` under "
                f"[mcp.servers.{name}]."
            )
        case httpx2.HTTPError():
            return SignInError(f"{name}, or the place where one signs in to it, cannot be reached now.")
        case _:
            return SignInError(f"{name} did not finish the sign-in: what it answered is not what OAuth asks for.")
