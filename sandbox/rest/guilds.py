"""Routes: servers, their members and roles as they are; and changing members and roles."""

from datetime import datetime

from pydantic import BaseModel, Field

from sandbox.errors import unknown
from sandbox.guilds import Guilds, MemberChange, RoleChange
from sandbox.models import Guild, Payload
from sandbox.permissions import Permission
from sandbox.rest.calls import Answer, Call, Endpoint, parsed
from sandbox.state import State
from sandbox.wire import channel_payload, guild_payload, member_payload, role_payload, voice_state_payload


class _GuildBody(BaseModel):
    name: str | None = Field(default=None, min_length=2, max_length=100)


class _MemberBody(BaseModel):
    nick: str | None = Field(default=None, max_length=32)
    roles: list[int] | None = None
    communication_disabled_until: datetime | None = None
    channel_id: int | None = None


class _ColorsBody(BaseModel):
    primary_color: int = 0


class _RoleBody(BaseModel):
    name: str | None = Field(default=None, max_length=100)
    permissions: int | None = None
    color: int | None = None
    colors: _ColorsBody | None = None
    hoist: bool | None = None
    mentionable: bool | None = None

    def change(self) -> RoleChange:
        color = self.colors.primary_color if self.color is None and self.colors else self.color
        return RoleChange(self.name, self.permissions, color, self.hoist, self.mentionable)


class _RolePlace(BaseModel):
    id: int
    position: int | None = None


class _RolePlaces(BaseModel):
    places: list[_RolePlace]


