"""`reply`: what the bot is asked becomes a run of the agent. The last but one: it takes what nobody else handled."""

from collections.abc import Callable

from bot.plugins.events import Event, Said
from bot.plugins.plugin import Around, Plugin
from chat.messages import IncomingMessage


class Reply(Plugin):
    """Handles mentions, by queueing them."""

    name = "reply"

    def __init__(self, around: Around, accept: Callable[[IncomingMessage], None]) -> None:
        super().__init__(around)
        self._accept = accept

    async def handle(self, event: Event) -> bool:
        if not isinstance(event, Said) or event.request is None:
            return False
        self._accept(event.request)
        return True
