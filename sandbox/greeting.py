"""What a client is told when it identifies: READY, its servers, and on request their members."""

from pydantic import BaseModel, Field

from sandbox.hub import Hub
from sandbox.models import Channel, Guild, Payload, User
from sandbox.sessions import Session
from sandbox.state import State
from sandbox.wire import (
    channel_payload,
    guild_payload,
    iso,
    member_payload,
    own_user_payload,
    voice_state_payload,
)

ALL_INTENTS = (1 << 26) - 1
_MEMBERS, _PRESENCES, _CONTENT = 1 << 1, 1 << 8, 1 << 15
_GRANTED_BY = {_PRESENCES: (1 << 12 | 1 << 13), _MEMBERS: (1 << 14 | 1 << 15), _CONTENT: (1 << 18 | 1 << 19)}
CHUNK = 1000


class RefusedError(Exception):
    """The gateway closes the socket with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class Identify(BaseModel):
    """The part of an identify that matters here."""

    token: str
    intents: int = ALL_INTENTS
    shard: tuple[int, int] = (0, 1)


class RequestMembers(BaseModel):
    """Opcode 8."""

    guild_id: int | list[int]
    query: str | None = None
    limit: int = Field(default=0, ge=0)
    user_ids: int | list[int] | None = None
    presences: bool = False
    nonce: str | None = None


class Greeting:
    """Opens sessions."""

    def __init__(self, *, state: State, hub: Hub, gateway_url: str) -> None:
        self._state = state
        self._hub = hub
        self._gateway_url = gateway_url

    def admitted(self, identify: Identify) -> Session:
        user = self._state.user_of_token(identify.token.removeprefix("Bot ").strip())
        if user is None:
            raise RefusedError(4004, "Authentication failed.")
        number, count = identify.shard
        if count < 1 or not 0 <= number < count:
            raise RefusedError(4010, "Invalid shard.")
        intents = identify.intents if user.bot else ALL_INTENTS
        if not 0 <= intents <= ALL_INTENTS:
            raise RefusedError(4013, "Invalid intent(s).")
        application = self._state.contents.applications.get(user.id)
        for intent, granting in _GRANTED_BY.items():
            if user.bot and intents & intent and not (application and application.flags & granting):
                raise RefusedError(4014, "Disallowed intent(s).")
        return Session(user=user, intents=intents, shard=identify.shard)

    def welcome(self, session: Session) -> None:
        user = session.user
        guilds = [guild for guild in self._state.guilds_of(user.id) if session.in_shard(guild.id)]
        ready: Payload = {
            "v": 10,
            "user": own_user_payload(user),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._gateway_url,
            "shard": list(session.shard),
            "private_channels": self._direct_channels(user),
            "_trace": [],
        }
        if application := self._state.contents.applications.get(user.id):
            ready["application"] = {"id": str(application.id), "flags": application.flags}
        session.dispatch("READY", ready)
        if session.intents & 1:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", self.guild(guild, session))

    def guild(self, guild: Guild, session: Session) -> Payload:
        """A server as GUILD_CREATE tells it: people get the channels they see, bots all of them."""
        user = session.user
        channels = [one for one in self._state.channels_of(guild) if user.bot or self._state.sees(one, user.id)]
        threads = [
            one
            for one in self._state.threads_of(guild)
            if one.thread and not one.thread.archived and self._state.sees(one, user.id)
        ]
        member = guild.members[user.id]
        return {
            **guild_payload(guild),
            "joined_at": iso(member.joined_at),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self._member(guild, number) for number in self._told_members(guild, session)],
            "channels": [self._channel(one, user) for one in channels],
            "threads": [channel_payload(one, viewer=user.id) for one in threads],
            "presences": [],
            "voice_states": [
                voice_state_payload(guild.id, state, number, self._member(guild, number))
                for number, state in guild.voice.items()
            ],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _channel(self, channel: Channel, user: User) -> Payload:
        payload = channel_payload(channel, viewer=user.id)
        if not user.bot:
            payload["permissions"] = str(self._state.permissions_in(channel, user.id))
        return payload

    def _told_members(self, guild: Guild, session: Session) -> list[int]:
        """Without the presences intent a bot is told of itself and of who is in a voice channel."""
        if not session.user.bot or (session.intents & _PRESENCES and session.intents & _MEMBERS):
            return list(guild.members)
        return list({session.user.id: None, **dict.fromkeys(guild.voice)})

    def _member(self, guild: Guild, user_id: int) -> Payload:
        return member_payload(guild.members[user_id], self._state.user(user_id))

    def _direct_channels(self, user: User) -> list[Payload]:
        if user.bot:
            return []
        users = self._state.contents.users
        mine = (one for one in self._state.contents.channels.values() if user.id in one.recipients)
        return [channel_payload(one, users, user.id) for one in mine]

    def members(self, session: Session, asked: object) -> None:
        """GUILD_MEMBERS_CHUNK, as many as it takes."""
        request = RequestMembers.model_validate(asked)
        wanted = request.guild_id if isinstance(request.guild_id, list) else [request.guild_id]
        for guild_id in wanted:
            guild = self._state.contents.guilds.get(guild_id)
            if guild is None or session.user.id not in guild.members:
                continue
            everybody = request.user_ids is None and not request.query and not request.limit
            if everybody and not session.intents & _MEMBERS:
                continue
            chosen, missing = self._chosen(guild, request)
            parts = [chosen[start : start + CHUNK] for start in range(0, len(chosen), CHUNK)] or [[]]
            for index, part in enumerate(parts):
                chunk: Payload = {
                    "guild_id": str(guild_id),
                    "members": [self._member(guild, number) for number in part],
                    "chunk_index": index,
                    "chunk_count": len(parts),
                }
                if missing:
                    chunk["not_found"] = [str(number) for number in missing]
                if request.nonce is not None:
                    chunk["nonce"] = request.nonce
                if request.presences:
                    chunk["presences"] = []
                session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def _chosen(self, guild: Guild, request: RequestMembers) -> tuple[list[int], list[int]]:
        if request.user_ids is not None:
            ids = request.user_ids if isinstance(request.user_ids, list) else [request.user_ids]
            return [one for one in ids if one in guild.members], [one for one in ids if one not in guild.members]
        prefix = (request.query or "").lower()
        chosen = [number for number in guild.members if self._starts(guild, number, prefix)]
        return chosen[: request.limit or None], []

    def _starts(self, guild: Guild, user_id: int, prefix: str) -> bool:
        user = self._state.user(user_id)
        names = (user.username, user.global_name or "", guild.members[user_id].nick or "")
        return any(name.lower().startswith(prefix) for name in names)
