"""The operator's wishes about MCP, in the words of the parts that carry them out."""

from pathlib import Path

from pydantic import SecretStr

from bot.settings.model import Settings
from bot.settings.servers import McpServer
from chat.ids import GuildId, RoleId
from mcp_servers.offered.wishes import ServeWish
from mcp_servers.outside.wishes import Address, AuthKind, Program, Protocol, ServerWish
from tools.calls import Approval


def server_wishes_of(settings: Settings) -> tuple[ServerWish, ...]:
    """Those that are enabled, in the order of the file."""
    return tuple(_wish(name, server) for name, server in settings.mcp.servers.items() if server.enabled)


def serve_wish_of(settings: Settings) -> ServeWish | None:
    """None when our endpoint is switched off."""
    wanted = settings.mcp.serve
    if not wanted.enabled:
        return None
    return ServeWish(
        host=wanted.host,
        port=wanted.port,
        allowed_hosts=wanted.allowed_hosts,
        public_url=wanted.public_url or "",
        calls_per_minute=wanted.calls_per_minute,
    )


def callback_base_of(settings: Settings) -> str:
    """How browsers reach our HTTP server; without one nobody answers there, and what they end at is pasted back."""
    base = serve_wish_of(settings) or ServeWish()
    return settings.mcp.serve.callback_url or base.base_url()


def _wish(name: str, server: McpServer) -> ServerWish:
    return ServerWish(
        name=name,
        at=_address(server, server.url) if server.url else _program(server, server.command or ""),
        allow=server.tools.allow,
        deny=server.tools.deny,
        reads=server.tools.read,
        seconds=server.timeout,
        approval=Approval(server.approval),
        guilds=frozenset(map(GuildId, server.guilds)),
        roles=frozenset(map(RoleId, server.roles)),
        protocol=Protocol(server.protocol),
    )


def _program(server: McpServer, command: str) -> Program:
    # A shell would know its `~`; we start programs without one.
    at_home = command.startswith("~/") and Path(command).expanduser()
    return Program(command=str(at_home or command), args=server.args, env=_open(server.env), cwd=server.cwd)


def _address(server: McpServer, url: str) -> Address:
    return Address(
        url=url,
        headers=_open(server.headers),
        is_sse=server.transport == "sse",
        allow_private=server.allow_private,
        auth=AuthKind(server.auth),
        client_id=server.client_id,
        client_secret=server.client_secret.get_secret_value() if server.client_secret else None,
        scopes=server.scopes,
        issuer=server.issuer,
    )


def _open(secrets: dict[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
