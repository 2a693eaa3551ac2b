"""The tool about people: who is on the server."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from chat.channels import Channel, Guild
from chat.rights import Right
from tools.calls import Effect, ToolError
from tools.context import ToolContext
from tools.directory import Directory
from tools.native import tool
from tools.permission import Permissions
from tools.quoting import fitting
from tools.resolve import fold
from tools.surface import Member, Surface


class ListedMember(BaseModel):
    """A member as the tool lists them. `<@id>` names them."""

    id: str
    name: str
    username: str
    also_called: list[str] | None = None
    roles: list[str] | None = None
    is_bot: bool | None = None


class MemberList(BaseModel):
    """Members of the server, by name."""

    members: list[ListedMember]
    found: int = Field(description="How many fit, listed or not.")
    note: str | None = None


class MemberTools:
    """What the agent can learn about people."""

    def __init__(self, *, surface: Surface, directory: Directory, permissions: Permissions) -> None:
        self._surface = surface
        self._directory = directory
        self._permissions = permissions

    @tool(title="List members", effect=Effect.READ, reads_others=True)
    async def list_members(
        self,
        *,
        name: Annotated[
            str | None, Field(description="Only those with this in one of their names.", max_length=100)
        ] = None,
        role: Annotated[str | None, Field(description="Only those with this role.", max_length=100)] = None,
        channel: Annotated[
            str | None, Field(description="Only those who can see this channel: name, mention or id.", max_length=200)
        ] = None,
        limit: Annotated[int, Field(ge=1, le=100, description="How many to list.")] = 25,
        server: Annotated[
            str | None, Field(description="In a direct message, which server: its name or id.", max_length=100)
        ] = None,
        context: ToolContext,
    ) -> MemberList:
        """List people on this server, by name or role, with their ids. Ask for what is needed, not for everybody.

        Name a person in an answer as `<@id>`: Discord shows their name, and nobody is pinged.
        """
        guild = await self._directory.server(context, server)
        members = await self._surface.members(guild.id)
        found = await asyncio.to_thread(_filtered, members, name, _role(members, role, guild))
        if channel is not None:
            found = await self._who_see(context, await self._directory.channel(context, channel), found)
        found = sorted(found, key=lambda member: (member.person.name.casefold(), member.person.id))
        shown = fitting([_listed(member) for member in found[:limit]])
        left_out = len(found) - len(shown)
        note = f"{left_out} more; narrow it down by name or role" if left_out else None
        return MemberList(members=shown, found=len(found), note=note)

    async def _who_see(self, context: ToolContext, channel: Channel, members: Sequence[Member]) -> list[Member]:
        """Who sees a channel is itself told only where everybody may know of the channel."""
        await self._permissions.require(context, channel)
        if not await self._permissions.namable(context, [channel]):
            raise ToolError(f"Not everybody here may know of <#{channel.id}>; ask in a direct message.")
        return [
            member
            for member in members
            if Right.VIEW_CHANNEL in await self._surface.rights(member.person.id, channel.id)
        ]


def _role(members: Sequence[Member], role: str | None, guild: Guild) -> str | None:
    """The role's folded name. Raises ToolError when nobody has one that is called so."""
    if role is None:
        return None
    wanted = fold(role.strip().removeprefix("@"))
    roles = {fold(each): each for member in members for each in member.roles}
    if wanted in roles:
        return wanted
    listed = ", ".join(sorted(roles.values())[:30]) or "none"
    raise ToolError(f"Nobody on {guild.name} has a role called {role!r}; roles: {listed}.", quotes_others=True)


def _filtered(members: Sequence[Member], name: str | None, role: str | None) -> Sequence[Member]:
    wanted = fold(name.strip().removeprefix("@")) if name else ""
    return [
        member
        for member in members
        if (role is None or role in map(fold, member.roles))
        and (not wanted or any(wanted in fold(each) for each in (member.person.name, member.username, *member.names)))
    ]


def _listed(member: Member) -> ListedMember:
    others = [name for name in dict.fromkeys(member.names) if name not in {member.person.name, member.username}]
    return ListedMember(
        id=str(member.person.id),
        name=member.person.name,
        username=member.username,
        also_called=others or None,
        roles=list(member.roles) or None,
        is_bot=True if member.person.is_bot else None,
    )
