"""`act`: have the agent do something, in whichever channels it belongs, under the rights of the person asking.

With the prefix the message itself is the request (`bot/plugins/prefix.py`). As a slash command there is none, so what
was asked is shown in the channel, and that is what is answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

from bot.plugins.command import Call, CannotDo, Command
from bot.plugins.own.writing import may_write
from bot.plugins.plugin import Around, Plugin
from bot.plugins.prefix import ACT
from chat.messages import IncomingMessage, Message

SHOWN = 1500


class Act(Plugin):
    """For everybody: it can do no more than a mention can."""

    name = "act"

    def __init__(self, around: Around, accept: Callable[[IncomingMessage], None]) -> None:
        super().__init__(around)
        self._accept = accept

    def commands(self) -> Sequence[Command]:
        about = "Have me do something, in whichever channels it belongs"
        return [Command(self.act, "act", about, begins_run=True, private=True)]

    async def act(self, call: Call, instruction: Annotated[str, "What I am to do"]) -> str:
        if not await may_write(self.around, call.asker.id, call.channel):
            raise CannotDo("You may not write in this channel, and what you ask of me is shown where you ask it.")
        shown = "\n".join(f"> {line}" for line in instruction[:SHOWN].splitlines())
        request = await self.around.send(call.channel.id, f"{call.asker.name} asks me to act:\n{shown}")
        message = Message(
            id=request,
            channel_id=call.channel.id,
            guild_id=call.guild.id if call.guild else None,
            author=call.asker,
            text=f"{ACT}{instruction}",
            created_at=self.around.now(),
            typed=instruction,
        )
        self._accept(IncomingMessage(replace(message), call.channel, call.guild, call.bot))
        return "I am at it."
