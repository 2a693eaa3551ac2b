"""`rebuild`: fetch the newest version, build and check it, and go on as it. For owners; off until configured."""

import asyncio
import logging
from collections.abc import Sequence

from bot.plugins.command import Call, CannotDo, Command, Who
from bot.plugins.events import Event, Ready
from bot.plugins.plugin import Around, Plugin, PluginError
from bot.rebuild.checkout import CannotRebuild
from bot.rebuild.rebuilder import Rebuilder
from bot.rebuild.state import Place
from chat.ids import ChannelId

logger = logging.getLogger(__name__)


class Rebuild(Plugin):
    """Says in the channel how it goes, and after the restart how it went."""

    name = "rebuild"

    def __init__(self, around: Around, rebuilder: Rebuilder) -> None:
        super().__init__(around)
        self._rebuilder = rebuilder

    def commands(self) -> Sequence[Command]:
        about = "Fetch, build and check my newest version, and go on as it (owners only)"
        return [Command(self.rebuild, "rebuild", about, who=Who.OWNERS, private=True)]

    async def rebuild(self, call: Call) -> str:
        place = Place(channel_id=call.channel.id, request_id=call.request.id)

        async def tell(text: str) -> None:
            await self._say(place, text)

        try:
            return await self._rebuilder.begin(place, tell)
        except CannotRebuild as error:
            raise CannotDo(str(error)) from None

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Ready) and (outcome := self._rebuilder.connected()):
            await self._say(*outcome)
            await asyncio.to_thread(self._rebuilder.told)
        return False

    async def _say(self, place: Place, text: str) -> None:
        try:
            await self.around.send(ChannelId(place.channel_id), text, key=f"{place.request_id}/{text}")
        except PluginError as error:
            logger.warning("how the rebuild goes could not be said (%s): %s", error, text)
