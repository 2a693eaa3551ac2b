"""The tools put together, native and outside ones, and the toolset that one run gets of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

from agent.tokens import count_tools
from bot.approvals import DiscordApprover
from bot.settings.tools import Tools
from mcp_servers.outside.naming import BETWEEN
from memory.facts import Facts
from memory.recall import Memory
from reminders.service import Reminders
from tools.calls import Approval, Toolset, ToolSpec
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.facts import FactTools
from tools.finding import Finder, Narrowed, Shelf
from tools.guard import Guard
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTool, NativeTools
from tools.permission import Permissions
from tools.reading import Reading
from tools.recall import RecallTools, Searched
from tools.reminders import ReminderTools
from tools.surface import Surface
from tools.tasks import TaskTools
from tools.toolsets import Combined, Filtered
from tools.verifying import Verifier


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the operator allows of the tools."""

    policy: Tools
    seconds: float
    """Time of a native call."""
    outside_tokens: int
    """How much the descriptions of outside tools may take of a prompt."""


class Toolbox:
    """All tools, within the operator's policy."""

    def __init__(
        self,
        *,
        surface: Surface,
        permissions: Permissions,
        memory: Memory,
        verifier: Verifier,
        facts: Facts,
        reminders: Reminders,
        approver: DiscordApprover,
        searched: Searched,
        outside: Toolset,
        bounds: Bounds,
    ) -> None:
        """`outside`: the tools of other servers. `toolset` asks nobody before a write: who calls it sees to that."""
        self.surface = surface
        self.permissions = permissions
        self.directory = Directory(surface=surface, permissions=permissions)
        self._approver = approver
        self._bounds = bounds
        native = NativeTools(
            *_of_discord(surface, permissions, self.directory),
            RecallTools(
                memory=memory,
                verifier=verifier,
                surface=surface,
                directory=self.directory,
                permissions=permissions,
                searched=searched,
            ),
            FactTools(facts=facts, permissions=permissions),
            ReminderTools(reminders=reminders, permissions=permissions),
            TaskTools(reminders=reminders, permissions=permissions),
            seconds=bounds.seconds,
        )
        self.native: Sequence[NativeTool] = native.tools
        """What is served to MCP clients, by `toolset`."""
        within = partial(Filtered, allow=bounds.policy.allow, deny=bounds.policy.deny)
        self.toolset: Toolset = within(native)
        self._toolset: Toolset = within(Combined([("the bot", native), ("outside servers", outside)]))

    async def for_run(self, context: ToolContext, *, reading: Reading) -> Toolset:
        specs = await self._toolset.specs(context)
        # What a server says of its tools stands in the prompt: others' words, unless the operator trusts it.
        reading.tainted = reading.tainted or any(
            spec.sends_out and spec.approval is not Approval.NEVER for spec in specs
        )
        names = [spec.name for spec in specs]
        allowed = [
            name for name in names if any(fnmatchcase(name, glob) for glob in self._bounds.policy.without_approval)
        ]
        shelf = Shelf()
        finder = Finder(self._toolset, shelf, is_outside=is_outside)
        guard = Guard(
            Combined([("all", self._toolset), ("finding", finder)]),
            directory=self.directory,
            approver=self._approver,
            journal=self._approver.journal,
            reading=reading,
            allowed=allowed,
        )
        return Narrowed(guard, shelf, is_outside=is_outside, limit=self._bounds.outside_tokens, size=count_tools)

    async def ended(self, context: ToolContext) -> None:
        """A run is over: nobody waits for the answers to its questions any more."""
        await self._approver.run_ended(context)

    async def outside(self, context: ToolContext) -> Sequence[ToolSpec]:
        """The tools of outside servers that the asker may use here."""
        return [spec for spec in await self._toolset.specs(context) if is_outside(spec.name)]


def _of_discord(surface: Surface, permissions: Permissions, directory: Directory) -> Sequence[object]:
    return (
        ChannelTools(directory=directory, permissions=permissions),
        MemberTools(surface=surface, directory=directory, permissions=permissions),
        MessageTools(surface=surface, directory=directory, permissions=permissions),
    )


def is_outside(name: str) -> bool:
    """No native tool has two underscores in its name: `tests/bot/test_toolbox.py`."""
    return BETWEEN in name
