"""Where things are said."""

from dataclasses import dataclass
from enum import StrEnum

from chat.ids import ChannelId, GuildId


class ChannelKind(StrEnum):
    """What kind of place a channel is. Categories are no places: they are a channel's `category`."""

    TEXT = "text"
    ANNOUNCEMENT = "announcement"
    VOICE = "voice"
    FORUM = "forum"
    THREAD = "thread"
    PRIVATE_THREAD = "private thread"
    DM = "direct message"


@dataclass(frozen=True, slots=True)
class Guild:
    """A Discord server."""

    id: GuildId
    name: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A place to talk: in a server, or a direct message (`guild_id` is None)."""

    id: ChannelId
    guild_id: GuildId | None
    name: str
    kind: ChannelKind
    topic: str = ""
    category: str = ""
    """The name of the category it is listed under, empty for none."""
    parent_id: ChannelId | None = None
    """For a thread, the channel it belongs to."""
