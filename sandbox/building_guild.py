"""One server of a world as records: roles, members, channels and their overwrites, by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.models import (
    THREAD_TYPES,
    Channel,
    ChannelType,
    Contents,
    Guild,
    Member,
    Overwrite,
    Role,
    ThreadPart,
    User,
)
from sandbox.permissions import EVERYONE_DEFAULT
from sandbox.snowflake import derived, time_of
from sandbox.world_file import WorldChannel, WorldGuild, WorldOverwrite

_KINDS = {
    "text": ChannelType.TEXT,
    "voice": ChannelType.VOICE,
    "category": ChannelType.CATEGORY,
    "announcement": ChannelType.ANNOUNCEMENT,
    "forum": ChannelType.FORUM,
    "stage": ChannelType.STAGE,
    "thread": ChannelType.PUBLIC_THREAD,
    "public_thread": ChannelType.PUBLIC_THREAD,
    "private_thread": ChannelType.PRIVATE_THREAD,
}
_JOINED = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass
class GuildBuilder:
    """Fills `guild` and `contents`; what does not fit becomes a sentence in `problems`."""

    where: str
    spec: WorldGuild
    guild: Guild
    contents: Contents
    by_name: dict[str, User]
    problems: list[str]
    role_by_name: dict[str, Role] = field(default_factory=dict[str, Role])
    channel_by_name: dict[str, Channel] = field(default_factory=dict[str, Channel])

    def roles(self) -> None:
        guild = self.guild
        everyone = Role(guild.id, "@everyone", EVERYONE_DEFAULT, 0)
        guild.roles[guild.id] = self.role_by_name["@everyone"] = everyone
        for index, spec in enumerate(self.spec.roles):
            here = f'{self.where}: roles[{index}] "{spec.name}"'
            if spec.name == "@everyone":
                everyone.permissions = EVERYONE_DEFAULT if spec.permissions is None else spec.permissions
                continue
            role_id = spec.id or derived("role", self.spec.name, spec.name)
            if spec.name in self.role_by_name or role_id in guild.roles:
                self.problems.append(f"{here}: there is already a role of this name or id")
                continue
            # Listed from the top, as Discord shows them.
            position = len(self.spec.roles) - index if spec.position is None else spec.position
            role = Role(role_id, spec.name, spec.permissions or 0, position, spec.color, spec.hoist, spec.mentionable)
            guild.roles[role.id] = self.role_by_name[spec.name] = role

    def members(self, bots: Iterable[Member]) -> None:
        guild = self.guild
        listed: set[str] = set()
        for bot in bots:
            guild.members[bot.user_id] = bot
        for index, spec in enumerate(self.spec.members):
            here = f'{self.where}: members[{index}] "{spec.name}"'
            user = self.by_name.get(spec.name)
            if user is None:
                continue
            if spec.name in listed:
                self.problems.append(f"{here}: is listed twice")
            listed.add(spec.name)
            if spec.token not in (None, user.token) or spec.id not in (None, user.id):
                self.problems.append(f"{here}: has another id or token elsewhere in this file")
            if spec.display_name is not None and spec.display_name != user.global_name:
                self.problems.append(f"{here}: has another display name elsewhere in this file; use nick")
            joined = spec.joined or _JOINED
            joined = joined if joined.tzinfo else joined.replace(tzinfo=UTC)
            guild.members[user.id] = Member(user.id, joined, spec.nick, self._role_ids(here, spec.roles))
        owner = self.by_name.get(self.spec.owner)
        if owner is None or owner.id not in guild.members:
            self.problems.append(f'{self.where}: the owner "{self.spec.owner}" is not among its members')
        else:
            guild.owner_id = owner.id

    def _role_ids(self, here: str, names: Iterable[str]) -> list[int]:
        found: list[int] = []
        for name in names:
            role = self.role_by_name.get(name)
            if role is None:
                self.problems.append(f'{here}: there is no role "{name}"')
            elif role.id != self.guild.id:
                found.append(role.id)
        return found

    def channels(self) -> None:
        for index, spec in enumerate(self.spec.channels):
            here = f'{self.where}: channels[{index}] "{spec.name}"'
            channel = self._channel(here, index, spec)
            if spec.name in self.channel_by_name or channel.id in self.contents.channels:
                self.problems.append(f"{here}: there is already a channel of this name or id")
                continue
            self.contents.channels[channel.id] = self.channel_by_name[spec.name] = channel
            threads = channel.type in THREAD_TYPES
            (self.guild.thread_ids if threads else self.guild.channel_ids).append(channel.id)
        for index, spec in enumerate(self.spec.channels):
            self._place(f'{self.where}: channels[{index}] "{spec.name}"', spec)
        self._away()

    def _away(self) -> None:
        if (name := self.spec.afk_channel) is None:
            return
        channel = self.channel_by_name.get(name)
        if channel is None or channel.type is not ChannelType.VOICE:
            self.problems.append(f'{self.where}: afk_channel: there is no voice channel called "{name}"')
        else:
            self.guild.afk_channel_id = channel.id

    def _channel(self, here: str, index: int, spec: WorldChannel) -> Channel:
        channel = Channel(
            spec.id or derived("channel", self.spec.name, spec.name),
            _KINDS[spec.kind],
            self.guild.id,
            spec.name,
            topic=spec.topic,
            position=index if spec.position is None else spec.position,
            nsfw=spec.nsfw,
            rate_limit_per_user=spec.slowmode,
        )
        for overwrite in spec.overwrites:
            if made := self._overwrite(here, overwrite):
                channel.overwrites[made.id] = made
        if channel.type in THREAD_TYPES:
            channel.thread = self._thread(here, spec, channel.id)
        return channel

    def _thread(self, here: str, spec: WorldChannel, number: int) -> ThreadPart:
        made_at = time_of(number) + timedelta(seconds=1)
        names = [*([spec.owner] if spec.owner else []), *spec.members]
        ids = {name: self._member_id(here, name) for name in names}
        members = {user_id: made_at for user_id in ids.values() if user_id is not None}
        owner = (ids.get(spec.owner) if spec.owner else None) or next(iter(members), self.guild.owner_id)
        # A thread that is still open must not look as if its archive time had passed long ago.
        return ThreadPart(owner, made_at, auto_archive_duration=10080, archived=spec.archived, members=members)

    def _overwrite(self, here: str, spec: WorldOverwrite) -> Overwrite | None:
        if (spec.role is None) == (spec.member is None):
            self.problems.append(f"{here}: an overwrite needs either a role or a member")
            return None
        if spec.member is not None:
            user_id = self._member_id(here, spec.member)
            return None if user_id is None else Overwrite(user_id, True, spec.allow, spec.deny)
        role = self.role_by_name.get(spec.role or "")
        if role is None:
            self.problems.append(f'{here}: an overwrite names the role "{spec.role}", which does not exist')
            return None
        return Overwrite(role.id, False, spec.allow, spec.deny)

    def _member_id(self, here: str, name: str) -> int | None:
        user = self.by_name.get(name)
        if user is None or user.id not in self.guild.members:
            self.problems.append(f'{here}: "{name}" is not a member of the server')
            return None
        return user.id

    def _place(self, here: str, spec: WorldChannel) -> None:
        channel = self.channel_by_name[spec.name]
        parent = self.channel_by_name.get(spec.parent or "")
        is_thread = channel.type in THREAD_TYPES
        if spec.parent is None:
            if is_thread:
                self.problems.append(f"{here}: a thread needs the channel it hangs from as parent")
            return
        if parent is None or (is_thread == (parent.type == ChannelType.CATEGORY)) or parent.type in THREAD_TYPES:
            wanted = "channel" if is_thread else "category"
            self.problems.append(f'{here}: there is no {wanted} "{spec.parent}" for its parent')
            return
        channel.parent_id = parent.id
        if channel.type == ChannelType.PUBLIC_THREAD and parent.type == ChannelType.ANNOUNCEMENT:
            channel.type = ChannelType.ANNOUNCEMENT_THREAD
        if not is_thread and not spec.overwrites:
            channel.overwrites.update(parent.overwrites)  # synced with its category, as Discord does at creation
