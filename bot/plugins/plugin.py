"""What a plugin is, and what it may use. Third-party plugins import `bot.plugins.api`, which has all of this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from bot.plugins.command import Command
from bot.plugins.events import Event, Pressed
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.rights import Right

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Button:
    """Below a message of the plugin's. A press comes back to it as `Pressed` with this key, after restarts too."""

    label: str
    key: str
    """Up to 60 of the characters a-z A-Z 0-9 _ : . -"""


class PluginError(Exception):
    """A plugin cannot be used, or its wish cannot be granted: one sentence, without secrets."""


class Store(Protocol):
    """The plugin's own small storage, in the bot's database: up to 10,000 keys and one megabyte. Each method may
    raise PluginError.
    """

    async def get(self, key: str) -> JsonValue:
        """None when there is nothing under this key."""
        ...

    async def put(self, key: str, value: JsonValue, *, about: UserId | None = None) -> None:
        """`about`: whose data it is. It is shown in their export and goes with their forget-me."""
        ...

    async def drop(self, key: str) -> bool:
        """Whether there was something."""
        ...

    async def items(self, prefix: str = "") -> Mapping[str, JsonValue]:
        """Everything whose key begins so."""
        ...


class Around(Protocol):
    """What a plugin may use. All of it may be called at any time after the plugin was made. Nobody is ever pinged."""

    @property
    def store(self) -> Store: ...

    @property
    def prefix(self) -> str:
        """What commands begin with."""
        ...

    def settings(self, model: type[M]) -> M:
        """The section `[plugins.NAME]`, checked against `model`. Call it once, when the plugin is made.

        Raises PluginError that says what is wrong, which is how the plugin is not loaded.
        """
        ...

    def now(self) -> datetime: ...

    def is_owner(self, person: UserId) -> bool:
        """Whether this is an owner of the bot."""
        ...

    async def may(self, person: UserId, channel: ChannelId, right: Right) -> bool:
        """Whether Discord lets this person do that there now."""
        ...

    async def guilds_of(self, person: UserId) -> Sequence[GuildId]:
        """The servers that this person shares with the bot."""
        ...

    async def reply(self, to: Message, text: str) -> MessageId:
        """Raises PluginError when Discord does not take it."""
        ...

    async def send(self, channel: ChannelId, text: str, *, key: str = "") -> MessageId:
        """Two sends with the same `key`, within minutes, are one message. Raises PluginError."""
        ...

    async def tell(self, person: UserId, text: str, *, buttons: Sequence[Button] = ()) -> bool:
        """By direct message; False when this person takes none."""
        ...

    async def react(self, to: Message, emoji: str) -> None:
        """Raises PluginError."""
        ...


class Plugin:
    """One plugin. It is made once at the start with what it may use, and lives until the end."""

    name: str
    """Its section, its storage and its place in the log: up to 32 of a-z 0-9 - _."""
    usage: str = ""
    """A line for `help`, where the commands do not say it all."""

    def __init__(self, around: Around) -> None:
        self.around = around

    def commands(self) -> Sequence[Command]:
        return ()

    async def handle(self, event: Event) -> bool:  # noqa: ARG002
        """True ends the pipeline: no later plugin sees the event, and a mention gets no answer but yours."""
        return False

    async def pressed(self, press: Pressed) -> str:
        """A button of yours was pressed; what to tell whoever did. They alone see it."""
        raise NotImplementedError


class Inline(Plugin):
    """One of ours that looks at each event at once, on the event loop, before anybody waits for anything."""

    def notice(self, event: Event) -> bool:
        """As `handle`."""
        raise NotImplementedError
