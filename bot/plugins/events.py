"""What happens on Discord, as plugins see it: frozen values in the words of `chat/`."""

from dataclasses import dataclass
from datetime import datetime

from chat.channels import Channel, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import IncomingMessage, Message
from chat.people import Person


@dataclass(frozen=True, slots=True)
class Ready:
    """The gateway is there, at first or again: events may have been missed before this."""

    bot: Person
    guilds: tuple[Guild, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A message was written. It is remembered already, whatever a plugin makes of it."""

    message: Message
    channel: Channel
    guild: Guild | None
    bot: Person
    request: IncomingMessage | None = None
    """What the bot is asked by it (mention, role, reply, direct message): a run answers it, if no plugin handles it."""
    named: bool = False
    """The bot's name came up, no more."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A message reads otherwise now, or Discord has added a link preview to it."""

    message: Message


@dataclass(frozen=True, slots=True)
class Deleted:
    """Messages are gone."""

    channel_id: ChannelId
    message_ids: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class ChannelGone:
    """A channel or thread was deleted."""

    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody put an emoji under a message, or took it away."""

    person_id: UserId
    channel_id: ChannelId
    guild_id: GuildId | None
    message_id: MessageId
    emoji: str
    added: bool


@dataclass(frozen=True, slots=True)
class VoiceMoved:
    """Somebody joined a voice channel, changed it, or left. Muting and the like is no move."""

    person: Person
    guild: Guild
    before: ChannelId | None
    after: ChannelId | None
    afk: ChannelId | None
    """The server's channel for people who are away."""
    with_them: frozenset[UserId] = frozenset()
    """The people, bots not counted, who sit in `after` besides."""
    in_voice: frozenset[UserId] = frozenset()
    """Everybody who sits in a voice channel of this server that is not `afk`."""


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Somebody joined or left a server; heard with the Server Members intent only."""

    person: Person
    guild_id: GuildId
    joined: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button below a message of the plugin's own."""

    key: str
    """As the plugin named it when it sent the message."""
    person: Person
    channel: Channel | None
    message_id: MessageId | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A minute went by."""

    at: datetime


Event = Ready | Said | Edited | Deleted | ChannelGone | Reacted | VoiceMoved | MemberChanged | Tick


def lane_of(event: Event) -> str:
    """Events of the same lane are seen one after the other, in their order; all lanes go on side by side."""
    match event:
        case Said(channel=channel):
            return f"channel {channel.id}"
        case Edited(message=message):
            return f"channel {message.channel_id}"
        case Deleted(channel_id=channel) | ChannelGone(channel_id=channel) | Reacted(channel_id=channel):
            return f"channel {channel}"
        case VoiceMoved(guild=guild):
            return f"voice {guild.id}"
        case MemberChanged(guild_id=guild_id):
            return f"members {guild_id}"
        case Ready() | Tick():
            return "time"
