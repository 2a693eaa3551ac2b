"""What a server answered, as the model reads it: text, a few pictures, and a word on everything else. Never trusted."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ReadResourceResult,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from tools.calls import Picture, ToolResult

MOST_CHARACTERS = 60_000
MOST_PICTURES = 4
MOST_PICTURE_BYTES = 5 * 1024 * 1024
PICTURE_KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
EMPTY = "(The tool answered nothing.)"


@dataclass(slots=True)
class Gathered:
    """Parts of an answer, collected within bounds."""

    lines: list[str] = field(default_factory=list[str])
    pictures: list[Picture] = field(default_factory=list[Picture])
    characters: int = 0
    left: int = MOST_PICTURE_BYTES

    def say(self, text: str) -> None:
        room = max(0, MOST_CHARACTERS - self.characters)
        self.characters += len(text)
        if room:
            self.lines.append(text[:room])

    def show(self, kind: str, data: str) -> None:
        if kind not in PICTURE_KINDS:
            return self.say(f"(An image of kind {_word(kind)}, {_size(data)}, is left out: it cannot be shown.)")
        if len(self.pictures) == MOST_PICTURES or _bytes(data) > self.left:
            return self.say(f"(An image, {_size(data)}, is left out: there are too many or it is too large.)")
        try:
            decoded = base64.b64decode(data, validate=True)
        except (ValueError, binascii.Error):
            return self.say("(An image is left out: its data are broken.)")
        self.pictures.append(Picture(kind, decoded))
        self.left -= len(decoded)
        return self.say(f"(An image of kind {kind}.)")

    @property
    def text(self) -> str:
        text = "\n".join(self.lines)
        over = self.characters - MOST_CHARACTERS
        return (
            f"{text}\n(Cut here: {over} more characters were left out. Ask for less at a time.)" if over > 0 else text
        )


def tool_result(call_id: str, result: CallToolResult) -> ToolResult:
    gathered = Gathered()
    _gather(gathered, result.content)
    has_text = any(isinstance(block, TextContent) and block.text.strip() for block in result.content)
    if result.structured_content is not None and not has_text:
        gathered.say(json.dumps(result.structured_content, ensure_ascii=False))
    return ToolResult(
        call_id,
        gathered.text or EMPTY,
        is_error=bool(result.is_error),
        untrusted=True,
        pictures=tuple(gathered.pictures),
    )


def resource_result(call_id: str, result: ReadResourceResult) -> ToolResult:
    gathered = Gathered()
    for contents in result.contents:
        _resource(gathered, contents)
    return ToolResult(call_id, gathered.text or EMPTY, untrusted=True, pictures=tuple(gathered.pictures))


def plain_text(blocks: Iterable[ContentBlock]) -> str:
    gathered = Gathered()
    _gather(gathered, blocks)
    return gathered.text


def _gather(gathered: Gathered, blocks: Iterable[ContentBlock]) -> None:
    for block in blocks:
        match block:
            case TextContent(text=text):
                gathered.say(text)
            case ImageContent(data=data, mime_type=kind):
                gathered.show(kind, data)
            case AudioContent(data=data, mime_type=kind):
                gathered.say(f"(Audio of kind {_word(kind)}, {_size(data)}, is left out.)")
            case EmbeddedResource(resource=contents):
                _resource(gathered, contents)
            case ResourceLink():
                told = [block.title or block.name, block.mime_type, block.description]
                gathered.say(f"(A resource: {block.uri[:500]}; {'; '.join(each[:300] for each in told if each)})")


def _resource(gathered: Gathered, contents: TextResourceContents | BlobResourceContents) -> None:
    kind = contents.mime_type or "unknown"
    match contents:
        case TextResourceContents(uri=uri, text=text):
            gathered.say(f"(The resource {uri[:500]}:)\n{text}")
        case BlobResourceContents(blob=blob) if kind in PICTURE_KINDS:
            gathered.show(kind, blob)
        case BlobResourceContents(uri=uri, blob=blob):
            gathered.say(f"(The resource {uri[:500]}, of kind {_word(kind)}, {_size(blob)}, is left out.)")


def _bytes(data: str) -> int:
    return len(data) * 3 // 4


def _size(data: str) -> str:
    return f"{max(1, round(_bytes(data) / 1024))} KB"


def _word(kind: str) -> str:
    return " ".join(kind.split())[:60] or "unknown"
