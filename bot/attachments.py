"""The files that come with a message, loaded for the prompt: pictures, voices, texts, and for the rest why not."""

import asyncio
import base64
import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from agent.prompt_input import LoadedFile, LoadedImage, LoadedText, LoadedVoice, Skipped
from agent.speech import Speech, SpeechError
from bot.downloads import DISCORD_CDN, DownloadError, Downloads
from bot.pictures import PictureError, Scaler
from bot.render import readable_size
from chat.messages import Attachment, Message

TEXT_TYPES = {
    *("application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml"),
    *("application/javascript", "application/x-python", "application/x-sh", "application/sql"),
}
TEXT_ENDINGS = {
    *("txt", "md", "rst", "log", "csv", "tsv", "json", "jsonl", "yaml", "yml", "toml", "ini", "cfg", "conf", "env"),
    *("xml", "html", "css", "py", "pyi", "js", "ts", "jsx", "tsx", "rs", "go", "c", "h", "cpp", "hpp", "cs", "java"),
    *("kt", "rb", "php", "sh", "ps1", "bat", "sql", "lua", "swift", "scala", "diff", "patch", "tex", "srt", "gradle"),
}
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


VOICE_BYTES = 25_000_000  # what OpenAI takes


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """What fits into a prompt. Bytes are counted while they arrive: what a server declares is not believed."""

    images: int = 4
    image_bytes: int = 5_000_000
    texts: int = 4
    text_bytes: int = 32_000
    voices: int = 2
    voice_seconds: float = 300.0
    seconds: float = 15.0
    """Of one download."""


class AttachmentLoader:
    """Nothing of what a file or a server does makes it raise: that becomes a sentence."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        vision: bool,
        origins: Sequence[str] = DISCORD_CDN,
        speech: Speech | None = None,
        limits: AttachmentLimits | None = None,
    ) -> None:
        self._downloads = Downloads(http, origins=origins)
        self._vision = vision
        self._speech = speech
        self._limits = limits or AttachmentLimits()
        self._scaler = Scaler()

    async def load(self, files: Sequence[Attachment], replied_to: Message | None = None) -> Sequence[LoadedFile]:
        """One value for each file of the request, then for each of the message it replies to, in their order."""
        sent: list[tuple[Attachment, Message | None]] = [(file, None) for file in files]
        sent += [(file, replied_to) for file in files_of(replied_to)] if replied_to else []
        every = [file for file, _ in sent]
        wanted = [
            *[file for file in every if is_image(file)][: self._limits.images],
            *[file for file in every if file.voice_seconds is not None][: self._limits.voices],
            *[file for file in every if _is_text(file)][: self._limits.texts],
        ]
        return await asyncio.gather(*(self._load(file, of, is_wanted=file in wanted) for file, of in sent))

    async def seen(self, lines: Sequence[Message], *, beside: Sequence[Attachment]) -> Sequence[LoadedFile]:
        """The pictures of these lines (oldest first), newest first: so many as there may be beside those files."""
        spare = self._limits.images - sum(map(is_image, beside))
        if not self._vision or spare <= 0:
            return []
        pictures = [(file, line) for line in reversed(lines) for file in files_of(line) if is_image(file)]
        return await asyncio.gather(*(self._load(file, line, is_wanted=True) for file, line in pictures[:spare]))

    async def _load(self, file: Attachment, of: Message | None, *, is_wanted: bool) -> LoadedFile:
        try:
            if why := self._unloadable(file, is_wanted):
                return Skipped(file.filename, why, of)
            if file.voice_seconds is not None:
                return await self._voice(file, file.voice_seconds, of)
            return await (self._image(file, of) if is_image(file) else self._text(file, of))
        except (DownloadError, PictureError) as error:
            return Skipped(file.filename, str(error), of)

    def _unloadable(self, file: Attachment, is_wanted: bool) -> str | None:
        size, limits = readable_size(file.size), self._limits
        if file.voice_seconds is not None:
            return None if is_wanted else f"more than {limits.voices} voice messages at once"
        if not is_image(file) and not _is_text(file):
            return f"{file.content_type}, {size}: neither a picture nor text"
        if is_image(file) and not self._vision:
            return "the model cannot look at pictures"
        if not is_wanted:
            return f"more than {limits.images} pictures or {limits.texts} text files at once"
        if is_image(file) and file.size > limits.image_bytes:
            return f"{size}, and pictures may have {readable_size(limits.image_bytes)}"
        return None

    async def _image(self, file: Attachment, of: Message | None) -> LoadedFile:
        most = self._limits.image_bytes
        content = await self._get(file, most)
        if len(content) > most:
            return Skipped(file.filename, f"pictures may have {readable_size(most)}", of)
        picture = await self._scaler.scaled(content)
        encoded = base64.b64encode(picture.data).decode("ascii")
        return LoadedImage(file.filename, f"data:{picture.media_type};base64,{encoded}", of)

    async def _voice(self, file: Attachment, seconds: float, of: Message | None) -> LoadedFile:
        """What could not be heard is told with its length: the model should know that something was said."""
        try:
            text = await self._heard(file, seconds)
        except (DownloadError, SpeechError) as error:
            why = f"a voice message of {seconds:.0f} s that could not be heard: {error}"
            return Skipped(file.filename, why, of)
        return LoadedVoice(file.filename, text, seconds, of, is_forwarded=file.is_forwarded)

    async def _heard(self, file: Attachment, seconds: float) -> str:
        """Raises DownloadError and SpeechError."""
        if self._speech is None:
            raise SpeechError("no speech endpoint is configured")
        if seconds > self._limits.voice_seconds:
            raise SpeechError(f"{self._limits.voice_seconds:g} s are the most")
        audio = await self._get(file, VOICE_BYTES)
        if len(audio) > VOICE_BYTES:
            raise SpeechError(f"{readable_size(VOICE_BYTES)} are the most")
        return await self._speech.transcribe(audio, filename=file.filename, media_type=file.content_type)

    async def _text(self, file: Attachment, of: Message | None) -> LoadedFile:
        most = self._limits.text_bytes
        content = await self._get(file, most)
        text = decoded(content[:most])
        if text is None:
            return Skipped(file.filename, "it is not text", of)
        if len(content) > most:
            text += f"\n[… cut after {readable_size(most)} of {readable_size(max(file.size, len(content)))}]"
        return LoadedText(file.filename, text, of)

    async def _get(self, file: Attachment, most: int) -> bytes:
        """One byte more than `most` where there are more. Raises DownloadError."""
        return await self._downloads.get(file.url, most=most + 1, seconds=self._limits.seconds)


def files_of(message: Message) -> Sequence[Attachment]:
    """What comes with it: its files, and what is to be seen in it."""
    return [*message.attachments, *message.pictures]


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


def is_image(attachment: Attachment) -> bool:
    return attachment.content_type.startswith("image/") and "svg" not in attachment.content_type


def _is_text(attachment: Attachment) -> bool:
    kind = attachment.content_type
    known = kind.startswith("text/") or kind in TEXT_TYPES or kind.endswith(("+json", "+xml"))
    ending = attachment.filename.rpartition(".")[2].lower()
    return known or (ending in TEXT_ENDINGS and not kind.startswith(("image/", "audio/", "video/")))
