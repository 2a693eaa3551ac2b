"""The native tools put together, and the toolset that one run gets of them."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from bot.approvals import DiscordApprover
from bot.settings.tools import Tools
from memory.facts import Facts
from memory.recall import Memory
from reminders.service import Reminders
from tools.calls import Toolset
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.facts import FactTools
from tools.guard import Guard
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions
from tools.reading import Reading
from tools.recall import RecallTools, Searched
from tools.reminders import ReminderTools
from tools.surface import Surface
from tools.tasks import TaskTools
from tools.toolsets import Filtered
from tools.verifying import Verifier


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
        seconds: float,
        policy: Tools,
    ) -> None:
        """`seconds` is the time limit of a call."""
        self._directory = Directory(surface=surface, permissions=permissions)
        self._approver = approver
        self._without_approval = policy.without_approval
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
            seconds=seconds,
        )
        self.titles: Mapping[str, str] = {each.spec.name: each.spec.title for each in native.tools}
        self._toolset: Toolset = Filtered(native, allow=policy.allow, deny=policy.deny)

    async def for_run(self, context: ToolContext, *, reading: Reading) -> Toolset:
        names = [spec.name for spec in await self._toolset.specs(context)]
        allowed = [name for name in names if any(fnmatchcase(name, glob) for glob in self._without_approval)]
        return Guard(
            self._toolset,
            directory=self._directory,
            approver=self._approver,
            journal=self._approver.journal,
            reading=reading,
            allowed=allowed,
        )

    async def ended(self, context: ToolContext) -> None:
        """A run is over: nobody waits for the answers to its questions any more."""
        await self._approver.run_ended(context)
