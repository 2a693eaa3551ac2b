"""Getting files from Discord's file servers, and from nowhere else: bounded in bytes and in time."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

DISCORD_CDN = (
    *("https://cdn.discordapp.com", "https://media.discordapp.net"),
    # Discord's proxy for pictures in embeds: the servers that they are from are never asked by us.
    *("https://images-ext-1.discordapp.net", "https://images-ext-2.discordapp.net"),
)
PLAIN = {"Accept-Encoding": "identity"}  # nothing that unpacks into more than was counted


class DownloadError(Exception):
    """Why a file could not be had, as a sentence without its end."""


class Downloads:
    """From the addresses in `origins` (scheme, host, port and the beginning of the path)."""

    def __init__(self, http: aiohttp.ClientSession, *, origins: Sequence[str] = DISCORD_CDN) -> None:
        self._http = http
        self._origins = [urlsplit(origin.rstrip("/")) for origin in origins]

    def allowed(self, url: str) -> bool:
        try:
            at = urlsplit(url)
            return any(
                (at.scheme, at.hostname, at.port) == (origin.scheme, origin.hostname, origin.port)
                and not at.username
                and ".." not in at.path
                and (at.path == origin.path or at.path.startswith(f"{origin.path}/"))
                for origin in self._origins
            )
        except ValueError:
            return False

    async def get(self, url: str, *, most: int, seconds: float) -> bytes:
        """The first `most` bytes; the rest stays on the server. Raises DownloadError."""
        if not self.allowed(url):
            raise DownloadError("it is not on Discord's file server")
        try:
            async with asyncio.timeout(seconds):
                return await self._first(url, most)
        except TimeoutError:
            raise DownloadError(f"it took longer than {seconds:g} seconds to download") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = str(error)[:100] if isinstance(error, ValueError) else type(error).__name__
            raise DownloadError(f"it could not be downloaded ({why})") from error

    async def _first(self, url: str, most: int) -> bytes:
        content = bytearray()
        async with self._http.get(url, allow_redirects=False, headers=PLAIN) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            async for chunk in answer.content.iter_chunked(64 * 1024):
                content += chunk[: most - len(content)]
                if len(content) >= most:
                    answer.close()
                    break
        return bytes(content)
