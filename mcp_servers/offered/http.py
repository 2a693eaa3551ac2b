"""The endpoint: Streamable HTTP in the bot's own loop, behind bearer tokens, a check of the Host header, and limits.

`/mcp` has everything, `/mcp/memory`, `/mcp/discord` and `/mcp/reminders` one subject each.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Self

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import AccessToken
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.ids import UserId
from mcp_servers.offered.callers import Caller, CallerRefusedError
from mcp_servers.offered.listening import Listener
from mcp_servers.offered.rates import Rates
from mcp_servers.offered.server import Offer, build_server
from mcp_servers.offered.subjects import Subject
from mcp_servers.offered.tokens import Scope as TokenScope
from mcp_servers.offered.tokens import Tokens
from mcp_servers.offered.wishes import ServeWish

PATH = "/mcp"
MAX_SESSIONS = 1_000
IDLE_SECONDS = 1_800.0
REQUESTS_PER_CALL = 5  # lists, handshakes and streams come on top of calls
NOTE_SECONDS = 60.0


class OfferedServer:
    """`async with OfferedServer(...)`: listens from then on, and stops within `stop_seconds`."""

    def __init__(self, offer: Offer, tokens: Tokens, wish: ServeWish, *, routes: Sequence[BaseRoute] = ()) -> None:
        """`routes` are served beside ours, without a token and without the check of the Host header."""
        self._tokens = tokens
        self._listener = Listener(app(offer, tokens, wish, routes=routes), wish)
        self._noting: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients find it, once it listens."""
        return f"{self._listener.url}{PATH}"

    async def __aenter__(self) -> Self:
        """Raises CannotListenError."""
        await self._listener.__aenter__()
        self._noting = asyncio.create_task(self._note_uses())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listener.__aexit__(kind, error, trace)
        if self._noting is not None:
            self._noting.cancel()
            await asyncio.wait([self._noting])
        await self._tokens.note_uses()

    async def _note_uses(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            await self._tokens.note_uses()


def app(offer: Offer, tokens: Tokens, wish: ServeWish, *, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The whole endpoint as an ASGI application, to be run once."""
    rates = Rates(per_minute=wish.calls_per_minute, burst=wish.burst)
    subjects: list[Subject | None] = [None, *Subject]
    servers = [build_server(offer, identify=caller_of, rates=rates, subject=subject) for subject in subjects]
    managers = [manager(server, wish) for server in servers]
    requests = Rates(per_minute=wish.calls_per_minute * REQUESTS_PER_CALL, burst=max(wish.burst, 1) * REQUESTS_PER_CALL)
    endpoints: list[BaseRoute] = [
        Route(
            f"{PATH}/{subject.value}" if subject else PATH,
            RequireAuthMiddleware(_Limited(StreamableHTTPASGIApp(each), requests), [TokenScope.READ.value]),
            methods=["POST", "DELETE"],  # with nothing to say unasked, there is no stream of our own to open by GET
        )
        for subject, each in zip(subjects, managers, strict=True)
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for each in managers:
                await stack.enter_async_context(each.run())
            yield

    backend = BearerAuthBackend(_Verifier(tokens))
    return Starlette(
        routes=[*endpoints, *routes],
        middleware=[Middleware(AuthenticationMiddleware, backend=backend)],
        lifespan=lifespan,
    )


def manager(server: Server[object], wish: ServeWish) -> StreamableHTTPSessionManager:
    """Protection against DNS rebinding is on whatever the host is."""
    origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in wish.hosts]
    return StreamableHTTPSessionManager(
        app=server,
        security_settings=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[*wish.hosts, *(f"{host}:*" for host in wish.hosts)],
            allowed_origins=[*origins, *(f"{origin}:*" for origin in origins)],
        ),
        max_request_body_size=wish.max_body,
        max_sessions=MAX_SESSIONS,
        session_idle_timeout=IDLE_SECONDS,
    )


def caller_of(request: Request | None) -> Caller:
    """Whose token a request came with."""
    user: object = request.scope.get("user") if request else None
    if not isinstance(user, AuthenticatedUser) or user.access_token.subject is None:
        raise CallerRefusedError("Send a token: Authorization: Bearer digm_…")
    token = user.access_token
    return Caller(token.client_id, UserId(int(token.subject or 0)), TokenScope.WRITE.value in token.scopes)


class _Verifier:
    """`mcp.server.auth.provider.TokenVerifier` over our tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def verify_token(self, token: str) -> AccessToken | None:
        found = self._tokens.verify(token)
        if found is None:
            return None
        return AccessToken(
            token="",  # nobody needs the secret from here on
            client_id=found.id,
            scopes=[scope.value for scope in found.scopes],
            expires_at=math.ceil(found.expires_at.timestamp()),
            subject=str(found.user_id),
        )


class _Limited:
    """So many requests of one token, whatever they are."""

    def __init__(self, inner: ASGIApp, rates: Rates) -> None:
        self._inner = inner
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        user: object = scope.get("user")
        wait = self._rates.take(user.access_token.client_id) if isinstance(user, AuthenticatedUser) else 0.0
        if wait:
            seconds = str(math.ceil(wait))
            answer = JSONResponse({"error": "too many requests with this token"}, 429, {"Retry-After": seconds})
            await answer(scope, receive, send)
        else:
            await self._inner(scope, receive, send)
