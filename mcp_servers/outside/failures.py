"""What went wrong with a server, as one sentence without any secret."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from pydantic import ValidationError

from mcp_servers.outside.http_guard import RefusedAddressError, RefusedResponseError
from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.transports import CannotStartError, Door
from mcp_servers.outside.wishes import Address, Program, ServerWish

LONGEST = 300
SLOW = "it did not answer in time"
SHORTEST_SECRET = 6
"""What is shorter is more likely a word such as `true`, and no secret worth the name."""
_URL = re.compile(r"\bhttps?://[^\s'\"<>]+")
_PATH = re.compile(r"(?<![\w/:.])(?:/[\w.@+~-]+){2,}/?")


class Unavailable(Exception):  # noqa: N818 - a state, told to the model in a sentence
    """The server cannot be used now: one sentence."""


def leaves(error: BaseException) -> Iterator[BaseException]:
    """What stands inside of groups, depth first."""
    match error:
        case BaseExceptionGroup(exceptions=inner):
            for each in inner:
                yield from leaves(each)
        case _:
            yield error


def sign_in_needed(error: BaseException) -> SignInNeededError | None:
    return next((each for each in leaves(error) if isinstance(each, SignInNeededError)), None)


def why(error: BaseException, wish: ServerWish, door: Door) -> str:
    """A phrase that completes "NAME is down: …"."""
    match sign_in_needed(error) or next(leaves(error)):
        case MCPError() as first:
            said = _of_mcp(first, wish, door)
        case (SignInNeededError() | CannotStartError() | RefusedAddressError() | RefusedResponseError()) as first:
            said = str(first)
        case first:
            said = _of_transport(first)
    if lines := list(door.lines):
        said = f"{said}; it last wrote: {lines[-1]}"
    return cleaned(said, wish)


def _of_transport(error: BaseException) -> str:
    match error:
        case TimeoutError() | httpx2.ReadTimeout() | httpx2.WriteTimeout() | httpx2.PoolTimeout():
            return SLOW
        case httpx2.ConnectError() | httpx2.ConnectTimeout():
            return "it cannot be reached"
        case httpx2.HTTPError():
            return f"the connection to it failed ({type(error).__name__})"
        case ValidationError():
            return "what it answers is not MCP"
        case OSError():
            return f"it cannot be started: {error.strerror or type(error).__name__}"
        case _:
            return f"it failed in an unexpected way ({type(error).__name__})"


def _of_mcp(error: MCPError, wish: ServerWish, door: Door) -> str:
    if door.status is not None:
        hint = " (its credentials are refused)" if door.status in {401, 403} else ""
        return f"it answered with HTTP status {door.status}{hint}"
    if error.code == REQUEST_TIMEOUT:
        return SLOW
    if error.code == CONNECTION_CLOSED:
        return "its program ended" if isinstance(wish.at, Program) else "it closed the connection"
    return f"it answered with an error: {error.message}"


def cleaned(text: str, wish: ServerWish) -> str:
    """One line, bounded, without what the operator wrote as a secret, without paths and the private parts of URLs."""
    for secret in sorted(_secrets(wish), key=len, reverse=True):
        text = text.replace(secret, "…")
    text = _URL.sub(lambda found: _plain_url(found[0]), text)
    text = _PATH.sub("…", text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.hostname or ''}{port}/…"


def _secrets(wish: ServerWish) -> set[str]:
    match wish.at:
        case Program(env=env):
            values = set(env.values())
        case Address(url=url, headers=headers, client_secret=secret):
            values = {*headers.values(), *(word for each in headers.values() for word in each.split())}
            values |= {part for part in (urlsplit(url).query, urlsplit(url).password, secret) if part}
    return {value for value in values if len(value) >= SHORTEST_SECRET}
