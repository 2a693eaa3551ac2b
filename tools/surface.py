"""Discord as the tools see it: a few verbs over live state. `bot` implements this; nothing else speaks Discord."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.channels import Channel, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.people import Person
from chat.rights import Right


@dataclass(frozen=True, slots=True)
class Member:
    """A person on a server, with the names people may call them by."""

    person: Person
    username: str
    """The unique account name."""
    names: tuple[str, ...]
    """Nickname, display name and account name, as far as set."""
    roles: tuple[str, ...]


class SurfaceError(Exception):
    """Discord refused or could not be reached: one sentence a member can read."""


class Surface(Protocol):
    """Live state is read from the gateway's cache and costs nothing; the verbs at the end are REST calls.

    Every method answers for what the *bot* can see; whether the asker may is `Permissions`' question.
    """

    def guild(self, guild_id: GuildId) -> Guild | None: ...

    async def guilds_of(self, user_id: UserId) -> Sequence[Guild]:
        """The servers that this person shares with the bot, in a stable order."""
        ...

    def channel(self, channel_id: ChannelId) -> Channel | None: ...

    def channels(self, guild_id: GuildId) -> Sequence[Channel]:
        """Channels and active threads of a server in the order its sidebar shows, categories left out."""
        ...

    async def members(self, guild_id: GuildId) -> Sequence[Member]:
        """Everybody on the server that the bot knows of (all, when it has the members intent)."""
        ...

    async def rights(self, user_id: UserId, channel_id: ChannelId) -> frozenset[Right]:
        """What this person may do there right now; empty for a stranger or a gone channel."""
        ...

    async def shareable(self, into: ChannelId, sources: Collection[ChannelId]) -> frozenset[ChannelId]:
        """Those of `sources` whose past messages everybody who can read `into` may read too (in a direct
        message: the person there). When in doubt, for want of the member list, a source is left out."""
        ...

    async def history(self, channel_id: ChannelId, *, limit: int, before: MessageId | None = None) -> Sequence[Message]:
        """The newest messages (before one), oldest first. Raises `SurfaceError`."""
        ...

    async def post(self, channel_id: ChannelId, text: str, *, key: str, mention: Collection[UserId] = ()) -> Message:
        """Say something. Pings nobody but `mention`, shows no link previews, and says it once for one `key`.

        Raises `SurfaceError`; `text` is at most 2000 characters.
        """
        ...

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        """Add the bot's reaction. Raises `SurfaceError`."""
        ...
