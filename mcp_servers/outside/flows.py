"""The mcp library's OAuth, driven by hand: its parts decide what is sent, we decide when, and keep what comes of it.

The library runs everything inside of one HTTP request, with its lock held as long as that takes, forgets at a restart
where tokens are renewed, and asks a person in the middle of a call. Here a request only ever uses a token (`accounts`);
renewing and signing in are done apart from it.
"""

import warnings
from collections.abc import Awaitable, Callable

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.auth.utils import issuers_match, union_scopes
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
)
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types import LATEST_PROTOCOL_VERSION
from pydantic import AnyUrl

from chat.ids import UserId
from mcp_servers.outside.vault import Grant
from mcp_servers.outside.wishes import Address

ASK = ("authorization_code", "refresh_token")


class OtherIssuerError(OAuthFlowError):
    """A secret was about to be given to somebody else than its issuer."""


class InMemory:
    """The library's storage for the time of one flow."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self._client = client

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None: ...

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None: ...


class CodeFlow(OAuthClientProvider):
    """Authorisation code with PKCE: a person agrees in their browser."""

    def __init__(
        self,
        at: Address,
        *,
        callback_url: str,
        known: OAuthClientInformationFull | None,
        pinned: str | None,
        more: str,
        redirect: Callable[[str], Awaitable[None]],
        answered: Callable[[], Awaitable[AuthorizationCodeResult]],
    ) -> None:
        """`known`: an earlier registration. `pinned`: whose the configured secret is. `more`: scopes wanted later."""
        here = AnyUrl(callback_url)
        is_local = here.host in {"127.0.0.1", "localhost", "[::1]"}
        wanted = OAuthClientMetadata(
            client_name="digmbot",
            redirect_uris=[here],
            grant_types=list(ASK),
            scope=" ".join(at.scopes) or None,
            application_type="native" if is_local else "web",
        )
        super().__init__(at.url, wanted, InMemory(_configured(at, here) or known), redirect, answered)
        self._at = at
        self._more = more
        self._pinned = pinned if at.client_secret else None

    async def _perform_authorization(self) -> httpx2.Request:
        metadata = self.context.oauth_metadata
        _check_issuer(metadata, self._pinned)
        if self._at.client_id and self.context.client_info:
            self.context.client_info = _authenticating(self.context.client_info, metadata)
        self.context.client_metadata.scope = _scope(self._at, self.context.client_metadata.scope, self._more)
        return await super()._perform_authorization()

    def _select_authorization_server(self, advertised: list[str]) -> str:
        return _preferred(advertised, self._pinned)


class ClientFlow(ClientCredentialsOAuthProvider):
    """Client credentials: the bot is itself the client."""

    def __init__(self, at: Address, *, pinned: str | None, more: str) -> None:
        with warnings.catch_warnings():
            # Without a configured issuer the first one that was seen is kept to, which the library does not know.
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            super().__init__(
                at.url, InMemory(None), at.client_id or "", at.client_secret or "", scope=" ".join(at.scopes) or None
            )
        self._at = at
        self._more = more
        self._pinned = pinned

    async def _perform_authorization(self) -> httpx2.Request:
        metadata = self.context.oauth_metadata
        _check_issuer(metadata, self._pinned)
        if self.context.client_info:
            self.context.client_info = _authenticating(self.context.client_info, metadata)
        self.context.client_metadata.scope = _scope(self._at, self.context.client_metadata.scope, self._more)
        return await super()._perform_authorization()

    def _select_authorization_server(self, advertised: list[str]) -> str:
        return _preferred(advertised, self._pinned)


class Renewal(OAuthClientProvider):
    """A refresh token, used once."""

    def __init__(self, grant: Grant) -> None:
        wanted = OAuthClientMetadata(redirect_uris=None, grant_types=list(ASK))
        super().__init__(grant.resource, wanted, InMemory(grant.client))
        self.context.client_info = grant.client
        self.context.current_tokens = grant.tokens
        self.context.oauth_metadata = grant.metadata
        self.context.protected_resource_metadata = grant.protected
        self.context.protocol_version = LATEST_PROTOCOL_VERSION
        self._grant = grant

    async def run(self, client: httpx2.AsyncClient) -> Grant | None:
        """None when it is refused. Raises httpx2.HTTPError when nobody could say."""
        response = await client.send(await self._refresh_token(), auth=None)
        if response.status_code >= 500 or response.status_code == 429:
            response.raise_for_status()
        if not await self._handle_refresh_response(response):
            return None
        changes = {"tokens": self.context.current_tokens, "expires_at": self.context.token_expiry_time}
        return self._grant.model_copy(update=changes)


async def obtain(flow: OAuthClientProvider, client: httpx2.AsyncClient, *, server: str, person: UserId) -> Grant:
    """Carry out the whole flow: find out where, register if need be, ask, fetch tokens.

    Raises OAuthFlowError, ValueError for documents that are none, and httpx2.HTTPError.
    """
    url = flow.context.server_url
    headers = {"Accept": "text/event-stream", MCP_PROTOCOL_VERSION_HEADER: LATEST_PROTOCOL_VERSION}
    request = client.build_request("GET", url, headers=headers)
    steps = flow.async_auth_flow(request)
    try:
        response = await _refused(client, await anext(steps))
        while True:
            step = await steps.asend(response)
            if step is request:  # to be sent again, now with a token: that is all that was wanted
                break
            response = await client.send(step, auth=None)
    finally:
        await steps.aclose()
    context = flow.context
    return Grant(
        server=server,
        person=person,
        resource=url,
        client=context.client_info,
        tokens=context.current_tokens,
        expires_at=context.token_expiry_time,
        metadata=context.oauth_metadata,
        protected=context.protected_resource_metadata,
        issuer=str(context.oauth_metadata.issuer) if context.oauth_metadata else None,
    )


async def _refused(client: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    """How the server says that one has to sign in. One that lets everybody in at first is taken to have said it."""
    response = await client.send(request, auth=None, stream=True)
    await response.aclose()
    return response if response.status_code == 401 else httpx2.Response(401, request=request)


def _configured(at: Address, callback: AnyUrl) -> OAuthClientInformationFull | None:
    if at.client_id is None:
        return None
    method = "client_secret_post" if at.client_secret else "none"
    return OAuthClientInformationFull(
        client_id=at.client_id,
        client_secret=at.client_secret,
        redirect_uris=[callback],
        token_endpoint_auth_method=method,
    )


def _authenticating(client: OAuthClientInformationFull, metadata: OAuthMetadata | None) -> OAuthClientInformationFull:
    """RFC 8414: a server that does not say how it wants a secret takes it by HTTP Basic."""
    if client.client_secret is None:
        return client
    known = metadata.token_endpoint_auth_methods_supported if metadata else None
    is_basic = not known or "client_secret_basic" in known
    method = "client_secret_basic" if is_basic else "client_secret_post"
    return client.model_copy(update={"token_endpoint_auth_method": method})


def _scope(at: Address, asked: str | None, more: str) -> str | None:
    """The operator's word stands above what the server asks for."""
    return " ".join(at.scopes) if at.scopes else union_scopes(more, asked)


def _check_issuer(metadata: OAuthMetadata | None, pinned: str | None) -> None:
    if pinned is not None and (metadata is None or not issuers_match(str(metadata.issuer), pinned)):
        raise OtherIssuerError(f"the client's secret belongs to {pinned}")


def _preferred(advertised: list[str], pinned: str | None) -> str:
    return next((each for each in advertised if pinned and issuers_match(each, pinned)), advertised[0])
