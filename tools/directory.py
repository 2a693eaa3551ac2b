"""From what people write to the channel or person they mean, told as a refusal when that cannot be known.

Only what the asker may see exists here, and candidates are named only as far as every reader of the answer may know
of them.
"""

import asyncio
from collections.abc import Sequence

from chat.channels import Channel, Guild
from chat.ids import UserId
from tools.calls import ToolError
from tools.context import ToolContext
from tools.permission import Permissions
from tools.resolve import (
    Ambiguous,
    Found,
    ListedChannel,
    Missing,
    channel_id_in,
    fold,
    person_id_in,
    resolve_channel,
    resolve_person,
)
from tools.surface import Member, Surface

SHOWN = 10
_HERE = {"", "here", "this channel", "current channel"}


class Directory:
    """Finds channels and people within the reach of a request."""

    def __init__(self, *, surface: Surface, permissions: Permissions) -> None:
        self._surface = surface
        self._permissions = permissions

    async def channel(self, context: ToolContext, written: str | None, *, exact: bool = False) -> Channel:
        """The channel that is meant; nothing and "here" mean the channel of the request. Raises ToolError.

        `exact`: a part of a name is not enough, for acts that cannot be taken back.
        """
        if written is None or written.strip().casefold() in _HERE:
            return context.channel
        channel_id = channel_id_in(written)
        if channel_id is not None and channel_id == context.channel.id:
            return context.channel
        if channel_id is not None and (channel := await self._permissions.visible(context, channel_id)):
            return channel
        match resolve_channel(written, await self.listed(context), exact=exact):
            case Found(entry):
                return entry.channel
            case Ambiguous(candidates):
                shown = await self._names(context, candidates)
                raise ToolError(f"{_quote(written)} could be {shown}; which one is meant?", quotes_others=True)
            case Missing(nearest):
                raise await self._no_channel(context, written, nearest)

    async def listed(self, context: ToolContext) -> Sequence[ListedChannel]:
        """What the asker and the bot both see, with the names of the servers."""
        names = {guild.id: guild.name for guild in await self._permissions.guilds(context)}
        visible = await self._permissions.visible_channels(context)
        return [ListedChannel(channel, names[channel.guild_id]) for channel in visible if channel.guild_id]

    async def server(self, context: ToolContext, written: str | None) -> Guild:
        """The server that is meant: on a server always that one, in a direct message one that is shared.
        Raises ToolError.
        """
        shared = await self._permissions.guilds(context)
        wanted = fold(written or "")
        fits = [guild for guild in shared if not wanted or wanted in {fold(guild.name), str(guild.id)}]
        if len(fits) == 1:
            return fits[0]
        names = "; ".join(f"{guild.name} (id {guild.id})" for guild in (fits or shared)[:SHOWN]) or "none"
        if wanted and not fits:
            raise ToolError(f"There is no server {_quote(written or '')} here; there are: {names}.", quotes_others=True)
        raise ToolError(f"Say which server is meant, with `server`: {names}.", quotes_others=True)

    async def person(self, context: ToolContext, written: str) -> Member:
        """The person that is meant. Raises ToolError."""
        known: dict[UserId, Member] = {}
        for guild in await self._permissions.guilds(context):
            for member in await self._surface.members(guild.id):
                known.setdefault(member.person.id, member)
        # A server may have very many members, and each name is folded: off the event loop.
        match await asyncio.to_thread(resolve_person, written, list(known.values()), me=context.asker.id):
            case Found(member):
                return member
            case Ambiguous(candidates):
                shown = "; ".join(_describe(member) for member in candidates[:SHOWN])
                raise ToolError(f"{_quote(written)} could be: {shown}; who is meant?", quotes_others=True)
            case Missing(nearest):
                hint = f" Close to it: {'; '.join(map(_describe, nearest))}." if nearest else ""
                raise ToolError(f"There is nobody called {_quote(written)} here.{hint}", quotes_others=bool(nearest))

    async def author(self, context: ToolContext, written: str) -> UserId:
        """Like `person`, but the id of somebody who has left will do. Raises ToolError."""
        try:
            return (await self.person(context, written)).person.id
        except ToolError:
            if (user_id := person_id_in(written)) is None:
                raise
            return user_id

    async def _no_channel(self, context: ToolContext, written: str, nearest: Sequence[ListedChannel]) -> ToolError:
        sentence = f"There is no channel {_quote(written)} that {context.asker.name} can see."
        known = await self._permissions.namable(context, [entry.channel for entry in nearest])
        near = [_locate(entry) for entry in nearest if entry.channel in known]
        hint = f" Close to it: {'; '.join(near)}." if near else ""
        return ToolError(sentence + hint, quotes_others=bool(near))

    async def _names(self, context: ToolContext, candidates: Sequence[ListedChannel]) -> str:
        known = await self._permissions.namable(context, [entry.channel for entry in candidates])
        named = [_locate(entry) for entry in candidates if entry.channel in known][:SHOWN]
        unnamed = len(candidates) - len(named)
        more = (
            [f"{unnamed} more" if named else f"{unnamed} channels that not everybody here may see"] if unnamed else []
        )
        return "; or ".join(named + more)


def _quote(written: str) -> str:
    return f"“{' '.join(written.split())[:100]}”"


def _locate(entry: ListedChannel) -> str:
    under = " / ".join(part for part in (entry.guild_name, entry.channel.category) if part)
    where = f", in {under}" if under else ""
    return f"#{entry.channel.name} (id {entry.channel.id}{where}, {entry.channel.kind.value})"


def _describe(member: Member) -> str:
    return f"{member.person.name} ({member.username}, id {member.person.id})"
