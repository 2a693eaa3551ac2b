"""Keeps what is known of a server's offers as new as the server says they are."""

import logging
from asyncio import Event
from collections.abc import Callable

import anyio
import mcp_types as types
from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp_types import REQUEST_TIMEOUT
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_servers.outside.asking import Asking
from mcp_servers.outside.catalogue import Catalogue, LeftOut, read_catalogue

logger = logging.getLogger(__name__)

LOOK_SECONDS = 120.0
"""How often a server on the network is asked anew: its death while idle may go unnoticed otherwise."""
BURST_SECONDS = 0.05
GAP_SECONDS = 0.5


class Freshness:
    """The catalogue of one connection, and what may have changed it."""

    def __init__(
        self, server: str, *, asking: Asking, looks: bool, lose: Callable[[Client], None], changed: Callable[[], None]
    ) -> None:
        """`looks`: whether to ask again now and then. `lose` is told of a server that no longer answers."""
        self.catalogue: Catalogue | None = None
        """What it offers, or last offered."""
        self._server = server
        self._asking = asking
        self._looks = looks
        self._lose = lose
        self._changed = changed
        self._dirty = Event()
        self._bad: dict[tuple[str, str], str] = {}

    def doubt(self) -> None:
        """Something may have changed, or be wrong."""
        self._dirty.set()

    def left_out(self, kind: str, name: str, reason: str) -> None:
        """An entry of a list was malformed."""
        self._bad[kind, name] = reason

    async def first(self, client: Client) -> None:
        self._dirty.clear()
        await self._read(client)

    async def hear(self, message: object) -> None:
        match message:
            case (
                types.ToolListChangedNotification()
                | types.PromptListChangedNotification()
                | types.ResourceListChangedNotification()
            ):
                self._dirty.set()
            case _:
                pass

    async def keep(self, client: Client) -> None:
        """Until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._follow, client)
            tasks.start_soon(self._listen, client)
            while True:
                await anyio.sleep(LOOK_SECONDS)
                if self._looks:
                    self._dirty.set()

    async def _read(self, client: Client) -> None:
        self._bad.clear()
        catalogue = await read_catalogue(client)
        bad = [LeftOut(name, reason) for (kind, name), reason in self._bad.items() if kind == "tools"]
        self.catalogue = catalogue.without(bad)

    async def _follow(self, client: Client) -> None:
        while True:
            await self._dirty.wait()
            await anyio.sleep(BURST_SECONDS)
            self._dirty.clear()
            try:
                await self._read(client)
            except ValidationError:
                logger.warning("%s told of a change that cannot be read; what it offered before stays", self._server)
            except MCPError as error:
                if error.code != REQUEST_TIMEOUT or not self._asking.is_busy:  # some do one thing at a time
                    self._lose(client)
            self._changed()
            await anyio.sleep(GAP_SECONDS)

    async def _listen(self, client: Client) -> None:
        """The newest protocol tells of changes only here; over HTTP the end of it is how a death is noticed."""
        can = client.server_capabilities
        tools, prompts, resources = (
            bool(each and each.list_changed) for each in (can.tools, can.prompts, can.resources)
        )
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or not (tools or prompts or resources):
            return
        while True:
            try:
                async with client.listen(
                    tools_list_changed=tools, prompts_list_changed=prompts, resources_list_changed=resources
                ) as changes:
                    async for _ in changes:
                        self._dirty.set()
            except SubscriptionLost:
                self._lose(client)
            except (MCPError, TimeoutError):
                return  # it does not do so, after all
            await anyio.sleep(1)
            self._dirty.set()
