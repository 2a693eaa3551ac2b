"""What was said, as every room passes it on: text already rendered for a reader, names resolved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chat.channels import Channel, Guild
from chat.ids import ChannelId, GuildId, MessageId
from chat.people import Person


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `url` is fetched only when somebody needs the content."""

    filename: str
    content_type: str
    size: int
    """In bytes."""
    url: str
    voice_seconds: float | None = None
    """How long it is, when it is a voice message: by what the sender's client says."""
    is_forwarded: bool = False
    """It came with a message of somebody that was passed on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `text` is readable: mentions are names, embeds, polls and stickers are words."""

    id: MessageId
    channel_id: ChannelId
    guild_id: GuildId | None
    author: Person
    text: str
    created_at: datetime
    edited_at: datetime | None = None
    reply_to: MessageId | None = None
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Attachment, ...] = ()
    """Stickers, and the pictures of embeds: to be seen with the message, and nobody's files."""
    typed: str | None = None
    """What the author typed, with Discord's markup (`<@id>`, `<#id>`) as it was: `text` says more than that. There a
    mention has become a name that somebody else chose, and embeds, previews and forwarded messages are words.
    """

    @property
    def own_words(self) -> str:
        """The text without what the author did not write."""
        return self.text if self.typed is None else self.typed

    @property
    def version(self) -> str:
        """Names this text of the message: once it is edited, it is another."""
        return f"{self.id}/{int(self.edited_at.timestamp() * 1000) if self.edited_at else 0}"

    @property
    def link(self) -> str:
        """The jump link that Discord's clients open."""
        return jump_link(self.guild_id, self.channel_id, self.id)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message that is for the bot, with the place it was said in."""

    message: Message
    channel: Channel
    guild: Guild | None
    bot: Person
    """The bot, under the name that this server shows."""
    replied_to: Message | None = None
    late_by: timedelta | None = None
    """How long it waited because the bot was away; None when it is answered live."""

    @property
    def asker(self) -> Person:
        return self.message.author


def jump_link(guild_id: GuildId | None, channel_id: ChannelId, message_id: MessageId | None = None) -> str:
    """Without a message id, what stands before it."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id or ''}"
