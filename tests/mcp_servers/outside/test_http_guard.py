"""An outside server cannot lead the bot to where the operator did not mean it to go."""

import gzip
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chat.ids import UserId
from mcp_servers.outside.http_guard import (
    MAX_DOCUMENT,
    GuardedClients,
    RefusedAddressError,
    RefusedResponseError,
    Resolve,
    guarded_client,
    look_up,
)
from mcp_servers.outside.wishes import Address, Program, ServerWish
from tests.mcp_servers.outside.served import new_tls, served

PUBLIC = "192.88.99.1"  # counts as public, and nobody answers: https://www.rfc-editor.org/rfc/rfc7526


class Site:
    """A web server that keeps what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[Request] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/mcp", self._hello),
                Route("/away", self._away),
                Route("/large", self._large),
                Route("/packed", self._packed),
                Route("/stream", self._stream),
            ]
        )

    async def _hello(self, request: Request) -> Response:
        self.heard.append(request)
        return PlainTextResponse("hello")

    async def _away(self, request: Request) -> Response:
        self.heard.append(request)
        return RedirectResponse(request.query_params["to"], 307)

    async def _large(self, request: Request) -> Response:
        body = b"x" * (MAX_DOCUMENT + 1)
        if "unsaid" not in request.query_params:
            return Response(body)

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(body), 65536):
                yield body[at : at + 65536]

        return StreamingResponse(pieces())

    async def _packed(self, _: Request) -> Response:
        return Response(gzip.compress(b"x" * MAX_DOCUMENT * 8), headers={"Content-Encoding": "gzip"})

    async def _stream(self, _: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b": " + b"x" * 65536 + b"\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with served(site.app()) as port:
        site.port = port
        yield site


def wish(url: str, *, allow_private: bool = False, **headers: str) -> ServerWish:
    return ServerWish("notes", Address(url, headers, allow_private=allow_private))


def answers(*turns: Sequence[str]) -> Resolve:
    """A name server that says one thing after the other, and then stays with the last."""
    left = list(turns)

    async def resolve(_: str, __: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


async def refusal(url: str, *, resolve: Resolve = look_up, to: str | None = None) -> str:
    async with guarded_client(wish(url), resolve=resolve) as client:
        with pytest.raises(RefusedAddressError) as refused:
            await client.get(to or url)
    return str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "0.0.0.0"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    ],
)
async def test_this_machine_is_not_reached_however_its_address_is_written(site: Site, host: str) -> None:
    told = await refusal(f"http://{host}:{site.port}/mcp")

    assert "is in a private network or on this machine" in told
    assert "`allow_private = true` under [mcp.servers.notes]" in told
    assert site.heard == []


async def test_a_public_name_for_this_machine_is_refused(site: Site) -> None:
    told = await refusal(f"http://tools.example:{site.port}/mcp", resolve=answers(["127.0.0.1", "::1"]))

    assert told.startswith("tools.example, where notes leads, ")
    assert site.heard == []


async def test_a_private_network_is_reached_once_the_operator_says_so(site: Site) -> None:
    async with guarded_client(wish(f"http://localhost:{site.port}/mcp", allow_private=True)) as client:
        answer = await client.get(f"http://localhost:{site.port}/mcp")

    assert answer.text == "hello"
    assert site.heard[0].headers["host"] == f"localhost:{site.port}"


async def test_where_clouds_keep_their_secrets_nobody_may_lead(site: Site) -> None:
    at = f"http://127.0.0.1:{site.port}/mcp"
    async with guarded_client(wish(at, allow_private=True)) as client:
        with pytest.raises(RefusedAddressError, match="an address at which no server may be"):
            await client.get("http://169.254.169.254/latest/meta-data/")


async def test_a_name_server_that_changes_its_mind_leads_nowhere(site: Site) -> None:
    """What is judged is what is connected to: the second answer is judged again, or never asked for."""
    resolve = answers([PUBLIC, "127.0.0.1"], ["127.0.0.1"])
    url = f"http://tools.example:{site.port}/mcp"
    async with guarded_client(wish(url), resolve=resolve) as client:
        with pytest.raises(httpx2.TransportError):
            await client.get(url, timeout=0.3)
        with pytest.raises(RefusedAddressError):
            await client.get(url)

    assert site.heard == []


async def test_a_redirect_is_judged_like_the_first_step(site: Site) -> None:
    url = f"http://127.0.0.1:{site.port}/away?to=http://169.254.169.254/latest/meta-data/"
    async with guarded_client(wish(url, allow_private=True)) as client:
        with pytest.raises(RefusedAddressError, match="an address at which no server may be"):
            await client.get(url, follow_redirects=True)
    assert len(site.heard) == 1


async def test_what_a_server_names_later_is_judged_too(site: Site) -> None:
    told = await refusal("https://tools.example/mcp", to=f"http://127.0.0.1:{site.port}/mcp")
    assert "read along" in told
    told = await refusal("http://tools.example/mcp", to=f"http://127.0.0.1:{site.port}/mcp")
    assert "private network" in told
    assert site.heard == []


async def test_headers_with_secrets_stay_at_home(site: Site) -> None:
    other = Site()
    async with served(other.app()) as port:
        url = f"http://127.0.0.1:{site.port}/away?to=http://127.0.0.1:{port}/mcp"
        configured = wish(url, allow_private=True, **{"X-Api-Key": "s3cret"})
        async with guarded_client(configured) as client:
            answer = await client.get(url, follow_redirects=True)

    assert answer.text == "hello"
    assert site.heard[0].headers["x-api-key"] == "s3cret"
    assert "s3cret" not in str(other.heard[0].headers)


async def test_https_never_leads_to_http(site: Site, tmp_path: Path) -> None:
    tls = new_tls(tmp_path, "tools.example")
    safe = Site()
    async with served(safe.app(), tls=tls) as port:
        url = f"https://tools.example:{port}/away?to=http://127.0.0.1:{site.port}/mcp"
        async with guarded_client(
            wish(url, allow_private=True), resolve=answers(["127.0.0.1"]), tls=tls.trusting
        ) as client:
            assert (await client.get(f"https://tools.example:{port}/mcp")).text == "hello"
            with pytest.raises(RefusedAddressError, match="anybody could read along"):
                await client.get(url, follow_redirects=True)

    assert site.heard == []


async def test_the_certificate_must_be_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    tls = new_tls(tmp_path, "127.0.0.1")
    async with served(Site().app(), tls=tls) as port:
        url = f"https://tools.example:{port}/mcp"
        async with guarded_client(
            wish(url, allow_private=True), resolve=answers(["127.0.0.1"]), tls=tls.trusting
        ) as client:
            with pytest.raises(httpx2.ConnectError, match=r"tools\.example"):
                await client.get(url)


async def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    site = Site()
    async with served(site.app()) as port:
        url = f"http://tools.example:{port}/mcp"
        resolve = answers(["::1", "127.0.0.1"])  # the site is not at the first
        async with guarded_client(wish(url, allow_private=True), resolve=resolve) as client:
            assert (await client.get(url)).text == "hello"


@pytest.mark.parametrize("url", ["ftp://tools.example/x", "file:///etc/passwd", "unix:///run/docker.sock"])
async def test_only_http_is_spoken(site: Site, url: str) -> None:
    async with guarded_client(wish(f"http://127.0.0.1:{site.port}/mcp", allow_private=True)) as client:
        with pytest.raises(httpx2.UnsupportedProtocol):
            await client.get(url)


@pytest.mark.parametrize("path", ["/large", "/large?unsaid=1", "/packed"])
async def test_a_document_that_is_too_large_is_not_read(site: Site, path: str) -> None:
    at = f"http://127.0.0.1:{site.port}"
    async with guarded_client(wish(f"{at}/mcp", allow_private=True)) as client:
        with pytest.raises(RefusedResponseError, match="notes sent"):
            await client.get(at + path)


async def test_a_stream_of_events_may_go_on(site: Site) -> None:
    at = f"http://127.0.0.1:{site.port}"
    async with guarded_client(wish(f"{at}/stream", allow_private=True)) as client:
        assert len((await client.get(f"{at}/stream")).content) > MAX_DOCUMENT


async def test_a_proxy_of_the_environment_is_not_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    url = f"http://127.0.0.1:{site.port}/mcp"
    async with guarded_client(wish(url, allow_private=True)) as client:
        assert (await client.get(url)).text == "hello"


async def test_an_unknown_name_is_said_without_a_traceback() -> None:
    async def nobody(_: str, __: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with guarded_client(wish("https://tools.example/mcp"), resolve=nobody) as client:
        with pytest.raises(httpx2.ConnectError, match=r"notes: tools\.example has no address"):
            await client.get("https://tools.example/mcp")


@pytest.mark.parametrize("url", ["http://0177.0.0.1/mcp", "http://[::1/mcp", "ftp://tools.example/", "mcp"])
def test_an_address_that_is_none_is_said_without_a_traceback(url: str) -> None:
    with pytest.raises(RefusedAddressError, match=r"mcp\.servers\.notes.* is no http or https address"):
        guarded_client(wish(url))


class Nobody:
    """Nobody has to sign in."""

    def auth(self, wish: ServerWish, person: UserId | None) -> None: ...


def test_a_program_is_not_spoken_to_over_http() -> None:
    with pytest.raises(ValueError, match="is a program"):
        GuardedClients(credentials=Nobody()).client(ServerWish("clock", Program("clock")), None)