class GuildRoutes:
    """Reading needs membership; changing needs rights, see `sandbox.guilds`."""

    def __init__(self, *, state: State, guilds: Guilds) -> None:
        self._state = state
        self._guilds = guilds

    def endpoints(self) -> list[Endpoint]:
        guild, member = "/guilds/{guild}", "/guilds/{guild}/members/{user}"
        return [
            Endpoint("GET", guild, self._guild),
            Endpoint("PATCH", guild, self._rename),
            Endpoint("GET", guild + "/channels", self._channels),
            Endpoint("GET", guild + "/members", self._members),
            Endpoint("GET", guild + "/members/search", self._search),
            Endpoint("GET", member, self._member),
            Endpoint("PATCH", member, self._change_member),
            Endpoint("DELETE", member, self._remove_member),
            Endpoint("PUT", member + "/roles/{role}", self._give_role),
            Endpoint("DELETE", member + "/roles/{role}", self._take_role),
            Endpoint("GET", guild + "/roles", self._roles),
            Endpoint("POST", guild + "/roles", self._create_role),
            Endpoint("PATCH", guild + "/roles", self._place_roles),
            Endpoint("GET", guild + "/roles/{role}", self._role),
            Endpoint("PATCH", guild + "/roles/{role}", self._change_role),
            Endpoint("DELETE", guild + "/roles/{role}", self._delete_role),
            Endpoint("DELETE", "/users/@me/guilds/{guild}", self._leave),
            Endpoint("PUT", guild + "/bans/{user}", self._ban),
            Endpoint("DELETE", guild + "/bans/{user}", self._unban),
            Endpoint("GET", guild + "/emojis", self._nothing),
            Endpoint("GET", guild + "/stickers", self._nothing),
            Endpoint("GET", guild + "/voice-states/{user}", self._voice_state),
        ]

    def _here(self, call: Call) -> Guild:
        return self._state.guild_for(call.id("guild"), call.user.id)

    async def _guild(self, call: Call) -> Answer:
        guild = self._here(call)
        payload = guild_payload(guild)
        if call.query.get("with_counts") in ("true", "True", "1"):
            payload |= {
                "approximate_member_count": len(guild.members),
                "approximate_presence_count": len(guild.members),
            }
        return payload

    async def _rename(self, call: Call) -> Answer:
        guild = self._here(call)
        self._guilds.rename(guild, call.body(_GuildBody).name or guild.name, by=call.user.id)
        return guild_payload(guild)

    async def _channels(self, call: Call) -> Answer:
        """Bots get every channel, people those they see, with what they may do there."""
        guild = self._here(call)
        if call.user.bot:
            return [channel_payload(one) for one in self._state.channels_of(guild)]
        seen = [one for one in self._state.channels_of(guild) if self._state.sees(one, call.user.id)]
        return [
            {**channel_payload(one), "permissions": str(self._state.permissions_in(one, call.user.id))} for one in seen
        ]

    # Members

    def _member_payload(self, guild: Guild, user_id: int) -> Payload:
        return member_payload(self._state.member(guild.id, user_id), self._state.user(user_id))

    async def _members(self, call: Call) -> Answer:
        guild = self._here(call)
        limit = call.number("limit", default=1, least=1, most=1000)
        after = call.snowflake("after") or 0
        chosen = sorted(number for number in guild.members if number > after)[:limit]
        return [self._member_payload(guild, number) for number in chosen]

    async def _search(self, call: Call) -> Answer:
        guild = self._here(call)
        limit = call.number("limit", default=1, least=1, most=1000)
        prefix = call.query.get("query", "").lower()
        found: list[Payload] = []
        for number, member in guild.members.items():
            user = self._state.user(number)
            names = (user.username, user.global_name or "", member.nick or "")
            if any(name.lower().startswith(prefix) for name in names):
                found.append(member_payload(member, user))
        return found[:limit]

    async def _member(self, call: Call) -> Answer:
        guild = self._here(call)
        return self._member_payload(guild, call.id("user"))

    async def _change_member(self, call: Call) -> Answer:
        guild = self._here(call)
        body = call.body(_MemberBody)
        change = MemberChange(body.model_fields_set, body.nick, body.roles, body.communication_disabled_until)
        self._guilds.change_member(guild, call.id("user"), change, by=call.user.id)
        return self._member_payload(guild, call.id("user"))

    async def _remove_member(self, call: Call) -> Answer:
        self._guilds.remove_member(self._here(call), call.id("user"), by=call.user.id, needed=Permission.KICK_MEMBERS)
        return None

    async def _leave(self, call: Call) -> Answer:
        self._guilds.leave(self._here(call), call.user.id)
        return None

    async def _ban(self, call: Call) -> Answer:
        guild = self._here(call)
        self._guilds.ban(guild, call.id("user"), by=call.user.id)
        return None

    async def _unban(self, call: Call) -> Answer:
        self._guilds.unban(self._here(call), call.id("user"), by=call.user.id)
        return None

    async def _give_role(self, call: Call) -> Answer:
        self._guilds.set_role(self._here(call), call.id("user"), call.id("role"), by=call.user.id, held=True)
        return None

    async def _take_role(self, call: Call) -> Answer:
        self._guilds.set_role(self._here(call), call.id("user"), call.id("role"), by=call.user.id, held=False)
        return None

    # Roles

    async def _roles(self, call: Call) -> Answer:
        return [role_payload(role) for role in self._here(call).roles.values()]

    async def _role(self, call: Call) -> Answer:
        role = self._here(call).roles.get(call.id("role"))
        if role is None:
            raise unknown("role")
        return role_payload(role)

    async def _create_role(self, call: Call) -> Answer:
        role = self._guilds.create_role(self._here(call), call.body(_RoleBody).change(), by=call.user.id)
        return role_payload(role)

    async def _change_role(self, call: Call) -> Answer:
        guild = self._here(call)
        role = self._guilds.change_role(guild, call.id("role"), call.body(_RoleBody).change(), by=call.user.id)
        return role_payload(role)

    async def _place_roles(self, call: Call) -> Answer:
        guild = self._here(call)
        places = parsed(_RolePlaces, {"places": call.sent.data}).places
        wanted = {place.id: place.position for place in places if place.position is not None}
        self._guilds.place_roles(guild, wanted, by=call.user.id)
        return [role_payload(role) for role in guild.roles.values()]

    async def _delete_role(self, call: Call) -> Answer:
        self._guilds.delete_role(self._here(call), call.id("role"), by=call.user.id)
        return None

    async def _nothing(self, call: Call) -> Answer:
        self._here(call)
        return []

    async def _voice_state(self, call: Call) -> Answer:
        guild = self._here(call)
        state = guild.voice.get(call.id("user"))
        if state is None:
            raise unknown("voice state")
        return voice_state_payload(guild.id, state, state.user_id, self._member_payload(guild, state.user_id))
