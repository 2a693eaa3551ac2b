"""What is asked of a person before an act is carried out, what they can say, and what is noted of calls that leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from chat.channels import Channel
from tools.calls import Effect
from tools.context import ToolContext


class Decision(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Exactly what will happen if the person agrees: nothing is looked up or filled in afterwards."""

    key: str
    """The call's key: the same when a run is repeated after a crash."""
    identity: str
    """The same for the same tool and arguments: an answer counts for these alone."""
    tool: str
    title: str
    effect: Effect
    channel: Channel | None
    """Where it happens, as far as the tool acts in a channel."""
    text: str
    """The words people will read; for a tool that has none, the arguments as JSON."""
    arguments: Mapping[str, JsonValue]
    reason: str
    """Why it is asked, for a person: one sentence."""
    seconds: float
    """How long the request stands."""
    details: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """What is to be shown besides channel and text."""


class Approver(Protocol):
    """Asks the person whose run it is. Only they may decide, or a manager where the operator wants that."""

    async def approve(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        """Shows tool, channel and text in full, and waits at most `request.seconds`. Raises `SurfaceError` when
        the person cannot be asked. A question outlives a cancelled wait: the same key and identity find it again,
        and the decision too.
        """
        ...


class State(StrEnum):
    """How far a call had come in an earlier attempt at the same request."""

    NEW = "new"
    BEGUN = "begun"
    DONE = "done"


class Journal(Protocol):
    """Notes calls that leave for programs which would do them again."""

    async def begin(self, identity: str, context: ToolContext) -> State:
        """Before it is carried out. Each call of an earlier attempt is found once. Never raises."""
        ...

    async def done(self, identity: str, context: ToolContext) -> None:
        """Its result is there. Never raises."""
        ...
