"""What is asked of a person before a write is carried out, and what they can say."""

from collections.abc import Mapping
from dataclasses import dataclass
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


class Approver(Protocol):
    """Asks the person whose run it is. Only they may decide; others who click are told so."""

    async def approve(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        """Shows tool, channel and text in full, and waits at most `request.seconds`. Raises `SurfaceError` when
        the person cannot be asked. A cancelled wait withdraws the request.
        """
        ...
