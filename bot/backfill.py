"""`digmbot memory backfill`: read the history of every channel into memory, and do nothing else meanwhile."""

import asyncio
from collections.abc import Callable, Sequence

import discord

from bot.approval_store import QuestionStore
from bot.departures import Departures
from bot.render import to_message
from bot.settings.model import Settings
from bot.starting import Stores, connect, new_client
from bot.triggers import SPOKEN
from bot.walker import Progress, Walker, category_of, parent_of
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId
from memory.intake import Intake
from reminders.service import Reminders
from reminders.store import ReminderStore

LOOK_SECONDS = 0.2
PAUSE_SECONDS = 0.0  # between pages: nobody waits for an answer, and Discord says itself when it is too much


async def backfill(settings: Settings, stores: Stores, *, told: Callable[[Progress], None], clock: Clock) -> Progress:
    """Read as far back as `memory.backfill_messages` wants, telling how far it is. Where it was interrupted it goes on.

    Mentions are left for the bot, which answers them when it comes. Raises StartError.
    """
    memory, progress = stores.memory, Progress(0, 0, 0)
    async with await new_client(settings) as client, asyncio.TaskGroup() as tasks:
        departures = Departures(
            client,
            memory=memory,
            reminders=Reminders(ReminderStore(stores.database), clock),
            questions=QuestionStore(stores.database),
            governing=stores.governing,
        )
        walker = Walker(
            client,
            client.places,
            memory=memory,
            departures=departures,
            most=settings.memory.backfill_messages,
            clock=clock,
            slow_seconds=PAUSE_SECONDS,
        )
        client.listener = _Listener(tasks, intake=memory.intake, walker=walker, departures=departures)
        connection = tasks.create_task(connect(client, settings))
        through = tasks.create_task(walker.through())
        while not (connection.done() or through.done()):
            await asyncio.wait([connection, through], timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            told(progress := walker.progress())
        walker.returned()  # which ends the walk
        through.cancel()
        await client.close()
        failure = await connection
    if failure:
        raise failure
    return progress


class _Listener:
    """What a bot hears that only remembers."""

    def __init__(self, tasks: asyncio.TaskGroup, *, intake: Intake, walker: Walker, departures: Departures) -> None:
        self._tasks = tasks
        self._intake = intake
        self._walker = walker
        self._departures = departures

    def returned(self) -> None:
        self._walker.returned()
        self._tasks.create_task(self._walk())

    def message(self, message: discord.Message) -> None:
        if message.type in SPOKEN and not message.flags.ephemeral:
            channel = message.channel
            self._intake.saw(to_message(message), parent=parent_of(channel), category=category_of(channel))

    def edited(self, message: discord.Message) -> None:
        self.message(message)

    def deleted(self, channel_id: int, message_ids: Sequence[int]) -> None:  # noqa: ARG002 - part of the contract
        self._intake.gone([MessageId(each) for each in message_ids])

    def reacted(self, channel_id: int, message_id: int, person: int, emoji: str) -> None: ...

    def channel_gone(self, channel_id: int) -> None:
        self._intake.channel_gone(ChannelId(channel_id))

    def guild_gone(self, guild_id: int) -> None:
        self._tasks.create_task(self._departures.server_left(GuildId(guild_id)))

    def guild_joined(self, guild_id: int) -> None:
        self._intake.guild_back(GuildId(guild_id))
        self._walker.look_round()

    async def _walk(self) -> None:
        await self._walker.run(await self._walker.newest())
