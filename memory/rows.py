"""Messages as rows of the archive, and as the line of text that the indexes read."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from sqlalchemy import RowMapping

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Attachment, Message
from chat.people import Person
from memory.scopes import Scope, scope_of


class AttachmentRow(TypedDict):
    """A file that came with a message, as the archive writes it."""

    filename: str
    content_type: str
    size: int
    url: str


class MessageRow(TypedDict):
    """A row of `messages`, ready to be inserted."""

    id: int
    guild_id: int | None
    channel_id: int
    author_id: int
    author_name: str
    author_is_bot: bool
    text: str
    created_at: datetime
    edited_at: datetime | None
    reply_to: int | None
    attachments: list[AttachmentRow]


def to_row(message: Message) -> MessageRow:
    return {
        "id": message.id,
        "guild_id": message.guild_id,
        "channel_id": message.channel_id,
        "author_id": message.author.id,
        "author_name": _storable(message.author.name),
        "author_is_bot": message.author.is_bot,
        "text": _storable(message.text),
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "reply_to": message.reply_to,
        "attachments": [_to_attachment_row(attachment) for attachment in message.attachments],
    }


def to_message(row: RowMapping) -> Message:
    attachments: list[AttachmentRow] = row["attachments"]
    return Message(
        id=MessageId(row["id"]),
        channel_id=ChannelId(row["channel_id"]),
        guild_id=None if row["guild_id"] is None else GuildId(row["guild_id"]),
        author=Person(UserId(row["author_id"]), row["author_name"], is_bot=row["author_is_bot"]),
        text=row["text"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        reply_to=None if row["reply_to"] is None else MessageId(row["reply_to"]),
        attachments=tuple(Attachment(**attachment) for attachment in attachments),
    )


def differ(new: Message, kept: Message) -> bool:
    """Whether something was changed; the links of attachments do not count, Discord signs them anew all the time."""
    return _told(to_row(new)) != _told(to_row(kept))


def line(message: MessageRow) -> str:
    """What a reader would see: who said it, what, and the names of the files that came with it.

    The name belongs to the text: without it, questions about a person find a third less.
    """
    return line_of(message["author_name"], message["text"], message["attachments"])


def line_of(author_name: str, text: str, attachments: Iterable[AttachmentRow]) -> str:
    return f"{author_name}: {' '.join([text, *(attachment['filename'] for attachment in attachments)])}"


def scope(message: MessageRow) -> Scope:
    guild_id = message["guild_id"]
    return scope_of(None if guild_id is None else GuildId(guild_id), ChannelId(message["channel_id"]))


def _told(row: MessageRow) -> MessageRow:
    return {**row, "attachments": [{**attachment, "url": ""} for attachment in row["attachments"]]}


def _to_attachment_row(attachment: Attachment) -> AttachmentRow:
    return {
        "filename": _storable(attachment.filename),
        "content_type": attachment.content_type,
        "size": attachment.size,
        "url": attachment.url,
    }


def _storable(text: str) -> str:
    """Without half surrogate pairs, which no database can encode, and NUL, at which some stop reading."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
