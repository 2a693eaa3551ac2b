"""Files on messages: their bytes, their kinds, the size of a picture."""

import mimetypes
import struct
from dataclasses import dataclass
from pathlib import Path

from sandbox.models import Attachment
from sandbox.world_file import WorldAttachment

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file's bytes and kind."""

    content: bytes
    content_type: str


class Files:
    """What the CDN serves, by attachment id, in memory."""

    def __init__(self, stored: dict[int, StoredFile] | None = None) -> None:
        self.stored = {} if stored is None else stored

    def put(self, attachment: Attachment, content: bytes) -> None:
        self.stored[attachment.id] = StoredFile(content, attachment.content_type)

    def get(self, number: int) -> StoredFile | None:
        return self.stored.get(number)

    def drop(self, number: int) -> None:
        self.stored.pop(number, None)


def content_type_of(filename: str, given: str | None = None) -> str:
    if given and given != "application/octet-stream":
        return given
    guessed = mimetypes.guess_type(filename)[0] or given or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF; other files have none here."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    return None


def make_attachment(
    number: int, filename: str, content: bytes, given_type: str | None = None, description: str | None = None
) -> Attachment:
    width, height = picture_size(content) or (None, None)
    kind = content_type_of(filename, given_type)
    return Attachment(number, filename, len(content), kind, description, width, height)


def attachment_of(spec: WorldAttachment, number: int, base: Path) -> tuple[Attachment, bytes] | str:
    """The attachment of a world file, or what is wrong with it."""
    if (spec.text is None) == (spec.file is None):
        return "give either its text or a file"
    if spec.text is not None:
        content = spec.text.encode()
    else:
        try:
            content = (base / (spec.file or "")).read_bytes()
        except OSError as error:
            return f"the file cannot be read: {error.strerror or error}"
    return make_attachment(number, spec.name, content, spec.content_type, spec.description), content
