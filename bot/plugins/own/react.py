"""`react`: a glance at who names the bot without asking it anything."""

from collections.abc import Awaitable, Callable

from bot.plugins.events import Event, Said
from bot.plugins.plugin import Around, Plugin
from chat.messages import Message


class React(Plugin):
    """Handles messages in which the bot is named."""

    name = "react"

    def __init__(self, around: Around, glance: Callable[[Message], Awaitable[None]]) -> None:
        super().__init__(around)
        self._glance = glance

    async def handle(self, event: Event) -> bool:
        if not isinstance(event, Said) or not event.named:
            return False
        await self._glance(event.message)
        return True
