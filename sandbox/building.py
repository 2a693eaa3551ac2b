"""From a world to the sandbox's contents: ids are derived, names looked up, every loose end reported at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.building_guild import GuildBuilder
from sandbox.media import Files, attachment_of
from sandbox.models import Application, Channel, ChannelType, Contents, Guild, Member, Message, Reference, User
from sandbox.snowflake import derived, snowflake_at
from sandbox.world_file import World, WorldBot, WorldError, WorldGuild, WorldMember, WorldMessage, WorldPerson

_PRIVILEGED_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
_AGO = re.compile(r"(\d+)\s*([wdhms])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True)
class Built:
    """A world as records, and the bytes of its attachments."""

    contents: Contents
    files: Files


def build(world: World, now: datetime | None = None) -> Built:
    """Raises `WorldError` with one sentence for each thing that does not fit."""
    builder = _Builder(world, now or datetime.now(UTC))
    builder.people()
    for index, guild in enumerate(world.guilds):
        builder.guild(f'guilds[{index}] "{guild.name}"', guild)
    builder.direct_messages()
    if builder.problems:
        raise WorldError(builder.problems)
    builder.contents.messages = dict(sorted(builder.contents.messages.items()))
    return Built(builder.contents, builder.files)


@dataclass
class _Builder:
    world: World
    now: datetime
    contents: Contents = field(default_factory=Contents)
    files: Files = field(default_factory=Files)
    problems: list[str] = field(default_factory=list[str])
    by_name: dict[str, User] = field(default_factory=dict[str, User])

    def people(self) -> None:
        for index, person in enumerate(self.world.people):
            self._person(f'people[{index}] "{person.name}"', person)
        for index, bot in enumerate(self.world.bots):
            where = f'bots[{index}] "{bot.name}"'
            if user := self._person(where, bot, is_bot=True):
                self._application(where, bot, user)
        for g, guild in enumerate(self.world.guilds):
            for m, member in enumerate(guild.members):
                if member.name not in self.by_name:
                    self._person(f'guilds[{g}] "{guild.name}": members[{m}] "{member.name}"', member)
        known = {guild.name for guild in self.world.guilds}
        self.problems += [
            f'bots[{index}] "{bot.name}": there is no guild "{name}"'
            for index, bot in enumerate(self.world.bots)
            for name in bot.guilds or ()
            if name not in known
        ]

    def _person(self, where: str, person: WorldPerson | WorldBot | WorldMember, *, is_bot: bool = False) -> User | None:
        if person.name in self.by_name:
            self.problems.append(f"{where}: there is already somebody of this name")
            return None
        bot = is_bot or (not isinstance(person, WorldBot) and person.bot)
        user_id = person.id or derived("user", person.name)
        token = person.token or f"{'bot' if bot else 'person'}-{derived('token', person.name):x}"
        if user_id in self.contents.users:
            self.problems.append(f"{where}: the id {user_id} is already taken")
        if any(other.token == token for other in self.contents.users.values()):
            self.problems.append(f"{where}: somebody else already has this token")
        user = User(user_id, person.name, person.display_name, bot, token)
        self.contents.users[user.id] = self.by_name[person.name] = user
        return user

    def _application(self, where: str, bot: WorldBot, user: User) -> None:
        owner = self.by_name.get(bot.owner or "") or next((u for u in self.by_name.values() if not u.bot), user)
        if bot.owner is not None and bot.owner not in self.by_name:
            self.problems.append(f'{where}: there is nobody called "{bot.owner}" to own it')
        flags = sum(_PRIVILEGED_FLAGS[name] for name in set(bot.intents))
        self.contents.applications[user.id] = Application(user.id, bot.name, bot.description, flags, owner.id)

    def guild(self, where: str, spec: WorldGuild) -> None:
        guild = Guild(spec.id or derived("guild", spec.name), spec.name, 0)
        if guild.id in self.contents.guilds:
            self.problems.append(f"{where}: there is already a guild of this name or id")
            return
        self.contents.guilds[guild.id] = guild
        builder = GuildBuilder(where, spec, guild, self.contents, self.by_name, self.problems)
        builder.roles()
        builder.members(self._joining_bots(spec))
        builder.channels()
        self._messages(where, spec, guild, builder.channel_by_name)

    def _joining_bots(self, spec: WorldGuild) -> Iterable[Member]:
        joined = datetime(2023, 1, 1, tzinfo=UTC)
        for bot in self.world.bots:
            if (bot.guilds is None or spec.name in bot.guilds) and bot.name in self.by_name:
                yield Member(self.by_name[bot.name].id, joined)

    def _messages(self, where: str, spec: WorldGuild, guild: Guild, channels: dict[str, Channel]) -> None:
        keys: dict[str, Message] = {}
        for index, said in enumerate(spec.messages):
            here = f"{where}: messages[{index}]"
            channel, author = channels.get(said.channel.removeprefix("#")), self.by_name.get(said.author)
            if channel is None or channel.type == ChannelType.CATEGORY:
                self.problems.append(f'{here}: there is no channel "{said.channel}" to write in')
            if author is None or author.id not in guild.members:
                self.problems.append(f'{here}: the author "{said.author}" is not a member of the server')
            when = self._when(here, said.at, said.ago)
            if channel is None or author is None or when is None:
                continue
            message = self._message(channel, author, said.text, when, said.id)
            self._decorate(here, said, message, keys)
            if said.key is not None and keys.setdefault(said.key, message) is not message:
                self.problems.append(f'{here}: the key "{said.key}" is already used')

    def _message(self, channel: Channel, author: User, text: str, when: datetime, given: int | None) -> Message:
        number = given or snowflake_at(when)
        while number in self.contents.messages:
            number += 1
        message = Message(number, channel.id, author.id, text, when)
        self.contents.messages[number] = message
        channel.last_message_id = max(channel.last_message_id or 0, number)
        if channel.thread is not None:
            channel.thread.message_count += 1
        return message

    def _decorate(self, here: str, said: WorldMessage, message: Message, keys: dict[str, Message]) -> None:
        message.mentions = [int(found) for found in dict.fromkeys(re.findall(r"<@!?(\d+)>", said.text))]
        message.pinned_at = message.created_at if said.pinned else None
        message.edited_at = message.created_at if said.edited else None
        if said.reply_to is not None:
            target = keys.get(said.reply_to)
            if target is None:
                self.problems.append(f'{here}: no earlier message has the key "{said.reply_to}"')
            else:
                message.type = 19
                message.reference = Reference(target.channel_id, target.id, None)
        for reaction in said.reactions:
            for name in reaction.by:
                if name not in self.by_name:
                    self.problems.append(f'{here}: there is nobody called "{name}" to react')
                else:
                    message.reactions.setdefault(reaction.emoji, []).append(self.by_name[name].id)
        for number, spec in enumerate(said.attachments):
            made = attachment_of(spec, message.id + number + 1, self.world.base or Path())
            if isinstance(made, str):
                self.problems.append(f'{here}: attachment "{spec.name}": {made}')
            else:
                message.attachments.append(made[0])
                self.files.put(made[0], made[1])

    def direct_messages(self) -> None:
        for index, said in enumerate(self.world.direct_messages):
            here = f"direct_messages[{index}]"
            author, other = self.by_name.get(said.author), self.by_name.get(said.to)
            missing = [name for name, user in ((said.author, author), (said.to, other)) if user is None]
            self.problems += [f'{here}: there is nobody called "{name}"' for name in missing]
            when = self._when(here, said.at, said.ago)
            if author is not None and other is not None and when is not None:
                self._message(self._direct_channel(author, other), author, said.text, when, None)

    def _direct_channel(self, one: User, other: User) -> Channel:
        first, second = sorted((one.id, other.id))
        number = derived("dm", str(first), str(second))
        made = Channel(number, ChannelType.DM, None, "", recipients=[first, second])
        return self.contents.channels.setdefault(number, made)

    def _when(self, here: str, at: datetime | None, ago: str | None) -> datetime | None:
        if at is not None and ago is not None:
            self.problems.append(f"{here}: give either at or ago, not both")
            return None
        if at is not None:
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if ago is None:
            return self.now
        parts = _AGO.findall(ago)
        if not parts or _AGO.sub("", ago).strip():
            self.problems.append(f'{here}: ago must look like "3d 4h", not "{ago}"')
            return None
        return self.now - timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})
