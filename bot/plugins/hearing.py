"""What discord.py tells that nobody but plugins wants to know, in the words of `events`."""

import discord

from bot.plugins.events import Event, MemberChanged, Reacted, VoiceMoved
from bot.render import to_guild, to_person
from chat.ids import ChannelId, GuildId, MessageId, UserId


def heard(name: str, told: tuple[object, ...]) -> Event | None:
    """The event that discord.py's `name` with these arguments is; None for all others."""
    match name, told:
        case "raw_reaction_add" | "raw_reaction_remove", (discord.RawReactionActionEvent() as raw,):
            guild = GuildId(raw.guild_id) if raw.guild_id else None
            where = ChannelId(raw.channel_id), guild, MessageId(raw.message_id)
            return Reacted(UserId(raw.user_id), *where, str(raw.emoji), added=name == "raw_reaction_add")
        case "voice_state_update", (
            discord.Member() as member,
            discord.VoiceState() as before,
            discord.VoiceState() as after,
        ):
            return _moved(member, before, after)
        case "member_join", (discord.Member() as member,):
            return MemberChanged(to_person(member), GuildId(member.guild.id), joined=True)
        case "raw_member_remove", (discord.RawMemberRemoveEvent() as gone,):
            return MemberChanged(to_person(gone.user), GuildId(gone.guild_id), joined=False)
        case _:
            return None


def _moved(member: discord.Member, before: discord.VoiceState, after: discord.VoiceState) -> VoiceMoved | None:
    was, now = before.channel, after.channel
    if (was.id if was else None) == (now.id if now else None):
        return None
    guild, afk = member.guild, member.guild.afk_channel
    in_voice = {
        UserId(person)
        for channel in (*guild.voice_channels, *guild.stage_channels)
        if channel != afk
        for person in channel.voice_states
    }
    with_them = {UserId(person) for person in now.voice_states if not _is_bot(guild, person)} if now else set[UserId]()
    return VoiceMoved(
        person=to_person(member),
        guild=to_guild(guild),
        before=ChannelId(was.id) if was else None,
        after=ChannelId(now.id) if now else None,
        afk=ChannelId(afk.id) if afk else None,
        with_them=frozenset(with_them - {member.id}),
        in_voice=frozenset(in_voice),
    )


def _is_bot(guild: discord.Guild, person: int) -> bool:
    member = guild.get_member(person)
    return member is not None and member.bot
