"""Who sits in which voice channel. There is no sound."""

from pydantic import BaseModel

from sandbox.errors import ApiError
from sandbox.hub import Hub
from sandbox.models import ChannelType, Guild, VoiceState
from sandbox.permissions import Permission
from sandbox.state import State
from sandbox.wire import member_payload, voice_state_payload


class _Move(BaseModel):
    guild_id: int
    channel_id: int | None = None
    self_mute: bool = False
    self_deaf: bool = False


class Voice:
    """Joining, moving and leaving."""

    def __init__(self, *, state: State, hub: Hub) -> None:
        self._state = state
        self._hub = hub

    def move(self, user_id: int, asked: object) -> None:
        """Opcode 4. What is not allowed does nothing, as on Discord."""
        move = _Move.model_validate(asked)
        guild = self._state.contents.guilds.get(move.guild_id)
        if guild is None or user_id not in guild.members:
            return
        if move.channel_id is None:
            self.leave(guild, user_id)
            return
        try:
            channel = self._state.channel_for(move.channel_id, user_id, Permission.CONNECT)
        except ApiError:
            return
        if channel.guild_id == guild.id and channel.type in (ChannelType.VOICE, ChannelType.STAGE):
            guild.voice[user_id] = VoiceState(user_id, channel.id, move.self_mute, move.self_deaf)
            self._tell(guild, user_id)

    def leave(self, guild: Guild, user_id: int) -> None:
        if guild.voice.pop(user_id, None) is not None:
            self._tell(guild, user_id)

    def empty(self, guild: Guild, channel_id: int) -> None:
        """The channel is gone: everybody in it leaves."""
        for user_id in [one for one, state in guild.voice.items() if state.channel_id == channel_id]:
            self.leave(guild, user_id)

    def _tell(self, guild: Guild, user_id: int) -> None:
        member = member_payload(guild.members[user_id], self._state.user(user_id))
        payload = voice_state_payload(guild.id, guild.voice.get(user_id), user_id, member)
        self._hub.to_guild(guild.id, "VOICE_STATE_UPDATE", payload, also_to=user_id)
