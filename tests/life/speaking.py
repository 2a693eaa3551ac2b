"""People who sit in voice channels, as their clients do it: over a gateway connection of their own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.life.house import House
from tests.sandbox.clients import Socket

GUILDS_AND_VOICE = 1 | 1 << 7


class Headset:
    """One person's voice."""

    def __init__(self, home: House, socket: Socket) -> None:
        self._home = home
        self._socket = socket
        self._guild = next(iter(home.box.state.contents.guilds.values())).id

    async def join(self, channel: str | None) -> None:
        number = None if channel is None else str(self._home.channel(channel))
        await self._socket.send(4, {"guild_id": str(self._guild), "channel_id": number})
        await self._socket.event("VOICE_STATE_UPDATE")

    async def leave(self) -> None:
        await self.join(None)


@asynccontextmanager
async def headset(home: House, who: str) -> AsyncGenerator[Headset]:
    socket = await Socket(home.http, home.box, home.box.person(who).token, intents=GUILDS_AND_VOICE).identify()
    try:
        yield Headset(home, socket)
    finally:
        await socket.ws.close()
