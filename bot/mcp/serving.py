"""Our own MCP endpoint beside the running bot: the same tools as in Discord, for the people whose tokens they are."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import discord
from starlette.routing import BaseRoute

from bot.mcp.callers import DiscordCallers
from bot.mcp.wishes import serve_wish_of
from bot.settings.model import Settings
from bot.starting import StartError
from bot.toolbox import Toolbox
from chat.clock import Clock
from mcp_servers.offered.http import OfferedServer
from mcp_servers.offered.listening import CannotListenError
from mcp_servers.offered.server import Offer
from mcp_servers.offered.tokens import Tokens
from mcp_servers.offered.wishes import ServeWish
from reminders.service import Reminders


class Endpoint:
    """`async with Endpoint(...)`: serves within; without a wish nothing at all."""

    def __init__(
        self, offer: Offer, tokens: Tokens, wish: ServeWish | None, *, routes: Sequence[BaseRoute] = ()
    ) -> None:
        self._server = OfferedServer(offer, tokens, wish, routes=routes) if wish else None

    def url(self) -> str | None:
        """Where clients find it; None when it is switched off."""
        return self._server.url if self._server else None

    async def __aenter__(self) -> Self:
        """Raises StartError."""
        try:
            if self._server:
                await self._server.__aenter__()
        except CannotListenError as error:
            raise StartError(str(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            await self._server.__aexit__(kind, error, trace)


def new_endpoint(
    settings: Settings,
    client: discord.Client,
    toolbox: Toolbox,
    tokens: Tokens,
    *,
    reminders: Reminders,
    routes: Sequence[BaseRoute] = (),
    clock: Clock,
) -> Endpoint:
    """`routes` are served beside ours, to anybody."""
    zone = ZoneInfo(settings.general.time_zone)
    callers = DiscordCallers(client, surface=toolbox.surface, zone_of=reminders.zone_of, zone=zone, clock=clock)
    offer = Offer(
        toolset=toolbox.toolset,
        tools=toolbox.native,
        directory=toolbox.directory,
        permissions=toolbox.permissions,
        callers=callers,
    )
    return Endpoint(offer, tokens, serve_wish_of(settings), routes=routes)
