"""A place to sign in, with an MCP server behind it that tells whose account it was called with."""

import base64
import secrets
import time
from dataclasses import dataclass, field

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCOPES = ["notes"]


@dataclass
class Authority(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Whoever opens a link is `visitor`, and agrees."""

    visitor: str = "nobody"
    agrees: bool = True
    seconds: int = 3600
    """How long a token lasts."""
    refreshes: bool = True
    registers: bool = True
    clients: dict[str, OAuthClientInformationFull] = field(default_factory=dict[str, OAuthClientInformationFull])
    codes: dict[str, AuthorizationCode] = field(default_factory=dict[str, AuthorizationCode])
    access: dict[str, AccessToken] = field(default_factory=dict[str, AccessToken])
    refresh: dict[str, RefreshToken] = field(default_factory=dict[str, RefreshToken])
    renewals: int = 0
    calls: list[str] = field(default_factory=list[str])
    """Whose account each call was made with."""

    def app(self, port: int) -> Starlette:
        here = f"http://127.0.0.1:{port}"
        server = MCPServer(
            "notes",
            log_level="CRITICAL",
            auth_server_provider=self,
            auth=AuthSettings(
                issuer_url=AnyHttpUrl(here),
                resource_server_url=AnyHttpUrl(f"{here}/mcp"),
                client_registration_options=ClientRegistrationOptions(
                    enabled=self.registers, valid_scopes=SCOPES, default_scopes=SCOPES
                ),
                required_scopes=SCOPES,
                validate_token_resource=True,
            ),
        )

        @server.tool()
        async def whoami() -> str:
            """Whose account this is."""
            token = get_access_token()
            self.calls.append(str(token.subject if token else None))
            return self.calls[-1]

        return server.streamable_http_app()

    def revoke(self, *, refresh_too: bool = True) -> None:
        """Everything that was ever given out."""
        self.access.clear()
        if refresh_too:
            self.refresh.clear()

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        if not self.agrees:
            raise AuthorizeError("access_denied", "<script>alert(1)</script>")
        code = secrets.token_urlsafe(32)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=True,
            resource=params.resource,
            subject=self.visitor,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002
        authorization_code: str,
    ) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        code = self.codes.pop(authorization_code.code)
        return self._tokens(client, code.scopes, code.resource, code.subject)

    async def load_refresh_token(
        self,
        client: OAuthClientInformationFull,  # noqa: ARG002
        refresh_token: str,
    ) -> RefreshToken | None:
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        self.renewals += 1
        used = self.refresh.pop(refresh_token.token)
        return self._tokens(client, scopes, used.resource, used.subject)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.access.pop(token.token, None)
        self.refresh.pop(token.token, None)

    def _tokens(
        self, client: OAuthClientInformationFull, scopes: list[str], resource: str | None, subject: str | None
    ) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        common = {"client_id": client.client_id, "scopes": scopes, "resource": resource, "subject": subject}
        self.access[access] = AccessToken.model_validate({"token": access, **common})
        if self.refreshes:
            self.refresh[refresh] = RefreshToken.model_validate({"token": refresh, **common})
        return OAuthToken(
            access_token=access,
            expires_in=self.seconds,
            scope=" ".join(scopes),
            refresh_token=refresh if self.refreshes else None,
        )


@dataclass
class Machines:
    """A place for programs: client credentials by HTTP Basic; the server takes only the newest token."""

    client: tuple[str, str] = ("bot", "the-secret-of-the-bot")
    issuer: str | None = None
    """Another than its own, to play foul."""
    given: list[str] = field(default_factory=list[str])
    secrets_seen: list[str] = field(default_factory=list[str])

    def app(self, port: int) -> Starlette:
        here = f"http://127.0.0.1:{port}"

        async def resource(_: Request) -> Response:
            return JSONResponse({"resource": f"{here}/mcp", "authorization_servers": [self.issuer or here]})

        async def metadata(_: Request) -> Response:
            return JSONResponse(
                {"issuer": here, "authorization_endpoint": f"{here}/a", "token_endpoint": f"{here}/token"}
            )

        async def token(request: Request) -> Response:
            name, _, secret = base64.b64decode(request.headers["authorization"][6:]).decode().partition(":")
            self.secrets_seen.append(secret)
            if (name, secret) != self.client:
                return JSONResponse({"error": "invalid_client"}, 401)
            self.given.append(secrets.token_urlsafe(16))
            return JSONResponse({"access_token": self.given[-1], "token_type": "bearer", "expires_in": 3600})

        async def guarded(request: Request) -> Response:
            if self.given and request.headers.get("authorization") == f"Bearer {self.given[-1]}":
                return JSONResponse({"ok": True})
            return JSONResponse({}, 401)

        return Starlette(
            routes=[
                Route("/.well-known/oauth-protected-resource/mcp", resource),
                Route("/.well-known/oauth-authorization-server", metadata),
                Route("/token", token, methods=["POST"]),
                Route("/mcp", guarded),
            ]
        )
