"""`ignore-bots`: what other bots say goes no further, lest two bots keep each other talking."""

from bot.plugins.events import Event, Said
from bot.plugins.plugin import Inline


class IgnoreBots(Inline):
    """Ends the pipeline for messages of bots, our own included. They are remembered all the same."""

    name = "ignore-bots"

    def notice(self, event: Event) -> bool:
        return isinstance(event, Said) and event.message.author.is_bot
