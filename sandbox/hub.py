"""Who hears of what: takes each event to the gateway sessions that may see it and asked for it."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.models import Channel, Message, Payload
from sandbox.sessions import Session
from sandbox.state import State
from sandbox.wire import Viewer, channel_payload
from sandbox.wire_messages import MessageWire

_GUILDS, _MEMBERS, _MODERATION, _VOICE = 1 << 0, 1 << 1, 1 << 2, 1 << 7
_MESSAGES, _REACTIONS, _TYPING = (1 << 9, 1 << 12), (1 << 10, 1 << 13), (1 << 11, 1 << 14)
KEPT_AWAY = 3


def intent_of(name: str, *, direct: bool) -> int:
    """The intent bit an event needs; 0 when everybody gets it."""
    needed: tuple[int, int] = (0, 0)
    if name.startswith("MESSAGE_REACTION"):
        needed = _REACTIONS
    elif name.startswith("MESSAGE_"):
        needed = _MESSAGES
    elif name == "TYPING_START":
        needed = _TYPING
    elif name == "CHANNEL_PINS_UPDATE":
        needed = (_GUILDS, _MESSAGES[1])
    elif name.startswith("GUILD_MEMBER_"):
        needed = (_MEMBERS, 0)
    elif name.startswith("GUILD_BAN"):
        needed = (_MODERATION, 0)
    elif name == "VOICE_STATE_UPDATE":
        needed = (_VOICE, 0)
    elif name.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
        needed = (_GUILDS, 0)
    return needed[direct]


@dataclass(slots=True)
class Disturbance:
    """What tests ask the hub to do to events: how many to send twice, how many to swap with the next."""

    duplicate: int = 0
    reorder: int = 0
    only: str | None = None

    def concerns(self, name: str) -> bool:
        return self.only is None or self.only == name


class Hub:
    """The gateway sessions and the way to them."""

    def __init__(self, *, state: State, messages: MessageWire) -> None:
        self._state = state
        self._messages = messages
        self.sessions: dict[str, Session] = {}
        self.disturbance = Disturbance()
        self.listeners: list[Callable[[str, Message], None]] = []
        self._held: dict[str, tuple[str, Payload]] = {}

    def add(self, session: Session) -> None:
        away = [one for one in self.sessions.values() if one.user.id == session.user.id and one.outbox is None]
        for old in away[:-KEPT_AWAY]:
            self.remove(old)
        self.sessions[session.id] = session

    def remove(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        self._held.pop(session.id, None)

    # Audiences

    def to_user(self, user_id: int, name: str, payload: Payload, *, guild_id: int | None = None) -> None:
        """To one user alone; a bot hears it on the server's shard, without server on shard 0."""
        for session in list(self.sessions.values()):
            if session.user.id == user_id and session.in_shard(guild_id):
                self._deliver(session, name, payload)

    def to_guild(self, guild_id: int, name: str, payload: Payload, *, also_to: int | None = None) -> None:
        """To all members; `also_to` gets it whatever its intents."""
        needed = intent_of(name, direct=False)
        for session in self._of_guild(guild_id):
            if not needed or session.intents & needed or session.user.id == also_to:
                self._deliver(session, name, payload)

    def to_channel(self, channel: Channel, name: str, payload: Payload | Callable[[Viewer], Payload]) -> None:
        """To everybody who sees the channel."""
        for session in self._who_see(channel, name):
            self._deliver(session, name, payload(session.viewer) if callable(payload) else payload)

    def about_channel(self, channel: Channel, name: str) -> None:
        """A channel's own event. Bots hear of every channel, seen or not, as on Discord; people of those they see."""
        if channel.guild_id is None:
            for user_id in channel.recipients:
                self.to_user(user_id, name, channel_payload(channel, self._state.contents.users, user_id))
            return
        needed = intent_of(name, direct=False)
        for session in self._of_guild(channel.guild_id):
            if session.intents & needed and (session.user.bot or self._state.sees(channel, session.user.id)):
                self._deliver(session, name, channel_payload(channel, viewer=session.user.id))

    def of_thread_members(self, thread: Channel, payload: Payload, concerned: set[int]) -> None:
        """Who came and went, to those who see the thread; without the members intent, bots hear of themselves only."""
        name = "THREAD_MEMBERS_UPDATE"
        for session in self._who_see(thread, name):
            if session.intents & _MEMBERS or session.user.id in concerned:
                self._deliver(session, name, payload)
        for user_id in concerned:
            if not self._state.sees(thread, user_id):
                self.to_user(user_id, name, payload, guild_id=thread.guild_id)

    def of_message(self, name: str, message: Message) -> None:
        """MESSAGE_CREATE and MESSAGE_UPDATE, each viewer's own version; an ephemeral one to its person only."""
        for listener in list(self.listeners):
            listener(name, message)
        if message.ephemeral_to is not None:
            viewer = Viewer(message.ephemeral_to)
            self.to_user(message.ephemeral_to, name, self._messages.for_gateway(message, viewer))
            return
        channel = self._state.channel(message.channel_id)
        self.to_channel(channel, name, lambda viewer: self._messages.for_gateway(message, viewer))

    def people_seeing(self, channel: Channel) -> set[int]:
        """The connected people (not bots) who see a channel now; to tell them when that changes."""
        users = {session.user.id for session in self.sessions.values() if not session.user.bot}
        return {user_id for user_id in users if self._state.sees(channel, user_id)}

    def bots_in(self, guild_id: int) -> set[int]:
        """The connected bots of a server."""
        return {session.user.id for session in self._of_guild(guild_id) if session.user.bot}

    def _of_guild(self, guild_id: int) -> list[Session]:
        members = self._state.guild(guild_id).members
        return [one for one in self.sessions.values() if one.user.id in members and one.in_shard(guild_id)]

    def _who_see(self, channel: Channel, name: str) -> list[Session]:
        needed = intent_of(name, direct=channel.guild_id is None)
        return [
            session
            for session in self.sessions.values()
            if session.in_shard(channel.guild_id)
            and (not needed or session.intents & needed)
            and self._state.sees(channel, session.user.id)
        ]

    def _deliver(self, session: Session, name: str, payload: Payload) -> None:
        disturbance = self.disturbance
        if held := self._held.pop(session.id, None):
            session.dispatch(name, payload)
            session.dispatch(*held)
            return
        if disturbance.concerns(name) and session.user.bot:
            if disturbance.reorder:
                disturbance.reorder -= 1
                self._held[session.id] = (name, payload)
                return
            if disturbance.duplicate:
                disturbance.duplicate -= 1
                session.dispatch(name, payload)
        session.dispatch(name, payload)
