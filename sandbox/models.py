"""What the sandbox holds: users, servers, channels, messages. Plain mutable records; the rules live elsewhere.

They are what a state file stores, so every field is data.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TypeAlias

Payload: TypeAlias = dict[str, object]
"""A JSON object as it goes over the wire."""


class ChannelType(IntEnum):
    """Discord's numbers for kinds of channels."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15


THREAD_TYPES = frozenset({ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: int
    username: str
    global_name: str | None
    bot: bool
    token: str

    @property
    def shown_name(self) -> str:
        return self.global_name or self.username


@dataclass(slots=True)
class Command:
    """An application command as its application registered it; `body` is what it sent."""

    id: int
    application_id: int
    guild_id: int | None
    version: int
    body: Payload


@dataclass(slots=True)
class Application:
    """What stands behind a bot; its id is the bot's user id, as for every newer application."""

    id: int
    name: str
    description: str
    flags: int
    owner_id: int
    commands: dict[int, Command] = field(default_factory=dict[int, Command])


@dataclass(slots=True)
class Role:
    """A role of a server; @everyone has the server's id."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False


@dataclass(slots=True)
class Overwrite:
    """What a channel allows or denies to one role or member."""

    id: int
    is_member: bool
    allow: int
    deny: int


@dataclass(slots=True)
class Member:
    """A user's place in one server."""

    user_id: int
    joined_at: datetime
    nick: str | None = None
    roles: list[int] = field(default_factory=list[int])
    timed_out_until: datetime | None = None


@dataclass(slots=True)
class ThreadPart:
    """What a thread has beyond a channel."""

    owner_id: int
    created_at: datetime
    auto_archive_duration: int = 1440
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    archived_at: datetime | None = None
    message_count: int = 0
    members: dict[int, datetime] = field(default_factory=dict[int, datetime])


@dataclass(slots=True)
class Channel:
    """A channel of a server, a thread or a direct message (then without guild, with recipients)."""

    id: int
    type: int
    guild_id: int | None
    name: str
    topic: str | None = None
    position: int = 0
    parent_id: int | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    nsfw: bool = False
    rate_limit_per_user: int = 0
    recipients: list[int] = field(default_factory=list[int])
    thread: ThreadPart | None = None
    last_message_id: int | None = None


@dataclass(slots=True)
class VoiceState:
    """Somebody sitting in a voice channel."""

    user_id: int
    channel_id: int
    self_mute: bool = False
    self_deaf: bool = False


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channel_ids: list[int] = field(default_factory=list[int])
    thread_ids: list[int] = field(default_factory=list[int])
    voice: dict[int, VoiceState] = field(default_factory=dict[int, VoiceState])
    banned: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Attachment:
    """A file on a message; its bytes are with the CDN under the same id."""

    id: int
    filename: str
    size: int
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    duration_secs: float | None = None
    waveform: str | None = None


@dataclass(slots=True)
class Reference:
    """A reply (kind 0) or a forward (kind 1)."""

    channel_id: int
    message_id: int
    guild_id: int | None
    kind: int = 0


@dataclass(slots=True)
class InteractionMetadata:
    """Which person's interaction a message answers."""

    id: int
    type: int
    user_id: int
    name: str | None
    message_id: int | None


@dataclass(slots=True)
class Message:
    """One message. `reactions` maps an emoji as in the URL to the users who used it, in order."""

    id: int
    channel_id: int
    author_id: int
    content: str
    created_at: datetime
    edited_at: datetime | None = None
    type: int = 0
    flags: int = 0
    tts: bool = False
    mention_everyone: bool = False
    mentions: list[int] = field(default_factory=list[int])
    mention_roles: list[int] = field(default_factory=list[int])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    embeds: list[Payload] = field(default_factory=list[Payload])
    components: list[Payload] = field(default_factory=list[Payload])
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    pinned_at: datetime | None = None
    nonce: str | int | None = None
    reference: Reference | None = None
    snapshot: Payload | None = None
    interaction: InteractionMetadata | None = None
    poll: Payload | None = None
    ephemeral_to: int | None = None


@dataclass(slots=True)
class Contents:
    """All of it: what a world file starts and a state file keeps."""

    users: dict[int, User] = field(default_factory=dict[int, User])
    applications: dict[int, Application] = field(default_factory=dict[int, Application])
    guilds: dict[int, Guild] = field(default_factory=dict[int, Guild])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
