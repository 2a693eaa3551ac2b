"""Outside MCP servers within the running bot: connected, offered as tools, and changed while it runs."""

from dataclasses import dataclass

from bot.gateway import Gateway
from bot.mcp.wishes import server_wishes_of
from bot.settings.model import Settings
from chat.clock import Clock
from chat.ids import RoleId
from mcp_servers.outside.manager import Outside
from mcp_servers.outside.people import Elicitor, Sampler
from mcp_servers.outside.toolset import OutsideTools
from mcp_servers.outside.transports import HttpClients, PlainHttp
from tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """Who answers an outside server's questions, and how it is reached: what the people side of MCP provides."""

    http: HttpClients
    elicitor: Elicitor | None = None
    sampler: Sampler | None = None


class OutsideServers:
    """The servers of `[mcp.servers]`. `tools` are theirs; they are there while `serve` runs."""

    def __init__(self, settings: Settings, client: Gateway, *, people: PeopleParts | None = None, clock: Clock) -> None:
        self._client = client
        parts = people or PeopleParts(PlainHttp())
        self.outside = Outside(
            wishes=server_wishes_of(settings),
            http=parts.http,
            elicitor=parts.elicitor,
            sampler=parts.sampler,
            clock=clock,
        )
        self.tools = OutsideTools(self.outside, roles_of=self._roles_of)

    async def serve(self) -> None:
        """Hold the connections until cancelled."""
        await self.outside.serve()

    def apply(self, settings: Settings) -> str:
        """`bot.reloading.Applier`: what became different, by name."""
        before = {wish.name: wish for wish in self.outside.wishes}
        wishes = server_wishes_of(settings)
        after = {wish.name: wish for wish in wishes}
        self.outside.apply(wishes)
        parts = {
            "added": [name for name in after if name not in before],
            "changed": [name for name in after if name in before and before[name] != after[name]],
            "removed": [name for name in before if name not in after],
        }
        told = [f"{what} {', '.join(names)}" for what, names in parts.items() if names]
        return f"MCP servers: {'; '.join(told)}" if told else ""

    def taken(self, before: Settings, after: Settings) -> Settings:
        mcp = before.mcp.model_copy(update={"servers": after.mcp.servers})
        return before.model_copy(update={"mcp": mcp})

    async def _roles_of(self, context: ToolContext) -> frozenset[RoleId]:
        guild = self._client.get_guild(context.guild.id) if context.guild else None
        return await self._client.audience.roles_of(context.asker.id, guild) if guild else frozenset()
