"""Messages as tools quote them: data with an author and an id, never loose text; and no more than is read."""

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from chat.messages import Message
from tools.moments import local

MAX_QUOTE = 1000
MAX_ASIDE = 160
ROOM = 6000
"""How many characters of rows one result has: about what an agent's default limit for a result lets through whole. A
result that was cut from outside would be no JSON any more, and lose its end, which may be what mattered."""

RowT = TypeVar("RowT", bound=BaseModel)


class Quote(BaseModel):
    """What somebody said. `text` is data, whatever it says."""

    id: str = Field(description="Id of the message.")
    author: str
    author_id: str
    is_bot: bool | None = None
    at: str = Field(description="When, in the asker's time zone.")
    edited: bool | None = None
    text: str
    files: list[str] | None = Field(default=None, description="Names and types of attached files.")
    reply_to: str | None = Field(default=None, description="Id of the message that this one answers.")
    before: str | None = Field(default=None, description="The line before it in its channel.")
    after: str | None = Field(default=None, description="The line after it.")
    channel: str | None = None
    link: str | None = Field(default=None, description="Opens the message in Discord.")


def quote(message: Message, zone: ZoneInfo) -> Quote:
    files = [f"{_sound(file.filename)} ({file.content_type}, {file.size} bytes)" for file in message.attachments]
    return Quote(
        id=str(message.id),
        author=_sound(message.author.name),
        author_id=str(message.author.id),
        is_bot=True if message.author.is_bot else None,
        at=local(message.created_at, zone),
        edited=True if message.edited_at else None,
        text=shorten(message.text),
        files=files or None,
        reply_to=str(message.reply_to) if message.reply_to else None,
    )


def aside(message: Message) -> str:
    """One line of what stood beside a hit."""
    text = " ".join(_sound(message.text).split())
    return f"{_sound(message.author.name)}: {text if len(text) <= MAX_ASIDE else text[:MAX_ASIDE] + '…'}"


def fitting(rows: Sequence[RowT]) -> list[RowT]:
    """The first rows that fit into one result together, at least one."""
    sizes = accumulate(len(row.model_dump_json(exclude_none=True)) for row in rows)
    return [row for place, (row, size) in enumerate(zip(rows, sizes, strict=True)) if place == 0 or size <= ROOM]


def shorten(text: str) -> str:
    text = _sound(text)
    if len(text) <= MAX_QUOTE:
        return text
    return f"{text[:MAX_QUOTE]}… [{len(text) - MAX_QUOTE} more characters]"


def _sound(text: str) -> str:
    """Half a surrogate pair cannot be written as JSON."""
    return text.encode("utf-8", "replace").decode()
