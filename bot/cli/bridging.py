"""`digmbot mcp`: the running bot's tools for a desktop client that starts its MCP servers itself."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncGenerator
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.cli.failures import Misuse, complain

TOKEN_VARIABLE = "DIGMBOT_MCP_TOKEN"  # noqa: S105 - its name, not the token
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Toolset(StrEnum):
    """A part of the tools."""

    MEMORY = "memory"
    DISCORD = "discord"
    REMINDERS = "reminders"


def mcp(
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the bot serves MCP; else as on this machine by default.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"A file with your token; else it is in {TOKEN_VARIABLE}.")
    ] = None,
    toolset: Annotated[Toolset | None, typer.Option(help="Only these tools.")] = None,
) -> None:
    """Connect a desktop client to the running bot, over standard input and output."""
    token = _token(token_file)
    address = _address(url, toolset)
    asyncio.run(_carry(address, token))


async def _carry(url: str, token: str) -> None:
    import httpx2

    from mcp_servers.offered.bridge import Bridge

    timeout = httpx2.Timeout(30, read=None)  # a tool takes its time; the bot itself limits it
    local = urlsplit(url).hostname in LOOPBACK
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=not local) as http:
        await Bridge(http, url, write=_write).run(_lines())


def _write(line: str) -> None:
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


async def _lines() -> AsyncGenerator[str]:
    """Standard input by a thread of its own: pipes, files and terminals alike, on every system."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        if line.strip():
            yield line.decode("utf-8", "replace")


def _token(file: Path | None) -> str:
    if file is None:
        token, where = os.environ.get(TOKEN_VARIABLE, ""), f"{TOKEN_VARIABLE} is not set"
    else:
        try:
            token, where = file.read_text(encoding="utf-8"), f"{file} is empty"
        except (OSError, UnicodeError) as error:
            raise Misuse(f"--token-file: {file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    token = token.strip()
    if not token:
        raise Misuse(f"{where}; make a token with /mcp token new on Discord, and put it there")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise Misuse("that is no token; /mcp token new on Discord makes one")
    return token


def _address(url: str | None, toolset: Toolset | None) -> str:
    from mcp_servers.offered.wishes import ServeWish

    base = (url or f"{ServeWish().base_url()}/mcp").rstrip("/")
    wrong = f"--url: {url!r} is no address; write it like http://127.0.0.1:8848/mcp"
    try:
        parts = urlsplit(base)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise Misuse(wrong) from None
    if not is_sound:
        raise Misuse(wrong)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        complain("warning: the token goes over the network unencrypted; use https")
    return f"{base}/{toolset.value}" if toolset else base
