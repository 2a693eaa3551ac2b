"""Changes to channels: made, renamed, moved, deleted, and who may do what in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.errors import ApiError, missing_permissions, unknown
from sandbox.hub import Hub
from sandbox.models import Channel, ChannelType, Guild, Overwrite
from sandbox.permissions import Permission, guild_permissions
from sandbox.state import State
from sandbox.views import Views
from sandbox.voice import Voice

CREATABLE = frozenset({0, 2, 4, 5, 13, 15})


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """New values for the fields that are named."""

    values: Mapping[str, object] = field(default_factory=dict[str, object])
    overwrites: list[Overwrite] | None = None


class Channels:
    """Rights: MANAGE_CHANNELS for a channel, MANAGE_ROLES for its overwrites."""

    def __init__(self, *, state: State, hub: Hub, views: Views, voice: Voice) -> None:
        self._state = state
        self._hub = hub
        self._views = views
        self._voice = voice

    def create(self, guild: Guild, kind: int, name: str, change: ChannelChange, *, by: int) -> Channel:
        self._state.guild_with(guild.id, by, Permission.MANAGE_CHANNELS)
        if kind not in CREATABLE:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        channel = Channel(self._state.ids.new(), kind, guild.id, name, position=len(guild.channel_ids))
        self._set(channel, change)
        parent = self._parent(guild, channel)
        if change.overwrites is not None:
            self._check_overwrites(guild, change.overwrites, by)
            channel.overwrites = {one.id: one for one in change.overwrites}
        elif parent is not None:
            channel.overwrites = dict(parent.overwrites)
        self._state.contents.channels[channel.id] = channel
        guild.channel_ids.append(channel.id)
        self._hub.about_channel(channel, "CHANNEL_CREATE")
        return channel

    def change(self, channel: Channel, change: ChannelChange, *, by: int) -> None:
        guild = self._state.guild(channel.guild_id or 0)
        self._state.channel_for(channel.id, by, Permission.MANAGE_CHANNELS)
        if change.overwrites is not None:
            self._check_overwrites(guild, change.overwrites, by)
        with self._views.watched(guild):
            self._set(channel, change)
            self._parent(guild, channel)
            if change.overwrites is not None:
                channel.overwrites = {one.id: one for one in change.overwrites}
        self._hub.about_channel(channel, "CHANNEL_UPDATE")

    def place(self, guild: Guild, positions: Mapping[int, Mapping[str, object]], *, by: int) -> None:
        self._state.guild_with(guild.id, by, Permission.MANAGE_CHANNELS)
        for channel_id, values in positions.items():
            channel = self._state.channel(channel_id)
            if channel.guild_id != guild.id:
                raise unknown("channel")
            self.change(channel, ChannelChange(values), by=by)

    def delete(self, channel: Channel, *, by: int) -> None:
        guild = self._state.guild(channel.guild_id or 0)
        self._state.channel_for(channel.id, by, Permission.MANAGE_CHANNELS)
        for thread in self._state.threads_of(guild):
            if thread.parent_id == channel.id:
                self._hub.about_channel(thread, "THREAD_DELETE")
                self._state.drop_channel(thread)
        if channel.type == ChannelType.CATEGORY:
            for below in self._state.channels_of(guild):
                if below.parent_id == channel.id:
                    below.parent_id = None
                    self._hub.about_channel(below, "CHANNEL_UPDATE")
        self._voice.empty(guild, channel.id)
        self._hub.about_channel(channel, "CHANNEL_DELETE")
        self._state.drop_channel(channel)

    def set_overwrite(self, channel: Channel, overwrite: Overwrite, *, by: int) -> None:
        guild = self._state.guild(channel.guild_id or 0)
        self._state.channel_for(channel.id, by, Permission.MANAGE_ROLES)
        known = guild.members if overwrite.is_member else guild.roles
        if overwrite.id not in known:
            raise unknown("overwrite")
        self._check_overwrites(guild, [overwrite], by)
        with self._views.watched(guild):
            channel.overwrites[overwrite.id] = overwrite
        self._hub.about_channel(channel, "CHANNEL_UPDATE")

    def drop_overwrite(self, channel: Channel, target_id: int, *, by: int) -> None:
        guild = self._state.guild(channel.guild_id or 0)
        self._state.channel_for(channel.id, by, Permission.MANAGE_ROLES)
        if target_id not in channel.overwrites:
            raise unknown("overwrite")
        with self._views.watched(guild):
            del channel.overwrites[target_id]
        self._hub.about_channel(channel, "CHANNEL_UPDATE")

    def _check_overwrites(self, guild: Guild, overwrites: list[Overwrite], by: int) -> None:
        """Nobody allows or denies what they may not do themselves."""
        held = guild_permissions(guild, guild.members[by])
        if any((one.allow | one.deny) & ~held for one in overwrites):
            raise missing_permissions()

    def _parent(self, guild: Guild, channel: Channel) -> Channel | None:
        if channel.parent_id is None:
            return None
        parent = self._state.contents.channels.get(channel.parent_id)
        if parent is None or parent.guild_id != guild.id or parent.type != ChannelType.CATEGORY:
            channel.parent_id = None
            raise ApiError(400, 50035, "Invalid Form Body")
        return parent

    @staticmethod
    def _set(channel: Channel, change: ChannelChange) -> None:
        for name, value in change.values.items():
            match name, value:
                case "name", str():
                    channel.name = value
                case "topic", str() | None:
                    channel.topic = value
                case "position", int():
                    channel.position = value
                case "parent_id", int() | None:
                    channel.parent_id = value
                case "nsfw", bool():
                    channel.nsfw = value
                case "rate_limit_per_user", int():
                    channel.rate_limit_per_user = value
                case _:
                    pass
