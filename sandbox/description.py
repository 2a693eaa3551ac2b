"""A running sandbox in one JSON object, so that a script can act in it as a member through the REST alone."""

from collections.abc import Mapping, Sequence

from sandbox.models import Channel, ChannelType, Guild
from sandbox.permissions import Permission
from sandbox.server import Sandbox

Json = Mapping[str, object]


def describe(box: Sandbox) -> Json:
    """Addresses, bots, servers with their channels, members with their tokens. Ids are text, as in Discord's JSON.

    `bot` is the first bot of the world, or null.
    """
    users = box.state.contents.users.values()
    bots = [{"id": str(user.id), "name": user.username, "token": user.token} for user in users if user.bot]
    people = [{"id": str(user.id), "name": user.shown_name, "token": user.token} for user in users if not user.bot]
    return {
        "page": box.page_url,
        "api": box.api_url,
        "gateway": box.gateway_url,
        "cdn": box.cdn_url,
        "bot": bots[0] if bots else None,
        "bots": bots,
        "guilds": [_guild(box, guild) for guild in box.state.contents.guilds.values()],
        "members": people,
    }


def _guild(box: Sandbox, guild: Guild) -> Json:
    channels = [channel for channel in box.state.channels_of(guild) if channel.type != ChannelType.CATEGORY]
    return {"id": str(guild.id), "name": guild.name, "channels": _channels(guild, channels)}


def _channels(guild: Guild, channels: Sequence[Channel]) -> Sequence[Json]:
    return [
        {"id": str(channel.id), "name": channel.name, "private": _is_private(guild, channel)} for channel in channels
    ]


def _is_private(guild: Guild, channel: Channel) -> bool:
    """Whether somebody without any role is kept out."""
    granted = guild.roles[guild.id].permissions
    if everyone := channel.overwrites.get(guild.id):
        granted = granted & ~everyone.deny | everyone.allow
    return not granted & (Permission.VIEW_CHANNEL | Permission.ADMINISTRATOR)
