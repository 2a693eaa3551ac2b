"""Who reads what, live from the gateway's cache: the ground of audience-safe recall.

People who hold the same roles read the same channels, unless an overwrite names them. So one member stands for
everybody with the same roles, and a server of thousands is judged by a few dozen comparisons. What Discord changes
(a role, an overwrite, a member) drops the server's answers: nothing here outlives the permissions it came from.
"""

from collections.abc import Collection

import discord

from bot.places import Place, TextPlace
from chat.ids import ChannelId, GuildId

Roles = frozenset[int]


class Audience:
    """Answers whether everybody who can read one channel may read another one's past, too."""

    def __init__(self) -> None:
        self._stand_ins: dict[GuildId, Collection[discord.Member]] = {}
        self._answers: dict[GuildId, dict[tuple[ChannelId, ChannelId], bool]] = {}

    def changed(self, guild_id: int) -> None:
        """Something about this server's people, roles or channels is different: forget what was worked out."""
        self._stand_ins.pop(GuildId(guild_id), None)
        self._answers.pop(GuildId(guild_id), None)

    def shareable(self, into: TextPlace, source: Place) -> bool:
        """Whether every reader of `into` may read the history of `source`; False when it cannot be known."""
        if into.id == source.id:
            return True
        guild = source.guild
        if into.guild.id != guild.id or _is_private_thread(source):
            return False
        answers = self._answers.setdefault(GuildId(guild.id), {})
        key = ChannelId(into.id), ChannelId(source.id)
        if key not in answers:
            answers[key] = self._all_may_read(guild, into, source)
        return answers[key]

    def _all_may_read(self, guild: discord.Guild, into: TextPlace, source: Place) -> bool:
        if not guild.chunked:
            return _open_to_everyone(guild, source) or _same_readers(into, source)
        if GuildId(guild.id) not in self._stand_ins:
            self._stand_ins[GuildId(guild.id)] = _stand_ins(guild)
        readers = (person for person in self._stand_ins[GuildId(guild.id)] if _sees(into, person))
        return all(may_read(source, person) for person in readers)


def may_read(place: Place, member: discord.Member) -> bool:
    """Whether the member may read what was said there before now (private threads: as their parent says)."""
    rights = place.permissions_for(member)
    return rights.view_channel and rights.read_message_history


def _sees(place: Place, member: discord.Member) -> bool:
    return place.permissions_for(member).view_channel


def _stand_ins(guild: discord.Guild) -> Collection[discord.Member]:
    """One member for each combination of roles, and everybody whom an overwrite names; the bot is no audience."""
    named = {target.id for channel in guild.channels for target in channel.overwrites} | {guild.owner_id}
    alike: dict[Roles, discord.Member] = {}
    single: list[discord.Member] = []
    for member in guild.members:
        if member == guild.me:
            continue
        if member.id in named:
            single.append(member)
        else:
            alike[frozenset(role.id for role in member.roles)] = member
    return [*alike.values(), *single]


def _is_private_thread(place: Place) -> bool:
    return isinstance(place, discord.Thread) and place.is_private()


def _overwrites(place: Place) -> dict[int, tuple[bool | None, bool | None]]:
    """What each role's and member's overwrite says about reading; the silent ones left out."""
    channel = place.parent if isinstance(place, discord.Thread) else place
    if channel is None:
        return {}
    says = {
        target.id: (overwrite.view_channel, overwrite.read_message_history)
        for target, overwrite in channel.overwrites.items()
    }
    return {target: said for target, said in says.items() if said != (None, None)}


def _open_to_everyone(guild: discord.Guild, place: Place) -> bool:
    everyone = place.permissions_for(guild.default_role)
    denied = any(False in said for said in _overwrites(place).values())
    return everyone.view_channel and everyone.read_message_history and not denied


def _same_readers(into: TextPlace, source: Place) -> bool:
    return _overwrites(into) == _overwrites(source)
