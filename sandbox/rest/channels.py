"""Routes: channels and their overwrites, one by one and in a server."""

from pydantic import BaseModel, Field

from sandbox.channels import ChannelChange, Channels
from sandbox.errors import cannot_execute, invalid_form
from sandbox.models import THREAD_TYPES, Channel, Overwrite, Payload
from sandbox.rest.calls import Answer, Call, Endpoint, Reply, parsed
from sandbox.state import State
from sandbox.threads import Threads
from sandbox.wire import channel_payload

_THREAD_FIELDS = {"name", "archived", "locked", "invitable", "auto_archive_duration", "rate_limit_per_user"}


class _OverwriteBody(BaseModel):
    id: int = 0
    type: int | str = 0
    allow: int | None = 0
    deny: int | None = 0

    def overwrite(self, target_id: int) -> Overwrite:
        return Overwrite(target_id, str(self.type) in ("1", "member"), self.allow or 0, self.deny or 0)


class _ChannelBody(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=100)
    type: int = 0
    topic: str | None = Field(default=None, max_length=1024)
    position: int | None = None
    parent_id: int | None = None
    nsfw: bool | None = None
    rate_limit_per_user: int | None = Field(default=None, ge=0, le=21600)
    permission_overwrites: list[_OverwriteBody] | None = None
    archived: bool | None = None
    locked: bool | None = None
    invitable: bool | None = None
    auto_archive_duration: int | None = None

    def change(self) -> ChannelChange:
        given = self.model_fields_set - {"type", "permission_overwrites"}
        overwrites = self.permission_overwrites
        return ChannelChange(
            self.values(given), None if overwrites is None else [one.overwrite(one.id) for one in overwrites]
        )

    def values(self, names: set[str]) -> Payload:
        return {name: value for name, value in self.model_dump().items() if name in names}


class _Place(BaseModel):
    id: int
    position: int | None = None
    parent_id: int | None = None


class _Places(BaseModel):
    places: list[_Place]


class ChannelRoutes:
    """Reading needs the channel in view, changing needs rights, see `sandbox.channels`."""

    def __init__(self, *, state: State, channels: Channels, threads: Threads) -> None:
        self._state = state
        self._channels = channels
        self._threads = threads

    def endpoints(self) -> list[Endpoint]:
        one = "/channels/{channel}"
        return [
            Endpoint("GET", one, self._get),
            Endpoint("PATCH", one, self._change),
            Endpoint("DELETE", one, self._delete),
            Endpoint("PUT", one + "/permissions/{target}", self._set_overwrite),
            Endpoint("DELETE", one + "/permissions/{target}", self._drop_overwrite),
            Endpoint("POST", "/guilds/{guild}/channels", self._create),
            Endpoint("PATCH", "/guilds/{guild}/channels", self._place),
        ]

    def _seen(self, call: Call) -> Channel:
        return self._state.channel_for(call.id("channel"), call.user.id)

    def _in_guild(self, call: Call) -> Channel:
        channel = self._seen(call)
        if channel.guild_id is None:
            raise cannot_execute()
        return channel

    def _shown(self, channel: Channel, call: Call) -> Payload:
        payload = channel_payload(channel, self._state.contents.users, call.user.id)
        if channel.guild_id is not None and not call.user.bot:
            payload["permissions"] = str(self._state.permissions_in(channel, call.user.id))
        return payload

    async def _get(self, call: Call) -> Answer:
        return self._shown(self._seen(call), call)

    async def _create(self, call: Call) -> Answer:
        guild = self._state.guild_for(call.id("guild"), call.user.id)
        body = call.body(_ChannelBody)
        if body.name is None:
            raise invalid_form([(("name",), "BASE_TYPE_REQUIRED", "This field is required")])
        channel = self._channels.create(guild, body.type, body.name, body.change(), by=call.user.id)
        return Reply(201, self._shown(channel, call))

    async def _change(self, call: Call) -> Answer:
        channel, body = self._in_guild(call), call.body(_ChannelBody)
        if channel.type in THREAD_TYPES:
            given = body.values(body.model_fields_set & _THREAD_FIELDS)
            self._threads.change(channel, given, by=call.user.id)
        else:
            self._channels.change(channel, body.change(), by=call.user.id)
        return self._shown(channel, call)

    async def _place(self, call: Call) -> Answer:
        guild = self._state.guild_for(call.id("guild"), call.user.id)
        places = parsed(_Places, {"places": call.sent.data}).places
        wanted = {one.id: one.model_dump(include=one.model_fields_set - {"id"}) for one in places}
        self._channels.place(guild, wanted, by=call.user.id)
        return None

    async def _delete(self, call: Call) -> Answer:
        channel = self._seen(call)
        payload = self._shown(channel, call)
        if channel.guild_id is None:
            return payload  # closing a direct message only hides it
        if channel.type in THREAD_TYPES:
            self._threads.delete(channel, by=call.user.id)
        else:
            self._channels.delete(channel, by=call.user.id)
        return payload

    async def _set_overwrite(self, call: Call) -> Answer:
        overwrite = call.body(_OverwriteBody).overwrite(call.id("target"))
        self._channels.set_overwrite(self._in_guild(call), overwrite, by=call.user.id)
        return None

    async def _drop_overwrite(self, call: Call) -> Answer:
        self._channels.drop_overwrite(self._in_guild(call), call.id("target"), by=call.user.id)
        return None
