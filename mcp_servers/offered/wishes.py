"""What the operator wants of the MCP endpoint, as plain values: the settings make them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORT = 8848
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class ServeWish:
    """`[mcp.serve]`."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """0 takes a free one."""
    allowed_hosts: tuple[str, ...] = ()
    """Names under which the endpoint is reached besides this machine's own, as `mcp.example.org`."""
    public_url: str = ""
    """How clients reach it, when a proxy stands before it: `https://mcp.example.org`."""
    calls_per_minute: int = 60
    """Of one token."""
    burst: int = 20
    """How many of these may come at once."""
    max_body: int = 256 * 1024
    """In bytes, of one request."""
    stop_seconds: float = 3.0
    """How long running calls may take to end when the bot stops."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name that a request may be sent to, without port: anything else is somebody's trick with DNS."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        own = [f"[{self.host}]" if ":" in self.host else self.host]
        return tuple(dict.fromkeys([*LOOPBACK, *own, *self.allowed_hosts, *([public] if public else [])]))

    def base_url(self, port: int | None = None) -> str:
        """How clients reach it. `port`: the one that was taken, where any would do."""
        if self.public_url:
            return self.public_url.rstrip("/")
        is_anywhere = self.host in {"0.0.0.0", "::", ""}  # noqa: S104 - to see it, not to use it
        host = (self.allowed_hosts[0] if self.allowed_hosts else "127.0.0.1") if is_anywhere else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{port or self.port}"
