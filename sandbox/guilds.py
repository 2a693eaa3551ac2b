"""Changes to servers: members, roles, bans, with the rights and the order of roles that Discord asks for."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sandbox.errors import missing_permissions, unknown
from sandbox.hub import Hub
from sandbox.models import Guild, Member, Payload, Role
from sandbox.permissions import EVERYONE_DEFAULT, Permission, guild_permissions, top_position
from sandbox.state import State
from sandbox.views import Views
from sandbox.voice import Voice
from sandbox.wire import guild_payload, member_payload, role_payload, user_payload


@dataclass(frozen=True, slots=True)
class MemberChange:
    """The new values of the fields that are named in `given`."""

    given: AbstractSet[str]
    nick: str | None = None
    roles: list[int] | None = None
    timed_out_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleChange:
    """None leaves a value as it is."""

    name: str | None = None
    permissions: int | None = None
    color: int | None = None
    hoist: bool | None = None
    mentionable: bool | None = None


class Guilds:
    """Nobody manages a role or a member at or above their own highest role; the owner manages all."""

    def __init__(self, *, state: State, hub: Hub, voice: Voice, views: Views) -> None:
        self._state = state
        self._hub = hub
        self._voice = voice
        self._views = views

    def rename(self, guild: Guild, name: str, *, by: int) -> None:
        self._demand(guild, by, Permission.MANAGE_GUILD)
        guild.name = name
        self._hub.to_guild(guild.id, "GUILD_UPDATE", guild_payload(guild))

    # Members

    def change_member(self, guild: Guild, user_id: int, change: MemberChange, *, by: int) -> None:
        member = self._state.member(guild.id, user_id)
        if "nick" in change.given:
            self._demand(guild, by, Permission.CHANGE_NICKNAME if user_id == by else Permission.MANAGE_NICKNAMES)
            if user_id != by:
                self._demand_above(guild, by, member)
        if "roles" in change.given:
            self._check_roles(guild, member, set(change.roles or ()), by)
        if "communication_disabled_until" in change.given:
            self._demand(guild, by, Permission.MODERATE_MEMBERS)
            self._demand_above(guild, by, member)
        with self._views.watched(guild):
            if "nick" in change.given:
                member.nick = change.nick or None
            if "roles" in change.given:
                member.roles = list(dict.fromkeys(change.roles or ()))
            if "communication_disabled_until" in change.given:
                member.timed_out_until = change.timed_out_until
        self._tell_member(guild, member)

    def set_role(self, guild: Guild, user_id: int, role_id: int, *, by: int, held: bool) -> None:
        member = self._state.member(guild.id, user_id)
        roles = set(member.roles) | {role_id} if held else set(member.roles) - {role_id}
        if role_id not in guild.roles:
            raise unknown("role")
        ordered = [one for one in member.roles if one in roles] + ([role_id] if role_id not in member.roles else [])
        kept = [one for one in ordered if one in roles]
        self.change_member(guild, user_id, MemberChange({"roles"}, roles=kept), by=by)

    def _check_roles(self, guild: Guild, member: Member, wanted: set[int], by: int) -> None:
        self._demand(guild, by, Permission.MANAGE_ROLES)
        for role_id in wanted ^ set(member.roles):
            role = guild.roles.get(role_id)
            if role is None:
                raise unknown("role")
            self._demand_over(guild, by, role)

    def leave(self, guild: Guild, user_id: int) -> None:
        if user_id == guild.owner_id:
            raise missing_permissions()
        self._gone(guild, user_id)

    def remove_member(self, guild: Guild, user_id: int, *, by: int, needed: Permission) -> None:
        member = self._state.member(guild.id, user_id)
        self._demand(guild, by, needed)
        self._demand_above(guild, by, member)
        self._gone(guild, user_id)

    def ban(self, guild: Guild, user_id: int, *, by: int) -> None:
        user = self._state.user(user_id)
        self._demand(guild, by, Permission.BAN_MEMBERS)
        if user_id in guild.members:
            self.remove_member(guild, user_id, by=by, needed=Permission.BAN_MEMBERS)
        guild.banned.append(user_id)
        event: Payload = {"guild_id": str(guild.id), "user": user_payload(user)}
        self._hub.to_guild(guild.id, "GUILD_BAN_ADD", event)

    def unban(self, guild: Guild, user_id: int, *, by: int) -> None:
        self._demand(guild, by, Permission.BAN_MEMBERS)
        if user_id not in guild.banned:
            raise unknown("ban")
        guild.banned.remove(user_id)
        event: Payload = {"guild_id": str(guild.id), "user": user_payload(self._state.user(user_id))}
        self._hub.to_guild(guild.id, "GUILD_BAN_REMOVE", event)

    def join(self, guild: Guild, user_id: int) -> None:
        """Somebody comes in, as through an invitation. A bot, or a connected person, gets the whole server."""
        user = self._state.user(user_id)
        if user_id in guild.members:
            return
        member = guild.members[user_id] = Member(user_id, self._state.clock())
        self._views.introduce(guild, user_id)
        event: Payload = {"guild_id": str(guild.id), **member_payload(member, user)}
        self._hub.to_guild(guild.id, "GUILD_MEMBER_ADD", event)

    def _gone(self, guild: Guild, user_id: int) -> None:
        self._voice.leave(guild, user_id)
        self._views.farewell(guild, user_id)
        del guild.members[user_id]
        for thread in self._state.threads_of(guild):
            if thread.thread is not None:
                thread.thread.members.pop(user_id, None)
        event: Payload = {"guild_id": str(guild.id), "user": user_payload(self._state.user(user_id))}
        self._hub.to_guild(guild.id, "GUILD_MEMBER_REMOVE", event)

    def _tell_member(self, guild: Guild, member: Member) -> None:
        event: Payload = {"guild_id": str(guild.id), **member_payload(member, self._state.user(member.user_id))}
        self._hub.to_guild(guild.id, "GUILD_MEMBER_UPDATE", event, also_to=member.user_id)

    # Roles

    def create_role(self, guild: Guild, change: RoleChange, *, by: int) -> Role:
        self._demand(guild, by, Permission.MANAGE_ROLES)
        self._check_grant(guild, by, change)
        for other in guild.roles.values():
            if other.id != guild.id:
                other.position += 1
        permissions = EVERYONE_DEFAULT if change.permissions is None else change.permissions
        role = Role(self._state.ids.new(), change.name or "new role", permissions, 1)
        role.color, role.hoist = change.color or 0, bool(change.hoist)
        role.mentionable = bool(change.mentionable)
        guild.roles[role.id] = role
        self._tell_role(guild, role, "GUILD_ROLE_CREATE")
        return role

    def change_role(self, guild: Guild, role_id: int, change: RoleChange, *, by: int) -> Role:
        role = self._role(guild, role_id, by)
        self._check_grant(guild, by, change)

        def apply() -> None:
            role.name = role.name if change.name is None else change.name
            role.permissions = role.permissions if change.permissions is None else change.permissions
            role.color = role.color if change.color is None else change.color
            role.hoist = role.hoist if change.hoist is None else change.hoist
            role.mentionable = role.mentionable if change.mentionable is None else change.mentionable

        self._apply(guild, apply)
        self._tell_role(guild, role, "GUILD_ROLE_UPDATE")
        return role

    def place_roles(self, guild: Guild, wanted: Mapping[int, int], *, by: int) -> None:
        roles = [(self._role(guild, role_id, by), position) for role_id, position in wanted.items()]
        for role, position in roles:
            role.position = position
            self._tell_role(guild, role, "GUILD_ROLE_UPDATE")

    def delete_role(self, guild: Guild, role_id: int, *, by: int) -> None:
        role = self._role(guild, role_id, by)
        if role.id == guild.id:
            raise missing_permissions()

        def apply() -> None:
            for member in guild.members.values():
                if role.id in member.roles:
                    member.roles.remove(role.id)
            for channel in self._state.channels_of(guild):
                channel.overwrites.pop(role.id, None)
            del guild.roles[role.id]

        self._apply(guild, apply)
        self._hub.to_guild(guild.id, "GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)})

    def _apply(self, guild: Guild, change: Callable[[], None]) -> None:
        with self._views.watched(guild):
            change()

    def _role(self, guild: Guild, role_id: int, by: int) -> Role:
        self._demand(guild, by, Permission.MANAGE_ROLES)
        role = guild.roles.get(role_id)
        if role is None:
            raise unknown("role")
        self._demand_over(guild, by, role)
        return role

    def _tell_role(self, guild: Guild, role: Role, name: str) -> None:
        self._hub.to_guild(guild.id, name, {"guild_id": str(guild.id), "role": role_payload(role)})

    # Rights

    def _demand(self, guild: Guild, user_id: int, needed: Permission) -> None:
        self._state.guild_with(guild.id, user_id, needed)

    def _demand_above(self, guild: Guild, user_id: int, other: Member) -> None:
        if other.user_id != user_id and top_position(guild, guild.members[user_id]) <= top_position(guild, other):
            raise missing_permissions()

    def _demand_over(self, guild: Guild, user_id: int, role: Role) -> None:
        if top_position(guild, guild.members[user_id]) <= role.position:
            raise missing_permissions()

    def _check_grant(self, guild: Guild, user_id: int, change: RoleChange) -> None:
        """Nobody gives away permissions that they do not hold."""
        held = guild_permissions(guild, guild.members[user_id])
        if change.permissions is not None and change.permissions & ~held:
            raise missing_permissions()
