"""What each gateway event means for the bot: remembered, answered, started again, withdrawn."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import discord

from bot.departures import Departures
from bot.history import History
from bot.inbox import Inbox
from bot.incoming import to_incoming
from bot.ledger import Ledger
from bot.render import to_message
from bot.triggers import SPOKEN, Trigger, trigger
from bot.verbs import Verbs
from bot.walker import Walker, category_of, parent_of
from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import IncomingMessage, Message

logger = logging.getLogger(__name__)

FULL_QUEUE = "I already have {waiting} requests waiting in this channel; please ask again in a little while."


class Archive(Protocol):
    """Where everything said is kept; these return at once."""

    def saw(self, message: Message, *, parent: ChannelId | None = None, category: ChannelId | None = None) -> None: ...

    def gone(self, message_ids: Sequence[MessageId]) -> None: ...

    def channel_gone(self, channel_id: ChannelId) -> None: ...

    def guild_back(self, guild_id: GuildId) -> None: ...


class Desk(Protocol):
    """Small replies that need no run."""

    async def glance(self, message: Message) -> None:
        """The bot was named but not asked: show that it noticed. Never raises."""
        ...

    async def turn_away(self, mention: IncomingMessage, sentence: str) -> None:
        """Answer with one plain sentence instead of a run. Never raises."""
        ...


class Reception:
    """The `Listener` of the running bot."""

    def __init__(
        self,
        client: discord.Client,
        tasks: asyncio.TaskGroup,
        *,
        archive: Archive,
        walker: Walker,
        departures: Departures,
        history: History,
        ledger: Ledger,
        inbox: Inbox,
        desk: Desk,
        verbs: Verbs,
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._archive = archive
        self._walker = walker
        self._departures = departures
        self._history = history
        self._ledger = ledger
        self._inbox = inbox
        self._desk = desk
        self._verbs = verbs
        self.first_ready = asyncio.Event()
        self.came_back = asyncio.Event()

    def returned(self) -> None:
        self._walker.returned()
        self._history.clear()
        self.first_ready.set()
        self.came_back.set()

    def message(self, message: discord.Message) -> None:
        self._remember(message)
        match self._trigger(message):
            case Trigger.MENTION:
                self._accept(message, None)
            case Trigger.NAMED:
                self._tasks.create_task(self._desk.glance(to_message(message)))
            case None:
                pass

    def missed(self, message: discord.Message, late_by: timedelta) -> None:
        """A message that was written while the bot was not there to see it."""
        self._remember(message)
        if self._trigger(message) is Trigger.MENTION and self._ledger.is_young(MessageId(message.id)):
            self._accept(message, late_by)

    def edited(self, message: discord.Message) -> None:
        self._remember(message)
        if self._trigger(message) is not Trigger.MENTION:
            self._inbox.deleted(ChannelId(message.channel.id), MessageId(message.id))
        elif not self._inbox.edited(self._incoming(message, None)) and self._ledger.is_young(MessageId(message.id)):
            self._accept(message, None)  # a mention that was added by the edit; claimed already, if it was there

    def deleted(self, channel_id: int, message_ids: Sequence[int]) -> None:
        self._archive.gone([MessageId(i) for i in message_ids])
        self._history.gone(ChannelId(channel_id), message_ids)
        for message_id in message_ids:
            self._ledger.claim(MessageId(message_id))  # events may come out of order: it is not to be answered later
            self._inbox.deleted(ChannelId(channel_id), MessageId(message_id))

    def reacted(self, channel_id: int, message_id: int, person: int, emoji: str) -> None:
        if self._verbs.means(emoji, person):
            work = self._verbs.reacted(ChannelId(channel_id), MessageId(message_id), person, emoji)
            self._tasks.create_task(work)

    def channel_gone(self, channel_id: int) -> None:
        self._archive.channel_gone(ChannelId(channel_id))
        self._history.drop(ChannelId(channel_id))

    def guild_gone(self, guild_id: int) -> None:
        self._tasks.create_task(self._departures.server_left(GuildId(guild_id)))

    def guild_joined(self, guild_id: int) -> None:
        self._archive.guild_back(GuildId(guild_id))
        self._walker.look_round()

    def _remember(self, message: discord.Message) -> None:
        if message.type in SPOKEN and not message.flags.ephemeral:
            said = to_message(message)
            self._history.saw(said)
            self._archive.saw(said, parent=parent_of(message.channel), category=category_of(message.channel))

    def _trigger(self, message: discord.Message) -> Trigger | None:
        me = message.guild.me if message.guild else self._client.user
        if me is None:
            return None
        held = me.roles if isinstance(me, discord.Member) else []
        return trigger(message, me, {role.id for role in held if not role.is_default()})

    def _incoming(self, message: discord.Message, late_by: timedelta | None) -> IncomingMessage:
        me = message.guild.me if message.guild else self._client.user
        if me is None:
            raise RuntimeError("a message arrived before the gateway said who we are")
        return to_incoming(message, me, late_by=late_by)

    def _accept(self, message: discord.Message, late_by: timedelta | None) -> None:
        message_id = MessageId(message.id)
        if self._inbox.closed or not self._ledger.claim(message_id):
            return
        mention = self._incoming(message, late_by)
        if not self._inbox.put(mention):
            sentence = FULL_QUEUE.format(waiting=self._inbox.queue_length)
            self._tasks.create_task(self._desk.turn_away(mention, sentence))
