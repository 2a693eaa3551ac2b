"""Routes: who I am, my application, my servers and direct messages, other users, where the gateway is."""

from pydantic import BaseModel

from sandbox.errors import ApiError, missing_access, unknown
from sandbox.hub import Hub
from sandbox.models import Payload
from sandbox.permissions import guild_permissions
from sandbox.rest.calls import Answer, Call, Endpoint
from sandbox.state import State
from sandbox.wire import channel_payload, own_user_payload, user_payload
from sandbox.wire_applications import application_payload


class _OpenDirect(BaseModel):
    recipient_id: int | None = None
    recipients: list[int] | None = None


class UserRoutes:
    """Everything that is about an account and not about a place."""

    def __init__(self, *, state: State, hub: Hub, gateway_url: str) -> None:
        self._state = state
        self._hub = hub
        self._gateway_url = gateway_url

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/gateway", self._gateway, signed=False),
            Endpoint("GET", "/gateway/bot", self._gateway_bot),
            Endpoint("GET", "/users/@me", self._me),
            Endpoint("GET", "/users/{user}", self._user),
            Endpoint("GET", "/users/@me/guilds", self._guilds),
            Endpoint("GET", "/users/@me/channels", self._direct_channels),
            Endpoint("POST", "/users/@me/channels", self._open_direct),
            Endpoint("GET", "/oauth2/applications/@me", self._application),
            Endpoint("GET", "/applications/@me", self._application),
            Endpoint("GET", "/applications/{application}/emojis", self._no_emojis),
        ]

    async def _gateway(self, call: Call) -> Answer:
        del call
        return {"url": self._gateway_url}

    async def _gateway_bot(self, call: Call) -> Answer:
        if not call.user.bot:
            raise ApiError(403, 20002, "Only bots can use this endpoint")
        limit: Payload = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 16}
        return {"url": self._gateway_url, "shards": 1, "session_start_limit": limit}

    async def _me(self, call: Call) -> Answer:
        return own_user_payload(call.user)

    async def _user(self, call: Call) -> Answer:
        return user_payload(self._state.user(call.id("user")))

    async def _guilds(self, call: Call) -> Answer:
        return [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": guild.owner_id == call.user.id,
                "permissions": str(guild_permissions(guild, guild.members[call.user.id])),
                "features": [],
                "approximate_member_count": len(guild.members),
                "approximate_presence_count": len(guild.members),
            }
            for guild in self._state.guilds_of(call.user.id)
        ]

    async def _direct_channels(self, call: Call) -> Answer:
        users = self._state.contents.users
        channels = self._state.contents.channels.values()
        return [channel_payload(one, users, call.user.id) for one in channels if call.user.id in one.recipients]

    async def _open_direct(self, call: Call) -> Answer:
        body = call.body(_OpenDirect)
        wanted = body.recipient_id or next(iter(body.recipients or ()), None)
        if wanted is None or wanted not in self._state.contents.users:
            raise unknown("user")
        if wanted == call.user.id:
            raise missing_access()
        channel, new = self._state.direct_channel(call.user.id, wanted)
        if new:
            for user_id in channel.recipients:
                if not self._state.user(user_id).bot:  # bots hear of it by its first message
                    payload = channel_payload(channel, self._state.contents.users, user_id)
                    self._hub.to_user(user_id, "CHANNEL_CREATE", payload)
        return channel_payload(channel, self._state.contents.users, call.user.id)

    async def _application(self, call: Call) -> Answer:
        application = self._state.application(call.user.id)
        owner = self._state.user(application.owner_id)
        count = len(self._state.guilds_of(call.user.id))
        return application_payload(application, owner, call.user, count)

    async def _no_emojis(self, call: Call) -> Answer:
        del call
        return {"items": []}
