"""A guard over all tools of the town, with somebody who clicks."""

from dataclasses import dataclass, field

from tests.tools.world import Town
from tools.approval import ApprovalRequest, Decision, State
from tools.calls import Effect
from tools.context import ToolContext
from tools.directory import Directory
from tools.guard import Guard
from tools.native import NativeTools, tool
from tools.reading import Reading
from tools.surface import SurfaceError
from tools.toolsets import Combined


@dataclass
class Clicker:
    """A person who decides the same each time, and remembers what they were shown."""

    decision: Decision | None = Decision.APPROVED
    seen: list[ApprovalRequest] = field(default_factory=list[ApprovalRequest])

    async def approve(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        assert context.asker
        self.seen.append(request)
        if self.decision is None:
            raise SurfaceError("I may not write here.")
        return self.decision


@dataclass
class Notes:
    """What earlier attempts have noted, and this one."""

    earlier: dict[str, State] = field(default_factory=dict[str, State])
    done_now: list[str] = field(default_factory=list[str])

    async def begin(self, identity: str, context: ToolContext) -> State:
        assert context.root
        return self.earlier.pop(identity, State.NEW)

    async def done(self, identity: str, context: ToolContext) -> None:
        assert context.root
        self.done_now.append(identity)


class Danger:
    """Tools beyond the native ones."""

    @tool(title="Wipe", effect=Effect.DESTRUCTIVE)
    async def wipe(self) -> str:
        """Delete everything."""
        return "wiped"

    @tool(title="Send mail", effect=Effect.WRITE)
    async def send_mail(self, body: str) -> str:
        """Send a mail."""
        return f"sent {body}"


class Desk:
    """Makes guards over all tools of the town."""

    def __init__(self, town: Town, tools: NativeTools, directory: Directory, clicker: Clicker) -> None:
        self.town = town
        self._all = Combined([("native", tools), ("danger", NativeTools(Danger()))])
        self._directory = directory
        self._clicker = clicker
        self.journal = Notes()

    def guard(self, *, tainted: bool = False, allowed: tuple[str, ...] = (), reading: Reading | None = None) -> Guard:
        return Guard(
            self._all,
            directory=self._directory,
            approver=self._clicker,
            journal=self.journal,
            reading=reading or Reading(tainted=tainted),
            allowed=allowed,
            seconds=5,
        )


def texts(town: Town) -> list[str]:
    return [message.text for message in town.places[town.ops.id].messages]
