"""The operator's outside servers in the words of the part that connects to them."""

from pathlib import Path

from pydantic import SecretStr

from bot.settings.model import Settings
from bot.settings.servers import McpServer
from chat.ids import GuildId, RoleId
from mcp_servers.outside.wishes import Address, AuthKind, Program, Protocol, ServerWish
from tools.calls import Approval


def server_wishes_of(settings: Settings) -> tuple[ServerWish, ...]:
    """Those that are enabled, in the order of the file."""
    return tuple(_wish(name, server) for name, server in settings.mcp.servers.items() if server.enabled)


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
    )


def _open(secrets: dict[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
