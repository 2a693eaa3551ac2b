"""The whole bot with its MCP endpoint: a token is made on Discord, and a client acts under its person's rights."""

import re
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from bot.starting import StartError
from mcp_servers.offered.subjects import Subject
from mcp_servers.offered.wishes import ServeWish
from tests.life.hand import Hand
from tests.life.house import House, eventually


def some_port() -> ServeWish:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return ServeWish(port=free.getsockname()[1], burst=500, calls_per_minute=6000, stop_seconds=1)


@asynccontextmanager
async def client(wish: ServeWish, secret: str, path: str = "") -> AsyncGenerator[Client]:
    url = f"{wish.base_url()}/mcp{path}"
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}"}, timeout=20) as http,
        Client(streamable_http_client(url, http_client=http), read_timeout_seconds=20) as connected,
    ):
        yield connected


async def minted(home: House, who: str, **given: object) -> str:
    hand = Hand(home, who)
    await hand.command("mcp", "token", "new", **given)
    shown = await hand.whispered(lambda text: "it is shown this once" in text)
    return re.findall(r"digm_[\w-]{43}", shown.content)[0]


def text_of(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


async def test_a_token_from_discord_opens_the_persons_own_discord(home: House) -> None:
    wish = some_port()
    async with home.bot(mcp=serving(wish)):
        secret = await minted(home, "mia", name="my laptop", scope="write", days=7)
        await home.write("bob", "crew-only", "the keys are under the mat")
        async with client(wish, secret) as mine:
            channels = text_of(await mine.call_tool("list_channels", {}))
            hidden = await mine.call_tool("read_channel", {"channel": str(home.channel("crew-only"))})
            posted = await mine.call_tool("post_message", {"channel": "general", "text": "hello @everyone from my IDE"})
            people = text_of(await mine.call_tool("list_members", {}))
            await mine.call_tool("schedule_reminder", {"text": "stretch", "delay_seconds": 1})
            everything = {each.name for each in (await mine.list_tools()).tools}
        parts: set[str] = set()
        for subject in Subject:
            async with client(wish, secret, f"/{subject.value}") as part:
                parts |= {each.name for each in (await part.list_tools()).tools}
        async with client(wish, await minted(home, "bob")) as bobs:
            seen = text_of(await bobs.call_tool("read_channel", {"channel": "crew-only"}))

        assert "general" in channels
        assert "crew-only" not in channels
        assert hidden.is_error
        assert "crew-only" not in text_of(hidden)
        assert not posted.is_error
        (sent,) = home.sends(home.channel("general"))
        assert sent["allowed_mentions"] == {"parse": [], "users": []}
        assert "Bob" in people
        assert everything == parts
        assert "under the mat" in seen
        room = await home.direct("mia")
        await home.spoken(room, lambda content: "stretch" in content)


async def test_tokens_are_listed_revoked_and_forgotten(home: House) -> None:
    wish = some_port()
    async with home.bot(mcp=serving(wish)):
        mia, bob = Hand(home, "mia"), Hand(home, "bob")
        first = await minted(home, "mia", name="*laptop*")
        await mia.command("mcp", "token", "list")
        listed = await mia.whispered(lambda text: "read only, until" in text and text.startswith("- "))
        token_id = re.findall(r"`([0-9a-f]{8})`", listed.content)[0]
        assert first not in listed.content
        assert "\\*laptop\\*" in listed.content

        await bob.command("mcp", "token", "revoke", which=token_id)
        await bob.whispered(lambda text: "You have no such token" in text)
        async with client(wish, first) as mine:
            assert not (await mine.call_tool("list_facts", {})).is_error
            await mia.command("mcp", "token", "revoke", which=token_id)
            await mia.whispered(lambda text: text.startswith("Revoked: "))
            with pytest.raises(MCPError):
                await mine.call_tool("list_facts", {})

        second = await minted(home, "bob")
        await bob.command("privacy")
        told = await bob.whispered(lambda text: "What I keep about you" in text)
        assert "1 tokens for MCP clients" in told.content
        await bob.press(told, "Forget me")
        await bob.press(await bob.whispered(lambda text: "cannot be undone" in text), "Yes, forget me")
        await bob.whispered(lambda text: text.startswith("Erased:"))
        assert not await opens(wish, second)


def serving(wish: ServeWish) -> dict[str, object]:
    """The section of the settings that says so."""
    return {"serve": {"enabled": True, "port": wish.port}}


async def opens(wish: ServeWish, secret: str) -> bool:
    try:
        async with client(wish, secret) as mine:
            return not (await mine.call_tool("list_facts", {})).is_error
    except (ExceptionGroup, MCPError):
        return False


async def test_a_token_outlives_the_bot_and_ends_with_the_last_shared_server(home: House) -> None:
    wish = some_port()
    async with home.bot(mcp=serving(wish)):
        secret = await minted(home, "mia")
        assert await opens(wish, secret)
    assert not await opens(wish, secret)
    async with home.bot(mcp=serving(wish)):
        assert await opens(wish, secret)
        home.box.leave("Workshop", "mia")

        async def closed() -> bool:
            return not await opens(wish, secret)

        await eventually(closed)


async def test_without_the_endpoint_there_are_no_tokens(home: House) -> None:
    async with home.bot():
        mia = Hand(home, "mia")
        await mia.command("mcp", "token", "new")
        await mia.whispered(lambda text: "The MCP endpoint is switched off" in text)


async def test_a_taken_port_keeps_the_bot_from_starting_with_a_sentence(home: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wish = ServeWish(port=taken.getsockname()[1])
        with pytest.raises(StartError, match=r"mcp\.serve: 127\.0\.0\.1 port \d+: "):
            async with home.bot(mcp=serving(wish)):
                pass
