"""A tiny Discord in memory, a real `Surface`: servers, roles with rights in channels, members, messages."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from chat.rights import READ, Right
from tools.context import ToolContext
from tools.surface import Member, SurfaceError

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
BASE = frozenset({*READ, Right.SEND_MESSAGES, Right.SEND_IN_THREADS, Right.ADD_REACTIONS})
EVERYONE = "@everyone"


@dataclass
class Place:
    """A channel and what each role may do in it; a role without an entry adds nothing."""

    channel: Channel
    rights: dict[str, frozenset[Right]]
    messages: list[Message] = field(default_factory=list[Message])
    reactions: list[tuple[MessageId, str]] = field(default_factory=list[tuple[MessageId, str]])


class World:
    """Implements `tools.surface.Surface` and is changed by the tests as admins and members change Discord."""

    def __init__(self) -> None:
        self.places: dict[ChannelId, Place] = {}
        self.guilds: dict[GuildId, Guild] = {}
        self.people: dict[GuildId, dict[UserId, Member]] = defaultdict(dict)
        self.dms: dict[ChannelId, UserId] = {}
        self.posted: dict[str, Message] = {}
        self._next = snowflake_at(NOW)

    def new_id(self) -> int:
        self._next += 1
        return self._next

    def add_guild(self, name: str) -> Guild:
        guild = Guild(GuildId(self.new_id()), name)
        self.guilds[guild.id] = guild
        return guild

    def add_member(self, guild: Guild, name: str, *roles: str, nick: str = "", person: Person | None = None) -> Person:
        shown = nick or name
        person = Person(person.id if person else UserId(self.new_id()), shown, is_bot="bot" in roles)
        names = (nick, name) if nick else (name,)
        self.people[guild.id][person.id] = Member(person, name.lower(), names, roles)
        return person

    def add_channel(
        self,
        guild: Guild,
        name: str,
        rights: dict[str, frozenset[Right]] | None = None,
        *,
        kind: ChannelKind = ChannelKind.TEXT,
        category: str = "",
        parent: Channel | None = None,
    ) -> Channel:
        channel = Channel(
            ChannelId(self.new_id()), guild.id, name, kind, category=category, parent_id=parent.id if parent else None
        )
        self.places[channel.id] = Place(channel, {EVERYONE: BASE} if rights is None else rights)
        return channel

    def add_dm(self, person: Person) -> Channel:
        channel = Channel(ChannelId(self.new_id()), None, person.name, ChannelKind.DM)
        self.places[channel.id] = Place(channel, {})
        self.dms[channel.id] = person.id
        return channel

    def say(self, channel: Channel, author: Person, text: str, *, reply_to: MessageId | None = None) -> Message:
        message = Message(
            MessageId(self.new_id()), channel.id, channel.guild_id, author, text, created_at=NOW, reply_to=reply_to
        )
        self.places[channel.id].messages.append(message)
        return message

    def guild(self, guild_id: GuildId) -> Guild | None:
        return self.guilds.get(guild_id)

    async def guilds_of(self, user_id: UserId) -> Sequence[Guild]:
        return [guild for guild in self.guilds.values() if user_id in self.people[guild.id]]

    def channel(self, channel_id: ChannelId) -> Channel | None:
        place = self.places.get(channel_id)
        return place.channel if place else None

    def channels(self, guild_id: GuildId) -> Sequence[Channel]:
        return [place.channel for place in self.places.values() if place.channel.guild_id == guild_id]

    async def members(self, guild_id: GuildId) -> Sequence[Member]:
        return list(self.people[guild_id].values())

    async def rights(self, user_id: UserId, channel_id: ChannelId) -> frozenset[Right]:
        return self._rights(user_id, channel_id)

    async def shareable(self, into: ChannelId, sources: Collection[ChannelId]) -> frozenset[ChannelId]:
        if into not in self.places:
            return frozenset()
        guild_id = self.places[into].channel.guild_id
        people = [self.dms[into]] if guild_id is None else list(self.people[guild_id])
        readers = [person for person in people if Right.VIEW_CHANNEL in self._rights(person, into)]
        return frozenset(
            source for source in sources if source == into or all(self._rights(one, source) >= READ for one in readers)
        )

    async def history(self, channel_id: ChannelId, *, limit: int, before: MessageId | None = None) -> Sequence[Message]:
        said = self.places[channel_id].messages
        return [message for message in said if before is None or message.id < before][-limit:]

    async def post(self, channel_id: ChannelId, text: str, *, key: str, mention: Collection[UserId] = ()) -> Message:
        assert not mention
        if key not in self.posted:
            self.posted[key] = self.say(self.places[channel_id].channel, Person(UserId(1), "bot", is_bot=True), text)
        return self.posted[key]

    async def react(self, channel_id: ChannelId, message_id: MessageId, emoji: str) -> None:
        if all(message.id != message_id for message in self.places[channel_id].messages):
            raise SurfaceError("that message does not exist (any more)")
        self.places[channel_id].reactions.append((message_id, emoji))

    def _rights(self, user_id: UserId, channel_id: ChannelId) -> frozenset[Right]:
        place = self.places.get(channel_id)
        if place is None:
            return frozenset()
        if place.channel.guild_id is None:
            return BASE if self.dms[channel_id] == user_id or user_id == UserId(1) else frozenset()
        member = self.people[place.channel.guild_id].get(user_id)
        if member is None:
            return frozenset()
        held = frozenset[Right]().union(*(place.rights.get(role, frozenset()) for role in (EVERYONE, *member.roles)))
        return held if Right.VIEW_CHANNEL in held else frozenset()


class Town(World):
    """The world most tests live in: a server with open, announcing, private and threaded channels."""

    def __init__(self) -> None:
        super().__init__()
        self.here = self.add_guild("Town")
        me = Person(UserId(1), "digmbot", is_bot=True)
        self.bot = self.add_member(self.here, "digmbot", "bot", person=me)
        self.ada = self.add_member(self.here, "ada", "lead", nick="Ada")
        self.mia = self.add_member(self.here, "mia.k", nick="Mia")
        self.tom = self.add_member(self.here, "tom")
        leads = {"lead": BASE, "bot": BASE}
        self.general = self.add_channel(self.here, "general")
        self.ops = self.add_channel(self.here, "📣-ops", category="Work")
        self.news = self.add_channel(self.here, "news", {EVERYONE: READ, "bot": BASE})
        self.leads = self.add_channel(self.here, "leads", leads, category="Work")
        self.locked = self.add_channel(self.here, "locked", {EVERYONE: BASE - {Right.VIEW_CHANNEL}, "lead": BASE})
        self.thread = self.add_channel(
            self.here, "release talk", kind=ChannelKind.THREAD, parent=self.ops, category="Work"
        )

    def ask(
        self, asker: Person, text: str = "hello", *, at: Channel | None = None, reply_to: MessageId | None = None
    ) -> ToolContext:
        channel = at or self.general
        request = replace(self.say(channel, asker, text, reply_to=reply_to), created_at=NOW - timedelta(seconds=1))
        guild = self.guilds[channel.guild_id] if channel.guild_id else None
        return ToolContext(
            asker=asker,
            bot=self.bot,
            guild=guild,
            channel=channel,
            request=request,
            run_id="run",
            zone=ZoneInfo("Europe/Berlin"),
            call_key=f"{request.id}/-/tool/1",
        )
