"""The world file: servers, people and their history, written by hand in TOML or JSON.

Names are the keys: a channel's author, a role's holder, a reply's target are all found by name. This module knows
the shape; `sandbox.building` makes the sandbox's contents from it and checks the references.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sandbox.permissions import Permission

ChannelKind = Literal[
    "text", "voice", "category", "announcement", "forum", "stage", "thread", "public_thread", "private_thread"
]
PrivilegedIntent = Literal["presences", "members", "message_content"]


class WorldError(Exception):
    """A world that cannot be: `problems` holds one clear sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _one_permission(name: object) -> int:
    if isinstance(name, int) and not isinstance(name, bool):
        return name
    if isinstance(name, str):
        if name.isdecimal():
            return int(name)
        if name.upper() == "ALL":
            return int(~Permission(0))
        if name.upper() in Permission.__members__:
            return int(Permission[name.upper()])
    raise ValueError(f"{name!r} is no permission of Discord; write names such as VIEW_CHANNEL")


def _permission_bits(value: object) -> int:
    if isinstance(value, list):
        bits = 0
        names: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        for name in names:
            bits |= _one_permission(name)
        return bits
    return _one_permission(value)


def _color_number(value: object) -> object:
    return int(value.removeprefix("#"), 16) if isinstance(value, str) and value.startswith("#") else value


Permissions = Annotated[int, BeforeValidator(_permission_bits)]
Color = Annotated[int, BeforeValidator(_color_number), Field(ge=0, le=0xFFFFFF)]
Id = Annotated[int, Field(ge=1, lt=1 << 63)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WorldPerson(_Entry):
    """Somebody with an account; `name` is the username, `display_name` what is shown."""

    name: Name
    display_name: str | None = None
    id: Id | None = None
    token: str | None = None
    bot: bool = False


class WorldBot(_Entry):
    """A bot with its application. It joins every server unless `guilds` lists names; `[]` means none."""

    name: Name
    display_name: str | None = None
    id: Id | None = None
    token: str | None = None
    description: str = ""
    owner: str | None = None
    intents: tuple[PrivilegedIntent, ...] = ("presences", "members", "message_content")
    guilds: tuple[str, ...] | None = None


class WorldRole(_Entry):
    """A role; the one named @everyone sets what everybody may do."""

    name: Name
    id: Id | None = None
    permissions: Permissions | None = None
    position: int | None = None
    color: Color = 0
    hoist: bool = False
    mentionable: bool = False


class WorldOverwrite(_Entry):
    """What a channel allows or denies to a role or a member, by name."""

    role: str | None = None
    member: str | None = None
    allow: Permissions = 0
    deny: Permissions = 0


class WorldChannel(_Entry):
    """A channel, category or thread; `parent` is a category's name, or for a thread its channel's."""

    name: Name
    kind: ChannelKind = "text"
    id: Id | None = None
    topic: str | None = None
    parent: str | None = None
    position: int | None = None
    nsfw: bool = False
    slowmode: int = Field(default=0, ge=0, le=21600)
    overwrites: tuple[WorldOverwrite, ...] = ()
    owner: str | None = None
    members: tuple[str, ...] = ()
    archived: bool = False


class WorldMember(_Entry):
    """Somebody in a server. Who is not listed under `people` or `bots` is introduced by this entry."""

    name: Name
    display_name: str | None = None
    nick: str | None = None
    roles: tuple[str, ...] = ()
    bot: bool = False
    token: str | None = None
    id: Id | None = None
    joined: datetime | None = None


class WorldReaction(_Entry):
    """An emoji and the names of those who used it."""

    emoji: str
    by: tuple[str, ...] = Field(min_length=1)


class WorldAttachment(_Entry):
    """A file on a message: its text, or the path of a file beside the world file."""

    name: Name
    text: str | None = None
    file: str | None = None
    description: str | None = None
    content_type: str | None = None


class WorldMessage(_Entry):
    """Something said, `at` a time or some time `ago` ("3d 4h"); `key` names it for a `reply_to`."""

    channel: str
    author: str
    text: str = ""
    at: datetime | None = None
    ago: str | None = None
    id: Id | None = None
    key: str | None = None
    reply_to: str | None = None
    attachments: tuple[WorldAttachment, ...] = ()
    reactions: tuple[WorldReaction, ...] = ()
    pinned: bool = False
    edited: bool = False


class WorldGuild(_Entry):
    """A server."""

    name: Name
    owner: str
    id: Id | None = None
    roles: tuple[WorldRole, ...] = ()
    channels: tuple[WorldChannel, ...] = ()
    members: tuple[WorldMember, ...] = ()
    messages: tuple[WorldMessage, ...] = ()
    afk_channel: str | None = None
    """The voice channel of people who are away."""


class WorldDirectMessage(_Entry):
    """One line between two people who are not in a server's channel."""

    author: str
    to: str
    text: str
    at: datetime | None = None
    ago: str | None = None


class World(_Entry):
    """All of a world file. `base` is the folder that attachments' paths start from."""

    people: tuple[WorldPerson, ...] = ()
    bots: tuple[WorldBot, ...] = ()
    guilds: tuple[WorldGuild, ...] = ()
    direct_messages: tuple[WorldDirectMessage, ...] = ()
    base: Path | None = None
