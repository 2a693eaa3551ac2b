"""What each gateway event means for the bot: remembered, offered to the plugins, started again, withdrawn."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import discord

from bot.departures import Departures
from bot.inbox import Inbox
from bot.incoming import to_incoming
from bot.ledger import Ledger
from bot.places import AnyPlace
from bot.plugins.events import ChannelGone, Deleted, Edited, Ready, Said
from bot.plugins.opening import Opened
from bot.render import to_channel, to_guild, to_message, to_person
from bot.triggers import SPOKEN, Trigger, is_from_a_person, trigger
from bot.verbs import Verbs
from bot.walker import Walker, category_of, parent_of
from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import IncomingMessage, Message
from chat.people import Person

logger = logging.getLogger(__name__)


class Archive(Protocol):
    """Where everything said is kept; these return at once."""

    def saw(self, message: Message, *, parent: ChannelId | None = None, category: ChannelId | None = None) -> None: ...

    def gone(self, message_ids: Sequence[MessageId]) -> None: ...

    def channel_gone(self, channel_id: ChannelId) -> None: ...

    def guild_back(self, guild_id: GuildId) -> None: ...


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
        plugins: Opened,
        ledger: Ledger,
        inbox: Inbox,
        verbs: Verbs,
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._archive = archive
        self._walker = walker
        self._departures = departures
        self._pipeline = plugins.pipeline
        self._commands = plugins.commands
        self._ledger = ledger
        self._inbox = inbox
        self._accepting = plugins.accepting
        self._verbs = verbs
        self.first_ready = asyncio.Event()
        self.came_back = asyncio.Event()

    def returned(self) -> None:
        self._walker.returned()
        if (me := self._client.user) is not None:
            self._pipeline.offer(Ready(to_person(me), tuple(to_guild(guild) for guild in self._client.guilds)))
        self.first_ready.set()
        self.came_back.set()

    def message(self, message: discord.Message) -> None:
        self._remember(message)
        if (said := self._said(message, None)) is not None:
            self._pipeline.offer(said)

    def missed(self, message: discord.Message, late_by: timedelta) -> None:
        """A message that was written while the bot was not there to see it."""
        self._remember(message)
        said = self._said(message, late_by)
        if said is None:
            return
        if self._trigger(message) is Trigger.MENTION and self._ledger.is_young(said.message.id):
            self._pipeline.offer(said)
        else:
            self._pipeline.notice(said)

    def edited(self, message: discord.Message) -> None:
        self._remember(message)
        said = self._said(message, None)
        if said is not None:
            self._pipeline.offer(Edited(said.message))
        if said is None or said.request is None:
            self._inbox.deleted(ChannelId(message.channel.id), MessageId(message.id))
        elif not self._inbox.edited(said.request) and self._ledger.is_young(said.message.id):
            self._accepting.accept(said.request)  # a mention that the edit added; claimed already, if it was there

    def deleted(self, channel_id: int, message_ids: Sequence[int]) -> None:
        ids = tuple(MessageId(i) for i in message_ids)
        self._archive.gone(ids)
        self._pipeline.offer(Deleted(ChannelId(channel_id), ids))
        for message_id in ids:
            self._ledger.claim(message_id)  # events may come out of order: it is not to be answered later
            self._inbox.deleted(ChannelId(channel_id), message_id)

    def reacted(self, channel_id: int, message_id: int, person: int, emoji: str) -> None:
        if self._verbs.means(emoji, person):
            work = self._verbs.reacted(ChannelId(channel_id), MessageId(message_id), person, emoji)
            self._tasks.create_task(work)

    def channel_gone(self, channel_id: int) -> None:
        self._archive.channel_gone(ChannelId(channel_id))
        self._pipeline.offer(ChannelGone(ChannelId(channel_id)))

    def guild_gone(self, guild_id: int) -> None:
        self._tasks.create_task(self._departures.server_left(GuildId(guild_id)))

    def guild_joined(self, guild_id: int) -> None:
        self._archive.guild_back(GuildId(guild_id))
        self._walker.look_round()

    def _remember(self, message: discord.Message) -> None:
        if _is_said(message):
            parent, category = parent_of(message.channel), category_of(message.channel)
            self._archive.saw(to_message(message), parent=parent, category=category)

    def _said(self, message: discord.Message, late_by: timedelta | None) -> Said | None:
        """None for what nobody said, and where the bot answers nobody."""
        me = message.guild.me if message.guild else self._client.user
        if not _is_said(message) or me is None or not isinstance(message.channel, AnyPlace):
            return None
        concern = self._trigger(message)
        return Said(
            message=to_message(message),
            channel=to_channel(message.channel),
            guild=to_guild(message.guild) if message.guild else None,
            bot=Person(to_person(me).id, me.display_name, is_bot=True),
            request=self._request(message, me, late_by, mentioned=concern is Trigger.MENTION),
            named=concern is Trigger.NAMED,
        )

    def _request(
        self,
        message: discord.Message,
        me: discord.Member | discord.ClientUser,
        late_by: timedelta | None,
        *,
        mentioned: bool,
    ) -> IncomingMessage | None:
        if not mentioned and not (is_from_a_person(message) and self._commands.begins(message.content)):
            return None
        return self._commands.request_in(to_incoming(message, me, late_by=late_by), mentioned=mentioned)

    def _trigger(self, message: discord.Message) -> Trigger | None:
        me = message.guild.me if message.guild else self._client.user
        if me is None:
            return None
        held = me.roles if isinstance(me, discord.Member) else []
        return trigger(message, me, {role.id for role in held if not role.is_default()})


def _is_said(message: discord.Message) -> bool:
    return message.type in SPOKEN and not message.flags.ephemeral
