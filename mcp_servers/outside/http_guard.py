"""The HTTP client for outside servers: it goes only where the operator meant it to go.

An outside server names further addresses (redirects, where to sign in, where to fetch tokens), so the guard sits where
connections are opened and knows no exceptions: a name is looked up once, each address found is judged, and what is
connected to is that very address, so that a second, different answer of the name server changes nothing. TLS is still
checked against the name. Proxies of the environment are not used: they would look the name up themselves.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import cache
from ipaddress import ip_address

import httpcore2
import httpx2

from chat.ids import UserId
from mcp_servers.outside.addresses import Ip, Reach, reach_of
from mcp_servers.outside.signing import Credentials
from mcp_servers.outside.wishes import Address, Program, ServerWish

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host's name and a port to addresses, the best first. Raises OSError."""

TIMEOUT = httpx2.Timeout(30.0, read=300.0)  # a stream may be silent for long; calls have a limit of their own
MAX_DOCUMENT = 1024 * 1024
"""Bytes of anything that is not the server's own answer: metadata, tokens, errors."""
MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of one answer that is not streamed: pictures are among them."""


class RefusedAddressError(httpx2.ConnectError):
    """Not even tried: one sentence that says why, and what to do if it was meant."""


class RefusedResponseError(httpx2.RemoteProtocolError):
    """An answer that is too large, or packed so that its size cannot be known."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """As the system does it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class GuardedClients:
    """Makes the client of each connection."""

    def __init__(
        self, *, credentials: Credentials, resolve: Resolve = look_up, tls: ssl.SSLContext | None = None
    ) -> None:
        """`tls`: instead of the system's certificates."""
        self._credentials = credentials
        self._resolve = resolve
        self._tls = tls

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:
        """For one connection; whoever gets it closes it. Raises ValueError for a server that is a program."""
        return guarded_client(wish, auth=self._credentials.auth(wish, person), resolve=self._resolve, tls=self._tls)


class WithoutAccounts:
    """As guarded, and nobody is signed in."""

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:  # noqa: ARG002
        return guarded_client(wish)


