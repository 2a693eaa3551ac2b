"""The one permission function: what a run may do = what the bot may do ∩ what the asker may do ∩ the policy, live.

Everybody who acts for a person asks here at the moment of acting: tools, the MCP server, a reminder at its time. What
the asker may not see is treated as if it did not exist, in every sentence.

Its second half is the audience: what the asker may see is still not shown where some reader may not see it.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId
from chat.people import Person
from chat.rights import READ, Right
from tools.calls import ToolError
from tools.context import ToolContext
from tools.surface import Surface

THREADS = {ChannelKind.THREAD, ChannelKind.PRIVATE_THREAD}


class Policy(Protocol):
    """What the operator and the admins of a server let the bot be used for, on top of Discord's own rights."""

    async def refusal(
        self, asker: Person, channel: Channel, rights: frozenset[Right], *, at: Channel | None = None
    ) -> str | None:
        """One sentence why not; None to allow. `at`: where it was asked for, if that is known."""
        ...


class NoPolicy:
    """Discord's rights alone decide."""

    async def refusal(
        self, asker: Person, channel: Channel, rights: frozenset[Right], *, at: Channel | None = None
    ) -> str | None:
        del asker, channel, rights, at
        return None


class Permissions:
    """Answers for one pair of asker and bot at a time; keeps nothing, so a changed overwrite counts at once."""

    def __init__(self, *, surface: Surface, policy: Policy | None = None) -> None:
        self._surface = surface
        self._policy = policy or NoPolicy()

    async def refusal(
        self,
        channel: Channel,
        rights: Collection[Right],
        *,
        asker: Person,
        bot: Person,
        called: str = "",
        at: Channel | None = None,
    ) -> str | None:
        """Why this may not be done there now, in one sentence saying who lacks which right where; None if it may.

        `called` is how the sentence names the channel, by default by its name. `at` is where it was asked for. To see
        a channel is always needed.
        """
        needed = frozenset(_in_kind(right, channel.kind) for right in rights) | {Right.VIEW_CHANNEL}
        where = called or f"#{channel.name}"
        held = await self._surface.rights(asker.id, channel.id)
        if Right.VIEW_CHANNEL not in held:
            return f"There is no such channel that {asker.name} can see."
        if missing := needed - held:
            return _lacks(asker, missing, where)
        if missing := needed - await self._surface.rights(bot.id, channel.id):
            return _lacks(bot, missing, where)
        return await self._policy.refusal(asker, channel, needed, at=at)

    async def unwelcome(self, asker: Person, channel: Channel) -> str | None:
        """Why the policy alone keeps the bot from serving this person there; None if it does not."""
        return await self._policy.refusal(asker, channel, frozenset({Right.SEND_MESSAGES}), at=channel)

    async def require(self, context: ToolContext, channel: Channel, *rights: Right) -> None:
        """Raises ToolError with the sentence of `refusal`."""
        if await self.may(context, channel, *rights):
            return
        called, here = await self.label(context, channel), context.channel
        sentence = await self.refusal(channel, rights, asker=context.asker, bot=context.bot, called=called, at=here)
        if sentence is not None:
            raise ToolError(sentence, quotes_others=True)

    async def may(self, context: ToolContext, channel: Channel, *rights: Right) -> bool:
        here = context.channel
        return await self.refusal(channel, rights, asker=context.asker, bot=context.bot, at=here) is None

    async def guilds(self, context: ToolContext) -> Sequence[Guild]:
        """The servers that the request may reach: the one it was made on; in a direct message all that the asker
        and the bot share.
        """
        return [context.guild] if context.guild else await self._surface.guilds_of(context.asker.id)

    async def visible_channels(self, context: ToolContext) -> Sequence[Channel]:
        """In the sidebar's order, server by server, what both the asker and the bot see."""
        listed = [channel for guild in await self.guilds(context) for channel in self._surface.channels(guild.id)]
        return [channel for channel in listed if await self.may(context, channel, Right.VIEW_CHANNEL)]

    async def visible(self, context: ToolContext, channel_id: ChannelId) -> Channel | None:
        """One channel within the request's reach by its id, also one that no list shows, such as an old thread."""
        if Right.VIEW_CHANNEL not in await self._surface.rights(context.asker.id, channel_id):
            return None
        channel = self._surface.channel(channel_id)
        if channel is None or not await self._reaches(context, channel):
            return None
        return channel if await self.may(context, channel, Right.VIEW_CHANNEL) else None

    async def readable(self, context: ToolContext, sources: Collection[ChannelId]) -> frozenset[ChannelId]:
        """Those channels within the request's reach whose past the asker and the bot may read: for an answer that
        nobody else sees.
        """
        readable: set[ChannelId] = set()
        for source in frozenset(sources):
            channel = await self.visible(context, source)
            if channel is not None and await self.may(context, channel, *READ):
                readable.add(source)
        return frozenset(readable)

    async def showable(self, context: ToolContext, sources: Collection[ChannelId]) -> frozenset[ChannelId]:
        """Those channels whose past may be quoted in the channel of the request: the asker and the bot may read
        them, and so may everybody who reads the answer.
        """
        return await self._surface.shareable(context.channel.id, await self.readable(context, sources))

    async def require_showable(self, context: ToolContext, channel: Channel) -> None:
        """Raises ToolError when the past of a channel may not be quoted in the channel of the request."""
        await self.require(context, channel, *READ)
        if channel.id == context.channel.id or await self._surface.shareable(context.channel.id, [channel.id]):
            return
        raise ToolError(
            f"Not everybody who reads this channel may read <#{channel.id}>, so it cannot be told here; "
            f"{context.asker.name} can ask in <#{channel.id}> itself or in a direct message."
        )

    async def namable(self, context: ToolContext, channels: Sequence[Channel]) -> list[Channel]:
        """Those channels that everybody who reads the answer may know of."""
        known = await self._surface.shareable(context.channel.id, [channel.id for channel in channels])
        return [channel for channel in channels if channel.id in known or channel.id == context.channel.id]

    async def label(self, context: ToolContext, channel: Channel) -> str:
        """`#name`; for a channel that not every reader may know of a mention, which Discord hides from them."""
        return f"#{channel.name}" if await self.namable(context, [channel]) else f"<#{channel.id}>"

    async def _reaches(self, context: ToolContext, channel: Channel) -> bool:
        if channel.guild_id is None:
            return channel.id == context.channel.id
        return any(channel.guild_id == guild.id for guild in await self.guilds(context))


def _in_kind(right: Right, kind: ChannelKind) -> Right:
    return Right.SEND_IN_THREADS if right is Right.SEND_MESSAGES and kind in THREADS else right


def _lacks(person: Person, missing: frozenset[Right], where: str) -> str:
    names = " and ".join(sorted(right.value for right in missing))
    plural = "s" if len(missing) > 1 else ""
    return f"{person.name} lacks the right{plural} {names} in {where}."
