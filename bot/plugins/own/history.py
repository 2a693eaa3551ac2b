"""`history`: the newest lines of each channel follow what happens there."""

from bot.history import History
from bot.plugins.events import ChannelGone, Deleted, Edited, Event, Ready, Said
from bot.plugins.plugin import Around, Inline


class HistoryPlugin(Inline):
    """Looks, and passes everything on."""

    name = "history"

    def __init__(self, around: Around, history: History) -> None:
        super().__init__(around)
        self._history = history

    def notice(self, event: Event) -> bool:
        match event:
            case Ready():
                self._history.clear()
            case Said(message) | Edited(message):
                self._history.saw(message)
            case Deleted(channel, ids):
                self._history.gone(channel, ids)
            case ChannelGone(channel):
                self._history.drop(channel)
            case _:
                pass
        return False