def guarded_client(
    wish: ServerWish,
    *,
    auth: httpx2.Auth | None = None,
    resolve: Resolve = look_up,
    tls: ssl.SSLContext | None = None,
) -> httpx2.AsyncClient:
    """Raises RefusedAddressError for what is no address, and ValueError for a server that is a program."""
    match wish.at:
        case Address() as at:
            transport = _GuardedTransport(wish.name, at, resolve, tls or _system_tls())
        case Program():
            raise ValueError(f"{wish.name} is a program, and is not spoken to over HTTP")
    return httpx2.AsyncClient(auth=auth, transport=transport, timeout=TIMEOUT, trust_env=False)


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """Configured headers go to the configured origin, and nowhere else."""

    def __init__(self, name: str, at: Address, resolve: Resolve, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._name = name
        self._at = at
        self._url = _parsed(name, at.url)
        # httpx2 takes no network backend, its pool does: the pool it made has nothing open yet.
        backend = _GuardedBackend(name, resolve, allow_private=at.allow_private)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=tls, network_backend=backend)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._check(request.url)
        response = await super().handle_async_request(self._equipped(request))
        limit = self._limit(request, response)
        if limit is None:
            return response
        try:
            self._check_size(response, limit)
        except RefusedResponseError:
            await response.aclose()
            raise
        response.stream = _Bounded(response, self._name, limit)
        return response

    def _equipped(self, request: httpx2.Request) -> httpx2.Request:
        """A copy: a redirect is built from the headers of the request itself, and must not take ours along."""
        headers = request.headers.copy()
        if request.url.origin == self._url.origin:
            for name, value in self._at.headers.items():
                headers.setdefault(name, value)
        headers["Accept-Encoding"] = "identity"  # what is unpacked has no known size
        return httpx2.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
        )

    def _check(self, url: httpx2.URL) -> None:
        if url.scheme not in {"http", "https"}:
            raise httpx2.UnsupportedProtocol(f"{self._name} leads to a {url.scheme} address; only http and https go.")
        if self._url.scheme == "https" and url.scheme != "https":
            raise RefusedAddressError(
                f"{self._name} is reached over https, but leads to http://{url.host}, where anybody could read along; "
                "its operator has to mend that."
            )

    def _limit(self, request: httpx2.Request, response: httpx2.Response) -> int | None:
        kind = response.headers.get("content-type", "").lower()
        is_answer = request.url.origin == self._url.origin and response.is_success
        if is_answer and kind.startswith("text/event-stream"):
            return None  # never ends; each event is bounded where it is read
        return MAX_ANSWER if is_answer and request.url.path == self._url.path else MAX_DOCUMENT

    def _check_size(self, response: httpx2.Response, limit: int) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise RefusedResponseError(f"{self._name} sent a packed answer although it was asked not to.")
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise RefusedResponseError(_too_large(self._name, limit))


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, response: httpx2.Response, name: str, limit: int) -> None:
        inner = response.stream
        if not isinstance(inner, httpx2.AsyncByteStream):
            raise TypeError("an asynchronous transport answers with an asynchronous stream")
        self._inner = inner
        self._name = name
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inner:
            size += len(part)
            if size > self._limit:
                raise RefusedResponseError(_too_large(self._name, self._limit))
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to addresses that were judged."""

    def __init__(self, name: str, resolve: Resolve, *, allow_private: bool) -> None:
        self._name = name
        self._resolve = resolve
        self._allow_private = allow_private
        self._network = _network()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        begun = asyncio.get_running_loop().time()
        addresses = await self._judged(host, port, timeout)
        for number, address in enumerate(addresses):
            share = None
            if timeout is not None:  # one that does not answer leaves time for the others
                gone = asyncio.get_running_loop().time() - begun
                share = max(timeout - gone, 0.1) / (len(addresses) - number)
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore2.ConnectError(f"{self._name}: {host} has no address.")

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        raise RefusedAddressError(f"{self._name} leads to a socket on this machine, where no outside server is.")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _judged(self, host: str, port: int, seconds: float | None) -> list[Ip]:
        try:
            async with asyncio.timeout(seconds):
                found = [ip_address(each.partition("%")[0]) for each in await self._resolve(host, port)]
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"{self._name}: looking up {host} took too long.") from error
        except (OSError, UnicodeError, ValueError) as error:
            raise httpcore2.ConnectError(f"{self._name}: {host} has no address; check how it is written.") from error
        reaches = {address: reach_of(address) for address in found}
        allowed = {Reach.PUBLIC, Reach.PRIVATE} if self._allow_private else {Reach.PUBLIC}
        if found and not any(reach in allowed for reach in reaches.values()):
            raise RefusedAddressError(self._refusal(host, Reach.PRIVATE in reaches.values()))
        return [address for address, reach in reaches.items() if reach in allowed]

    def _refusal(self, host: str, is_private: bool) -> str:
        if is_private:
            return (
                f"{host}, where {self._name} leads, is in a private network or on this machine; "
                f"write `allow_private = true` under [mcp.servers.{self._name}] if that is meant."
            )
        return f"{host}, where {self._name} leads, is an address at which no server may be."


@cache
def _system_tls() -> ssl.SSLContext:
    """One for all: reading the system's certificates takes tens of milliseconds."""
    return httpx2.create_ssl_context()


def _parsed(name: str, url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = None
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise RefusedAddressError(f"The `url` under [mcp.servers.{name}] is no http or https address; mend it there.")
    return parsed


def _network() -> httpcore2.AsyncNetworkBackend:
    backend = httpcore2.AnyIOBackend()
    if not isinstance(backend, httpcore2.AsyncNetworkBackend):  # what stands there without anyio, says its source
        raise TypeError("httpcore2 has no anyio to open connections with")
    return backend


def _too_large(name: str, limit: int) -> str:
    return f"{name} sent more than {limit // (1024 * 1024)} MiB at once."
