"""`tools.surface.Surface` over discord.py: live rights and names from the gateway's cache, a few verbs over REST."""

import hashlib
from collections.abc import Collection, Sequence

import discord

from bot.audience import Audience
from bot.places import REST_FAILURES, Place, Places, TextPlace
from bot.render import to_channel, to_guild, to_message, to_person
from chat.channels import Channel, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.rights import Right
from tools.surface import Member, SurfaceError

RIGHTS = {
    Right.VIEW_CHANNEL: discord.Permissions(view_channel=True).value,
    Right.READ_HISTORY: discord.Permissions(read_message_history=True).value,
    Right.SEND_MESSAGES: discord.Permissions(send_messages=True).value,
    Right.SEND_IN_THREADS: discord.Permissions(send_messages_in_threads=True).value,
    Right.ADD_REACTIONS: discord.Permissions(add_reactions=True).value,
    Right.EMBED_LINKS: discord.Permissions(embed_links=True).value,
    Right.ATTACH_FILES: discord.Permissions(attach_files=True).value,
    Right.MENTION_EVERYONE: discord.Permissions(mention_everyone=True).value,
    Right.MANAGE_MESSAGES: discord.Permissions(manage_messages=True).value,
    Right.MANAGE_CHANNELS: discord.Permissions(manage_channels=True).value,
    Right.MANAGE_THREADS: discord.Permissions(manage_threads=True).value,
    Right.MANAGE_GUILD: discord.Permissions(manage_guild=True).value,
    Right.ADMINISTRATOR: discord.Permissions(administrator=True).value,
}
IN_A_DM = frozenset(
    {Right.VIEW_CHANNEL, Right.READ_HISTORY, Right.SEND_MESSAGES, Right.ADD_REACTIONS, Right.EMBED_LINKS}
    | {Right.ATTACH_FILES}
)


class DiscordSurface:
    """What the tools may see and do on Discord."""

    def __init__(self, client: discord.Client, *, places: Places, audience: Audience) -> None:
        self._client = client
        self._places = places
        self._audience = audience

    def guild(self, guild_id: GuildId) -> Guild | None:
        guild = self._client.get_guild(guild_id)
        return to_guild(guild) if guild else None

    async def guilds_of(self, user_id: UserId) -> Sequence[Guild]:
        shared = [guild for guild in self._client.guilds if await self._audience.is_member(user_id, guild)]
        return [to_guild(guild) for guild in sorted(shared, key=lambda guild: guild.id)]

    def channel(self, channel_id: ChannelId) -> Channel | None:
        place = self._places.cached(channel_id)
        return to_channel(place) if place else None

    def channels(self, guild_id: GuildId) -> Sequence[Channel]:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return []
        listed: list[Channel] = []
        for _, channels in guild.by_category():
            for channel in channels:
                if not isinstance(channel, Place):
                    continue
                listed.append(to_channel(channel))
                threads = [thread for thread in guild.threads if thread.parent_id == channel.id]
                listed += [to_channel(thread) for thread in sorted(threads, key=lambda thread: thread.id)]
        return listed

    async def members(self, guild_id: GuildId) -> Sequence[Member]:
        guild = self._client.get_guild(guild_id)
        return [_to_member(member) for member in guild.members] if guild else []

    async def rights(self, user_id: UserId, channel_id: ChannelId) -> frozenset[Right]:
        match await self._places.find(channel_id):
            case None:
                return frozenset()
            case discord.DMChannel(recipient=recipient):
                there = self._client.user, recipient
                return IN_A_DM if any(user and user.id == user_id for user in there) else frozenset()
            case place:
                return await self._rights_in(user_id, place)

    async def shareable(self, into: ChannelId, sources: Collection[ChannelId]) -> frozenset[ChannelId]:
        match await self._places.find(into):
            case discord.DMChannel(recipient=discord.User(id=reader)):
                return frozenset([source for source in sources if await self._reads(UserId(reader), source)])
            case None | discord.DMChannel() | discord.ForumChannel():
                return frozenset()
            case place:
                return frozenset([source for source in sources if await self._shareable(place, source)])

    async def history(self, channel_id: ChannelId, *, limit: int, before: MessageId | None = None) -> Sequence[Message]:
        place = await self._messageable(channel_id)
        cursor = discord.Object(before) if before else None
        try:
            newest_first = [to_message(message) async for message in place.history(limit=limit, before=cursor)]
        except REST_FAILURES as error:
            raise SurfaceError(why(error, f"read #{place}")) from error
        return newest_first[::-1]

    async def post(self, channel_id: ChannelId, text: str, *, key: str, mention: Collection[UserId] = ()) -> Message:
        place = await self._messageable(channel_id)
        allowed = discord.AllowedMentions(
            everyone=False, roles=False, replied_user=False, users=[discord.Object(user) for user in mention]
        )
        try:
            sent = await place.send(text, nonce=nonce(key), allowed_mentions=allowed, suppress_embeds=True)
        except REST_FAILURES as error:
            raise SurfaceError(why(error, f"write in #{place}")) from error
        return to_message(sent)

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        place = await self._messageable(channel_id)
        try:
            await place.get_partial_message(message_id).add_reaction(emoji)
        except (*REST_FAILURES, TypeError) as error:
            raise SurfaceError(why(error, f"react with {emoji}")) from error

    async def _shareable(self, into: TextPlace, source: ChannelId) -> bool:
        place = await self._places.find(source)
        return isinstance(place, Place) and await self._audience.shareable(into, place)

    async def _reads(self, reader: UserId, source: ChannelId) -> bool:
        return {Right.VIEW_CHANNEL, Right.READ_HISTORY} <= await self.rights(reader, source)

    async def _rights_in(self, user_id: UserId, place: Place) -> frozenset[Right]:
        held = await self._audience.permissions(user_id, place)
        return frozenset(right for right, needed in RIGHTS.items() if needed & held)

    async def _messageable(self, channel_id: ChannelId) -> TextPlace | discord.DMChannel:
        match await self._places.find(channel_id):
            case None:
                raise SurfaceError("that channel does not exist (any more)")
            case discord.ForumChannel():
                raise SurfaceError("a forum holds posts, not messages; name one of its posts or a text channel")
            case place:
                return place


def nonce(key: str) -> str:
    """Discord's once-only mark for a send: at most 25 characters, the same for the same key."""
    return hashlib.sha256(key.encode()).hexdigest()[:25]


def why(error: BaseException, doing: str) -> str:
    """One sentence for a member about a REST call that failed."""
    match error:
        case discord.Forbidden():
            return f"Discord does not let me {doing}: I lack the right to."
        case discord.NotFound():
            return f"I could not {doing}: it does not exist (any more)."
        case discord.HTTPException(text=str(text)) if error.status < 500:
            return f"Discord refused to let me {doing}: {text}"
        case TypeError():
            return f"I could not {doing}: that is no emoji I know."
        case _:
            return f"I could not {doing}: Discord is not answering properly right now; try again soon."


def _to_member(member: discord.Member) -> Member:
    names = dict.fromkeys([member.nick or member.display_name, member.global_name or member.name, member.name])
    roles = tuple(role.name for role in reversed(member.roles) if not role.is_default())
    return Member(to_person(member), member.name, tuple(names), roles)
