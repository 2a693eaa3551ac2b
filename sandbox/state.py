"""The sandbox's memory: finds users, servers, channels and messages, and says who may do what in them.

It changes nothing but its own indexes; the services (`messages`, `guilds`, `channels`, …)
change things and tell the hub.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from datetime import datetime

from sandbox.errors import missing_access, missing_permissions, unknown
from sandbox.media import Files
from sandbox.models import THREAD_TYPES, Application, Channel, ChannelType, Contents, Guild, Member, Message, User
from sandbox.permissions import IN_A_DM, Permission, channel_permissions, guild_permissions
from sandbox.snowflake import Snowflakes, derived


class State:
    """All records with the indexes that keep every look-up independent of how much was said."""

    def __init__(self, *, contents: Contents, files: Files, clock: Callable[[], datetime]) -> None:
        self.contents = contents
        self.files = files
        self.clock = clock
        self.ids = Snowflakes(clock=clock)
        self._by_token = {user.token: user for user in contents.users.values()}
        self._in_channel: dict[int, list[int]] = {}
        for message_id, message in contents.messages.items():
            if message.ephemeral_to is None:
                insort(self._in_channel.setdefault(message.channel_id, []), message_id)

    # Finding

    def user_of_token(self, token: str) -> User | None:
        return self._by_token.get(token)

    def user(self, user_id: int) -> User:
        found = self.contents.users.get(user_id)
        if found is None:
            raise unknown("user")
        return found

    def user_named(self, name: str) -> User:
        for user in self.contents.users.values():
            if name in (user.username, user.global_name):
                return user
        raise KeyError(f"there is nobody called {name!r} in this world")

    def application(self, application_id: int) -> Application:
        found = self.contents.applications.get(application_id)
        if found is None:
            raise unknown("application")
        return found

    def guild_for(self, guild_id: int, user_id: int) -> Guild:
        """The server, for somebody who is in it."""
        guild = self.contents.guilds.get(guild_id)
        if guild is None:
            raise unknown("guild")
        if user_id not in guild.members:
            raise missing_access()
        return guild

    def guild(self, guild_id: int) -> Guild:
        found = self.contents.guilds.get(guild_id)
        if found is None:
            raise unknown("guild")
        return found

    def guilds_of(self, user_id: int) -> list[Guild]:
        return [guild for guild in self.contents.guilds.values() if user_id in guild.members]

    def member(self, guild_id: int, user_id: int) -> Member:
        found = self.guild(guild_id).members.get(user_id)
        if found is None:
            raise unknown("member")
        return found

    def guild_named(self, name: str) -> Guild:
        for guild in self.contents.guilds.values():
            if guild.name == name:
                return guild
        raise KeyError(f"there is no server called {name!r} in this world")

    def channel_named(self, name: str, guild_id: int | None = None) -> Channel:
        for channel in self.contents.channels.values():
            if channel.name == name and guild_id in (None, channel.guild_id):
                return channel
        raise KeyError(f"there is no channel called {name!r} in this world")

    def channel(self, channel_id: int) -> Channel:
        found = self.contents.channels.get(channel_id)
        if found is None:
            raise unknown("channel")
        return found

    def channels_of(self, guild: Guild) -> list[Channel]:
        return [self.contents.channels[number] for number in guild.channel_ids]

    def threads_of(self, guild: Guild) -> list[Channel]:
        return [self.contents.channels[number] for number in guild.thread_ids]

    def direct_channel(self, one: int, other: int) -> tuple[Channel, bool]:
        """The DM of two users, and whether it is new."""
        first, second = sorted((one, other))
        number = derived("dm", str(first), str(second))
        if found := self.contents.channels.get(number):
            return found, False
        made = Channel(number, ChannelType.DM, None, "", recipients=[first, second])
        self.contents.channels[number] = made
        return made, True

    # Messages

    def message(self, channel_id: int, message_id: int) -> Message:
        found = self.contents.messages.get(message_id)
        if found is None or found.channel_id != channel_id or found.ephemeral_to is not None:
            raise unknown("message")
        return found

    def add_message(self, message: Message) -> None:
        self.contents.messages[message.id] = message
        if message.ephemeral_to is None:
            insort(self._in_channel.setdefault(message.channel_id, []), message.id)
            self.channel(message.channel_id).last_message_id = message.id

    def drop_message(self, message: Message) -> None:
        self.contents.messages.pop(message.id, None)
        listed = self._in_channel.get(message.channel_id, [])
        place = bisect_left(listed, message.id)
        if place < len(listed) and listed[place] == message.id:
            del listed[place]
        for attachment in message.attachments:
            self.files.drop(attachment.id)

    def messages_in(
        self, channel_id: int, *, before: int | None, after: int | None, around: int | None, limit: int
    ) -> list[Message]:
        """Newest first, as Discord lists them."""
        listed = self._in_channel.get(channel_id, [])
        if around is not None:
            place = bisect_left(listed, around)
            start = max(0, place - limit // 2)
            chosen = listed[start : start + limit]
        elif after is not None:
            start = bisect_right(listed, after)
            chosen = listed[start : start + limit]
        else:
            end = len(listed) if before is None else bisect_left(listed, before)
            chosen = listed[max(0, end - limit) : end]
        return [self.contents.messages[number] for number in reversed(chosen)]

    def all_in(self, channel_id: int) -> Iterator[Message]:
        return (self.contents.messages[number] for number in self._in_channel.get(channel_id, []))

    def drop_channel(self, channel: Channel) -> None:
        for message in list(self.all_in(channel.id)):
            self.drop_message(message)
        self._in_channel.pop(channel.id, None)
        self.contents.channels.pop(channel.id, None)
        if channel.guild_id is not None:
            guild = self.guild(channel.guild_id)
            kept = guild.thread_ids if channel.type in THREAD_TYPES else guild.channel_ids
            kept.remove(channel.id)

    # Rights

    def permissions_in(self, channel: Channel, user_id: int) -> int:
        if channel.guild_id is None:
            return IN_A_DM if user_id in channel.recipients else 0
        guild = self.contents.guilds[channel.guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return 0
        parent = self.contents.channels.get(channel.parent_id) if channel.parent_id is not None else None
        return channel_permissions(guild, member, channel, parent, self.clock())

    def sees(self, channel: Channel, user_id: int) -> bool:
        return bool(self.permissions_in(channel, user_id) & Permission.VIEW_CHANNEL)

    def channel_for(self, channel_id: int, user_id: int, *needed: Permission) -> Channel:
        """The channel, for somebody who sees it and holds every needed permission there."""
        channel = self.channel(channel_id)
        granted = self.permissions_in(channel, user_id)
        if not granted & Permission.VIEW_CHANNEL:
            raise missing_access()
        if any(not granted & one for one in needed):
            raise missing_permissions()
        return channel

    def guild_with(self, guild_id: int, user_id: int, *needed: Permission) -> tuple[Guild, Member]:
        """The server and the member, who holds every needed permission through roles."""
        guild = self.guild_for(guild_id, user_id)
        member = guild.members[user_id]
        granted = guild_permissions(guild, member)
        if any(not granted & one for one in needed):
            raise missing_permissions()
        return guild, member
