"""Who may do what where, computed as Discord documents it. Pure functions over the records."""

from datetime import datetime
from enum import IntFlag

from sandbox.models import THREAD_TYPES, Channel, ChannelType, Guild, Member


class Permission(IntFlag):
    """Discord's permission bits."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


P = Permission
ALL = int(~Permission(0))
EVERYONE_DEFAULT = int(
    P.CREATE_INSTANT_INVITE | P.ADD_REACTIONS | P.STREAM | P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS
    | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY | P.USE_EXTERNAL_EMOJIS | P.CONNECT | P.SPEAK | P.USE_VAD
    | P.CHANGE_NICKNAME | P.USE_APPLICATION_COMMANDS | P.REQUEST_TO_SPEAK | P.CREATE_PUBLIC_THREADS
    | P.CREATE_PRIVATE_THREADS | P.USE_EXTERNAL_STICKERS | P.SEND_MESSAGES_IN_THREADS | P.USE_SOUNDBOARD
    | P.SEND_VOICE_MESSAGES | P.SEND_POLLS | P.USE_EXTERNAL_APPS
)  # fmt: skip
IN_A_DM = int(
    P.ADD_REACTIONS | P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY
    | P.MENTION_EVERYONE | P.USE_EXTERNAL_EMOJIS | P.USE_APPLICATION_COMMANDS | P.SEND_POLLS | P.PIN_MESSAGES
    | P.SEND_VOICE_MESSAGES
)  # fmt: skip
_NEEDS_SENDING = int(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS)
_WHILE_TIMED_OUT = int(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)


def guild_permissions(guild: Guild, member: Member) -> int:
    """What the roles alone give."""
    if member.user_id == guild.owner_id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in member.roles:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & P.ADMINISTRATOR else granted


def channel_permissions(guild: Guild, member: Member, channel: Channel, parent: Channel | None, now: datetime) -> int:
    """What a member may do in a channel; for a thread, `parent` is the channel it hangs from."""
    granted = guild_permissions(guild, member)
    if granted & P.ADMINISTRATOR:
        return granted
    in_thread = channel.type in THREAD_TYPES and parent is not None
    granted = _overwritten(granted, guild, member, parent if in_thread and parent else channel)
    if not granted & P.VIEW_CHANNEL or (in_thread and not _sees_thread(channel, member, granted)):
        return 0
    if channel.type in (ChannelType.VOICE, ChannelType.STAGE) and not granted & P.CONNECT:
        granted &= ~int(P.SPEAK | P.STREAM | P.SEND_MESSAGES)
    if not granted & (P.SEND_MESSAGES_IN_THREADS if in_thread else P.SEND_MESSAGES):
        granted &= ~_NEEDS_SENDING
    if member.timed_out_until is not None and member.timed_out_until > now:
        granted &= _WHILE_TIMED_OUT
    return granted


def _overwritten(granted: int, guild: Guild, member: Member, channel: Channel) -> int:
    """@everyone first, then all roles together, then the member: each denies, then allows."""
    if everyone := channel.overwrites.get(guild.id):
        granted = granted & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in member.roles:
        if role := channel.overwrites.get(role_id):
            allow |= role.allow
            deny |= role.deny
    granted = granted & ~deny | allow
    if own := channel.overwrites.get(member.user_id):
        granted = granted & ~own.deny | own.allow
    return granted


def _sees_thread(thread: Channel, member: Member, granted: int) -> bool:
    if thread.type != ChannelType.PRIVATE_THREAD or granted & P.MANAGE_THREADS:
        return True
    return thread.thread is not None and member.user_id in thread.thread.members


def top_position(guild: Guild, member: Member) -> int:
    """The place of a member's highest role: nobody manages roles or members at or above their own."""
    if member.user_id == guild.owner_id:
        return 1 << 30
    return max((guild.roles[role_id].position for role_id in member.roles), default=0)
