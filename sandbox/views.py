"""What connected people see change under their hands: channels come and go with rights, servers with membership."""

from collections.abc import Generator
from contextlib import contextmanager

from sandbox.greeting import Greeting
from sandbox.hub import Hub
from sandbox.models import Guild, Payload
from sandbox.state import State
from sandbox.wire import channel_payload, thread_member_payload


class Views:
    """For people, who are told only of what they see. A bot hears of every channel and computes by itself; but not of
    every thread: those that it comes to see are told then.
    """

    def __init__(self, *, state: State, hub: Hub, greeting: Greeting) -> None:
        self._state = state
        self._hub = hub
        self._greeting = greeting

    @contextmanager
    def watched(self, guild: Guild) -> Generator[None]:
        """Around a change of rights: afterwards people get the channels they gained and lose those they lost."""
        channels = [*self._state.channels_of(guild), *self._state.threads_of(guild)]
        before = {channel.id: self._hub.people_seeing(channel) for channel in channels}
        threads = {bot: self._threads_seen(guild, bot) for bot in self._hub.bots_in(guild.id)}
        yield
        for bot, seen in threads.items():
            self._sync_threads(guild, bot, seen)
        for channel in channels:
            if channel.id not in self._state.contents.channels:
                continue
            after = self._hub.people_seeing(channel)
            kind = "THREAD" if channel.thread is not None else "CHANNEL"
            for user_id in after - before[channel.id]:
                payload = channel_payload(channel, viewer=user_id)
                payload["permissions"] = str(self._state.permissions_in(channel, user_id))
                self._hub.to_user(user_id, f"{kind}_CREATE", payload)
            for user_id in before[channel.id] - after:
                self._hub.to_user(user_id, f"{kind}_DELETE", channel_payload(channel, viewer=user_id))

    def _threads_seen(self, guild: Guild, user_id: int) -> set[int]:
        threads = self._state.threads_of(guild)
        active = (one for one in threads if one.thread is not None and not one.thread.archived)
        return {one.id for one in active if self._state.sees(one, user_id)}

    def _sync_threads(self, guild: Guild, bot: int, before: set[int]) -> None:
        """The active threads of every channel in which the bot sees one that it did not see before."""
        seen = self._threads_seen(guild, bot)
        parents = {self._state.channel(number).parent_id for number in seen - before}
        threads = [one for one in self._state.threads_of(guild) if one.id in seen and one.parent_id in parents]
        if not threads:
            return
        event: Payload = {
            "guild_id": str(guild.id),
            "channel_ids": sorted({str(one.parent_id) for one in threads}),
            "threads": [channel_payload(one, viewer=bot) for one in threads],
            "members": [thread_member_payload(one, bot) for one in threads if one.thread and bot in one.thread.members],
        }
        self._hub.to_user(bot, "THREAD_LIST_SYNC", event, guild_id=guild.id)

    def introduce(self, guild: Guild, user_id: int) -> None:
        for session in list(self._hub.sessions.values()):
            if session.user.id == user_id and session.in_shard(guild.id) and session.intents & 1:
                session.dispatch("GUILD_CREATE", self._greeting.guild(guild, session))

    def farewell(self, guild: Guild, user_id: int) -> None:
        for session in list(self._hub.sessions.values()):
            if session.user.id == user_id and session.in_shard(guild.id) and session.intents & 1:
                session.dispatch("GUILD_DELETE", {"id": str(guild.id)})
