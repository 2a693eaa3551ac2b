"""JSON shapes of users, roles, members, channels and servers as Discord sends them."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.models import (
    THREAD_TYPES,
    Channel,
    ChannelType,
    Guild,
    Member,
    Payload,
    Role,
    User,
    VoiceState,
)
from sandbox.snowflake import time_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a payload is made for; without `reads_content` it is a bot that lacks the message content intent."""

    user_id: int
    reads_content: bool = True


def iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def id_or_none(number: int | None) -> str | None:
    return None if number is None else str(number)


def user_payload(user: User) -> Payload:
    payload: Payload = {
        "id": str(user.id),
        "username": user.username,
        "global_name": user.global_name,
        "discriminator": "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "collectibles": None,
    }
    if user.bot:
        payload["bot"] = True
    return payload


def own_user_payload(user: User) -> Payload:
    """A user as only that user sees it."""
    return {
        **user_payload(user),
        "mfa_enabled": False,
        "locale": "en-US",
        "verified": True,
        "email": None,
        "premium_type": 0,
    }


def bare_member_payload(member: Member) -> Payload:
    """A member without its user, as it rides along on a message."""
    return {
        "roles": [str(number) for number in member.roles],
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "joined_at": iso(member.joined_at),
        "premium_since": None,
        "communication_disabled_until": iso(member.timed_out_until),
        "flags": 0,
        "pending": False,
        "deaf": False,
        "mute": False,
    }


def member_payload(member: Member, user: User) -> Payload:
    return {**bare_member_payload(member), "user": user_payload(user)}


def role_payload(role: Role) -> Payload:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_payload(channel: Channel, users: dict[int, User] | None = None, viewer: int | None = None) -> Payload:
    """Any channel. A direct message lists as recipients everybody but the viewer."""
    if channel.guild_id is None:
        others = [number for number in channel.recipients if number != viewer] or channel.recipients
        return {
            "id": str(channel.id),
            "type": int(channel.type),
            "last_message_id": id_or_none(channel.last_message_id),
            "flags": 0,
            "recipients": [user_payload(users[number]) for number in others] if users else [],
        }
    if channel.type in THREAD_TYPES:
        return thread_payload(channel, viewer)
    payload: Payload = {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "position": channel.position,
        "parent_id": id_or_none(channel.parent_id),
        "permission_overwrites": [
            {"id": str(one.id), "type": int(one.is_member), "allow": str(one.allow), "deny": str(one.deny)}
            for one in channel.overwrites.values()
        ],
        "flags": 0,
    }
    if channel.type != ChannelType.CATEGORY:
        payload |= {
            "topic": channel.topic,
            "nsfw": channel.nsfw,
            "last_message_id": id_or_none(channel.last_message_id),
            "rate_limit_per_user": channel.rate_limit_per_user,
        }
    if channel.type in (ChannelType.VOICE, ChannelType.STAGE):
        payload |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if channel.type == ChannelType.FORUM:
        payload |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        payload |= {"default_forum_layout": 0}
    return payload


def thread_payload(channel: Channel, viewer: int | None = None) -> Payload:
    part = channel.thread
    if part is None:
        raise TypeError(f"channel {channel.id} is no thread")
    metadata: Payload = {
        "archived": part.archived,
        "archive_timestamp": iso(part.archived_at or part.created_at),
        "auto_archive_duration": part.auto_archive_duration,
        "locked": part.locked,
        "create_timestamp": iso(part.created_at),
    }
    if channel.type == ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = part.invitable
    payload: Payload = {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "parent_id": id_or_none(channel.parent_id),
        "name": channel.name,
        "owner_id": str(part.owner_id),
        "last_message_id": id_or_none(channel.last_message_id),
        "rate_limit_per_user": channel.rate_limit_per_user,
        "flags": 0,
        "message_count": part.message_count,
        "total_message_sent": part.message_count,
        "member_count": min(len(part.members), 50),
        "thread_metadata": metadata,
    }
    if viewer in part.members:
        payload["member"] = thread_member_payload(channel, viewer)
    return payload


def thread_member_payload(channel: Channel, user_id: int) -> Payload:
    joined = channel.thread.members.get(user_id) if channel.thread else None
    joined = joined or time_of(channel.id)
    return {"id": str(channel.id), "user_id": str(user_id), "join_timestamp": iso(joined), "flags": 0}


def voice_state_payload(
    guild_id: int, state: VoiceState | None, user_id: int, member: Payload, session: str = "sandbox"
) -> Payload:
    return {
        "guild_id": str(guild_id),
        "channel_id": None if state is None else str(state.channel_id),
        "user_id": str(user_id),
        "member": member,
        "session_id": session,
        "deaf": False,
        "mute": False,
        "self_deaf": state.self_deaf if state else False,
        "self_mute": state.self_mute if state else False,
        "self_stream": False,
        "self_video": False,
        "suppress": False,
        "request_to_speak_timestamp": None,
    }


_PLAIN_GUILD: Payload = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "features": [],
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 1,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_presences": None,
    "max_members": 500000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "preferred_locale": "en-US",
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "premium_progress_bar_enabled": False,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
    "incidents_data": None,
}
"""What a server has that is the same for every server here."""


def guild_payload(guild: Guild) -> Payload:
    """A server as REST gives it, without members and channels."""
    return {
        **_PLAIN_GUILD,
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "afk_channel_id": str(guild.afk_channel_id) if guild.afk_channel_id else None,
        "roles": [role_payload(role) for role in guild.roles.values()],
    }
