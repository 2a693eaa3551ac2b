"""The parts of Discord's gateway payloads that say who may read what. Ids are strings there, and so are bits."""

from typing import NotRequired, TypedDict


class OverwriteJson(TypedDict):
    """What one role or member is allowed and denied in a channel."""

    id: str
    allow: str
    deny: str


class ChannelJson(TypedDict):
    """A channel that has overwrites of its own: no thread."""

    id: str
    type: int
    permission_overwrites: NotRequired[list[OverwriteJson]]


class RoleJson(TypedDict):
    """A role and what it may do on the whole server."""

    id: str
    permissions: str


class UserJson(TypedDict):
    """Somebody."""

    id: str


class MemberJson(TypedDict):
    """Somebody on a server."""

    user: UserJson
    roles: list[str]
    communication_disabled_until: NotRequired[str | None]


class GuildJson(TypedDict):
    """GUILD_CREATE."""

    id: str
    owner_id: str
    roles: list[RoleJson]
    channels: list[ChannelJson]
    members: list[MemberJson]
    member_count: int


class ThreadMemberJson(TypedDict):
    """Somebody in a thread."""

    user_id: str


class ThreadMembersJson(TypedDict):
    """THREAD_MEMBERS_UPDATE."""

    id: str
    added_members: NotRequired[list[ThreadMemberJson]]
    removed_member_ids: NotRequired[list[str]]
