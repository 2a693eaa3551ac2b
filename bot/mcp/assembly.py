"""Outside MCP servers within the running bot: connected, offered as tools, and changed while it runs."""

import asyncio
from collections.abc import Sequence

from agent.model import Model
from bot.gateway import Gateway
from bot.mcp.people_side import people_side
from bot.mcp.sign_in import DiscordSignIn
from bot.mcp.wishes import callback_base_of, server_wishes_of
from bot.settings.model import Settings
from bot.starting import Stores
from chat.clock import Clock
from chat.ids import RoleId, UserId
from chat.people import Person
from mcp_servers.outside.manager import Outside, is_signed_in_for_all
from mcp_servers.outside.offering import may_use
from mcp_servers.outside.toolset import OutsideTools
from mcp_servers.outside.vault import BOT
from mcp_servers.outside.wishes import ServerWish
from tools.approval import Approver
from tools.context import ToolContext

STARTING = "I am not ready yet; try again in a moment."


class OutsideServers:
    """The servers of `[mcp.servers]`. `tools` are theirs; they are there while `serve` runs."""

    def __init__(
        self, settings: Settings, stores: Stores, client: Gateway, *, approver: Approver, model: Model, clock: Clock
    ) -> None:
        self._client = client
        self._owners = frozenset(map(UserId, settings.general.owner_ids))
        self.people = people_side(
            database=stores.database,
            key=stores.secret_key,
            base_url=callback_base_of(settings),
            places=client.places,
            approver=approver,
            model=model,
            answer_tokens=settings.llm_reply.answer_tokens,
            vision=settings.reply_vision,
            clock=clock,
        )
        self.outside = Outside(
            wishes=server_wishes_of(settings),
            http=self.people.http,
            elicitor=self.people.elicitor,
            sampler=self.people.sampler,
            clock=clock,
        )
        self.tools = OutsideTools(self.outside, roles_of=self._roles_of, sign_in=self._sign_in_needed)
        self.sign_in: DiscordSignIn | None = None
        """There while `serve` runs."""

    async def serve(self) -> None:
        """Hold the connections until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self.sign_in = DiscordSignIn(
                self._client,
                tasks,
                sign_ins=self.people.sign_ins,
                signed_in=self.outside.signed_in,
                owners=self._owners,
            )
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

    async def usable(self, context: ToolContext) -> Sequence[ServerWish]:
        """Those that the asker may use here."""
        roles = await self._roles_of(context)
        return [wish for wish in self.outside.wishes if may_use(wish, context, roles)]

    async def sign_out(self, wish: ServerWish, person: UserId) -> str:
        """Forgets the tokens of one's own account, or by an owner of the shared one; says what became of it."""
        if self.sign_in is None:
            return STARTING
        if refusal := self.sign_in.refusal(wish, person):
            return refusal
        is_shared = is_signed_in_for_all(wish)
        was_there = await self.people.oauth.sign_out(wish.name, BOT if is_shared else person)
        self.outside.signed_in(wish.name, None if is_shared else person)
        return f"You are signed out of {wish.name}." if was_there else f"You were not signed in to {wish.name}."

    async def _sign_in_needed(self, wish: ServerWish, asker: Person) -> str:
        return (
            await self.sign_in.needed(wish, asker) if self.sign_in else f"{wish.name} needs a sign-in; ask again soon."
        )

    async def _roles_of(self, context: ToolContext) -> frozenset[RoleId]:
        guild = self._client.get_guild(context.guild.id) if context.guild else None
        return await self._client.audience.roles_of(context.asker.id, guild) if guild else frozenset()
