"""What the operator wants of outside servers, as plain values: `bot.mcp.wishes` makes them from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from chat.ids import GuildId, RoleId
from tools.calls import Approval


class Protocol(StrEnum):
    """How a connection is opened."""

    AUTO = "auto"
    """`server/discover` first, then the handshake."""
    LEGACY = "legacy"
    """The handshake at once: for servers that do not answer what they do not know, which costs ten seconds."""


class AuthKind(StrEnum):
    """Whose account a server is used with."""

    NONE = "none"
    """Nobody signs in; `headers` may carry a key."""
    BOT = "bot"
    """One sign-in, shared by everybody who may use the server."""
    USER = "user"
    """Each person signs in with their own account, and calls run under it."""
    CLIENT = "client"
    """Client credentials: the bot is itself the client, nobody clicks."""


@dataclass(frozen=True, slots=True)
class Program:
    """A server that we start and speak to over its standard streams."""

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    cwd: Path | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A server somewhere on the network."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    is_sse: bool = False
    """The transport of before 2025, with two endpoints."""
    allow_private: bool = False
    """Whether it may be in a private network or on this machine."""
    auth: AuthKind = AuthKind.NONE
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    issuer: str | None = None
    """Who may be given `client_secret`; else it is whom the server names first, and nobody else afterwards."""


@dataclass(frozen=True, slots=True)
class ServerWish:
    """One `[mcp.servers.NAME]`. Equal wishes need no new connection."""

    name: str
    """`[a-z0-9][a-z0-9_-]{0,31}`, never with `__`, which stands between a server and its tool."""
    at: Program | Address
    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Globs of tools that the operator vouches only read; a server's own word for that is not taken."""
    seconds: float = 60.0
    """Time of one call, as long as no progress is reported."""
    approval: Approval = Approval.WRITES
    guilds: frozenset[GuildId] = frozenset()
    """Where it may be used; everywhere when empty."""
    roles: frozenset[RoleId] = frozenset()
    """Who may use it; everybody when empty. Nobody has roles in a direct message."""
    protocol: Protocol = Protocol.AUTO
