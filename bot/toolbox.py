"""The tools put together, native and outside ones, and the toolset that one run gets of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from agent.tokens import count_tools
from bot.settings.running import Tools
from mcp_servers.outside.naming import BETWEEN
from memory.facts import Facts
from memory.recall import Memory
from reminders.service import Reminders
from tools.approval import Approver
from tools.calls import Toolset, ToolSpec
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.facts import FactTools
from tools.finding import Finder, Narrowed, Shelf
from tools.guard import Guard
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions
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
        approver: Approver,
        searched: Searched,
        outside: Toolset,
        bounds: Bounds,
    ) -> None:
        """`outside`: the tools of outside servers."""
        self._directory = Directory(surface=surface, permissions=permissions)
        self._approver = approver
        self._policy = policy = bounds.policy
        native = NativeTools(
            ChannelTools(directory=self._directory, permissions=permissions),
            MemberTools(surface=surface, directory=self._directory, permissions=permissions),
            MessageTools(surface=surface, directory=self._directory, permissions=permissions),
            RecallTools(
                memory=memory,
                verifier=verifier,
                surface=surface,
                directory=self._directory,
                permissions=permissions,
                searched=searched,
            ),
            FactTools(facts=facts, permissions=permissions),
            ReminderTools(reminders=reminders, permissions=permissions),
            TaskTools(reminders=reminders, permissions=permissions),
            seconds=bounds.seconds,
        )
        self.titles: Mapping[str, str] = {each.spec.name: each.spec.title for each in native.tools}
        every = Combined([("the bot", native), ("outside servers", outside)])
        self._toolset: Toolset = Filtered(every, allow=policy.allow, deny=policy.deny)
        self._outside = Filtered(outside, allow=policy.allow, deny=policy.deny)
        self._outside_tokens = bounds.outside_tokens

    async def for_run(self, context: ToolContext, *, tainted: bool) -> Toolset:
        """`tainted`: the prompt quotes others beyond the visible conversation."""
        names = [spec.name for spec in await self._toolset.specs(context)]
        allowed = [name for name in names if any(fnmatchcase(name, glob) for glob in self._policy.without_approval)]
        shelf = Shelf()
        finder = Finder(self._toolset, shelf, is_outside=is_outside)
        guard = Guard(
            Combined([("all", self._toolset), ("finding", finder)]),
            directory=self._directory,
            approver=self._approver,
            tainted=tainted,
            allowed=allowed,
        )
        return Narrowed(guard, shelf, is_outside=is_outside, limit=self._outside_tokens, size=count_tools)

    async def outside(self, context: ToolContext) -> Sequence[ToolSpec]:
        """The tools of outside servers that the asker may use here."""
        return await self._outside.specs(context)


def is_outside(name: str) -> bool:
    """No native tool has two underscores in its name: `tests/bot/test_toolbox.py`."""
    return BETWEEN in name
