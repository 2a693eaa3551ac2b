"""Commands with the prefix: found in messages, carried out beside everything else, answered as a reply."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.ledger import Ledger, Outcome
from bot.owners import Owners
from bot.plugins.command import Call, Malformed
from bot.plugins.commands import Commands, Found
from bot.plugins.events import Said
from bot.plugins.plugin import Around, PluginError
from chat.channels import Channel
from chat.ids import MessageId
from chat.messages import IncomingMessage, Message
from chat.people import Person

logger = logging.getLogger(__name__)

Unwelcome = Callable[[Person, Channel], Awaitable[str | None]]
"""Why the policy of the server keeps somebody from using the bot there; None if it does not."""
ACT = "Do this yourself with your tools, in whichever channels it belongs: "


class PrefixCommands:
    """Each message with a command is claimed in the ledger, so that it is carried out once."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        commands: Commands,
        *,
        around: Around,
        owners: Owners,
        ledger: Ledger,
        unwelcome: Unwelcome,
    ) -> None:
        """`around`: what replies."""
        self._tasks = tasks
        self._commands = commands
        self._around = around
        self._owners = owners
        self._ledger = ledger
        self._unwelcome = unwelcome
        self._running: set[asyncio.Task[None]] = set()

    def request_in(self, incoming: IncomingMessage, *, mentioned: bool) -> IncomingMessage | None:
        """What the agent is asked by this message; None when it is not asked, or this is a command that is no run."""
        found = self._commands.find(incoming.message.own_words)
        if found is None:
            return incoming if mentioned else None
        if not found.command.begins_run or found.installed.disabled:
            return None
        try:
            given = found.command.read(found.words)
        except Malformed:
            return None
        instruction = str(next(iter(given.values())))
        message = replace(incoming.message, text=f"{ACT}{instruction}", typed=instruction)
        return replace(incoming, message=message)

    def begins(self, text: str) -> bool:
        """Whether the message may be a request though nobody is mentioned in it."""
        found = self._commands.find(text)
        return found is not None and found.command.begins_run

    def in_event(self, event: Said) -> Found | None:
        """The command that it is. One that begins a run is none: it goes on to where requests are answered."""
        found = self._commands.find(event.message.own_words)
        if found is None or (found.command.begins_run and event.request is not None):
            return None
        return found

    def claim(self, event: Said) -> bool:
        """Whether it is dealt with from now on, and nobody has before."""
        return self._ledger.claim(event.message.id)

    def begin(self, found: Found, event: Said) -> None:
        if self.claim(event):
            task = self._tasks.create_task(self._carry_out(found, event), name=f"command {found.command.name}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _carry_out(self, found: Found, event: Said) -> None:
        message = event.message
        call = Call(
            asker=message.author,
            bot=event.bot,
            channel=event.channel,
            guild=event.guild,
            request=message,
            is_owner=self._owners.include(message.author.id),
        )
        await self._ledger.take(message)  # after a crash half-way, its author is told at the next start
        refusal = await self._unwelcome(call.asker, call.channel)
        said = refusal or await self._commands.carry_out(found, call)
        shown = await self._reply(message, said) if said else []
        await self._ledger.settle(message.id, Outcome.ANSWERED, shown)

    async def _reply(self, message: Message, said: str) -> list[MessageId]:
        try:
            return [await self._around.reply(message, said)]
        except PluginError as error:
            logger.info("the answer to the command in message %s is not shown: %s", message.id, error)
            return []
