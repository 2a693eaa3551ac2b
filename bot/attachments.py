"""The files that come with a mention, loaded for the prompt: pictures, texts, and for the rest why not."""

import asyncio
import base64
import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from agent.prompt_input import LoadedFile, LoadedImage, LoadedText, Skipped
from bot.render import readable_size
from chat.messages import Attachment

DISCORD_CDN = ("https://cdn.discordapp.com", "https://media.discordapp.net")
TEXT_TYPES = {
    *("application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml"),
    *("application/javascript", "application/x-python", "application/x-sh", "application/sql"),
}
TEXT_ENDINGS = {
    *("txt", "md", "rst", "log", "csv", "tsv", "json", "jsonl", "yaml", "yml", "toml", "ini", "cfg", "conf", "env"),
    *("xml", "html", "css", "py", "pyi", "js", "ts", "jsx", "tsx", "rs", "go", "c", "h", "cpp", "hpp", "cs", "java"),
    *("kt", "rb", "php", "sh", "ps1", "bat", "sql", "lua", "swift", "scala", "diff", "patch", "tex", "srt", "gradle"),
}
PLAIN = {"Accept-Encoding": "identity"}  # nothing that unpacks into more than was counted
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """What fits into a prompt. Bytes are counted while they arrive: what a server declares is not believed."""

    images: int = 4
    image_bytes: int = 5_000_000
    texts: int = 4
    text_bytes: int = 32_000
    seconds: float = 15.0


class AttachmentLoader:
    """Downloads from the addresses in `origins` (scheme, host, port and the beginning of the path) and nowhere else."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        vision: bool,
        origins: Sequence[str] = DISCORD_CDN,
        limits: AttachmentLimits | None = None,
    ) -> None:
        self._http = http
        self._vision = vision
        self._origins = [urlsplit(origin.rstrip("/")) for origin in origins]
        self._limits = limits or AttachmentLimits()

    async def load(self, attachments: Sequence[Attachment]) -> Sequence[LoadedFile]:
        """One value per attachment, in their order. Never raises for what a file or a server does."""
        images = [attachment for attachment in attachments if _is_image(attachment)][: self._limits.images]
        texts = [attachment for attachment in attachments if _is_text(attachment)][: self._limits.texts]
        return await asyncio.gather(
            *(self._load(attachment, attachment in images or attachment in texts) for attachment in attachments)
        )

    async def _load(self, attachment: Attachment, is_wanted: bool) -> LoadedFile:
        skipped = self._unloadable(attachment, is_wanted)
        if skipped:
            return Skipped(attachment.filename, skipped)
        is_image = _is_image(attachment)
        most = self._limits.image_bytes if is_image else self._limits.text_bytes
        try:
            async with asyncio.timeout(self._limits.seconds):
                content = await self._download(attachment.url, most + 1)
        except TimeoutError:
            return Skipped(attachment.filename, f"it took longer than {self._limits.seconds:g} seconds to download")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Skipped(attachment.filename, f"it could not be downloaded ({_short(error)})")
        return self._image(attachment, content) if is_image else self._text(attachment, content)

    def _unloadable(self, attachment: Attachment, is_wanted: bool) -> str | None:
        size, limits = readable_size(attachment.size), self._limits
        if not _is_image(attachment) and not _is_text(attachment):
            return f"{attachment.content_type}, {size}: neither a picture nor text"
        if _is_image(attachment) and not self._vision:
            return "the model cannot look at pictures"
        if not is_wanted:
            return f"more than {limits.images} pictures or {limits.texts} text files at once"
        if _is_image(attachment) and attachment.size > limits.image_bytes:
            return f"{size}, and pictures may have {readable_size(limits.image_bytes)}"
        return None if self._is_allowed(attachment.url) else "it is not on Discord's file server"

    def _is_allowed(self, url: str) -> bool:
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

    async def _download(self, url: str, most: int) -> bytes:
        """At most `most` bytes; the rest stays on the server."""
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

    def _image(self, attachment: Attachment, content: bytes) -> LoadedFile:
        kind = _picture_kind(content)
        if len(content) > self._limits.image_bytes:
            return Skipped(attachment.filename, f"pictures may have {readable_size(self._limits.image_bytes)}")
        if kind is None:
            return Skipped(attachment.filename, "it is no PNG, JPEG, WebP or GIF picture")
        encoded = base64.b64encode(content).decode("ascii")
        return LoadedImage(attachment.filename, f"data:image/{kind};base64,{encoded}")

    def _text(self, attachment: Attachment, content: bytes) -> LoadedFile:
        most = self._limits.text_bytes
        text = decoded(content[:most])
        if text is None:
            return Skipped(attachment.filename, "it is not text")
        if len(content) > most:
            text += f"\n[… cut after {readable_size(most)} of {readable_size(max(attachment.size, len(content)))}]"
        return LoadedText(attachment.filename, text)


def decoded(content: bytes) -> str | None:
    """The text in `content`, whose last character may be cut off; None for what is no text."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return content.decode(encoding, "ignore")
    if b"\x00" in content:
        return _wide(content)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _wide(content: bytes) -> str | None:
    """UTF-16 without its mark, as some Windows programs write it: every second byte of plain text is zero."""
    for encoding, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[0::2])):
        if zeros.count(0) > 0.7 * len(zeros) and content.count(0) <= 0.55 * len(content):
            return content.decode(encoding, "ignore")
    return None


def _is_image(attachment: Attachment) -> bool:
    return attachment.content_type.startswith("image/") and "svg" not in attachment.content_type


def _is_text(attachment: Attachment) -> bool:
    kind = attachment.content_type
    known = kind.startswith("text/") or kind in TEXT_TYPES or kind.endswith(("+json", "+xml"))
    ending = attachment.filename.rpartition(".")[2].lower()
    return known or (ending in TEXT_ENDINGS and not kind.startswith(("image/", "audio/", "video/")))


def _picture_kind(content: bytes) -> str | None:
    """By what the file is, not by what it is called: models refuse a wrong label."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if content.startswith(b"RIFF") and content[8:12] == b"WEBP" else None


def _short(error: Exception) -> str:
    return str(error)[:100] if isinstance(error, ValueError) else type(error).__name__
