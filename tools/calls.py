"""The words between the agent and its tools: what is offered, what is called, what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from tools.context import ToolContext


class Effect(StrEnum):
    """What a tool does to the world. Approval and audit go by this, never by a tool's name."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


class Approval(StrEnum):
    """When a call needs its asker's click: what the operator decided for a whole source of tools."""

    NEVER = "never"
    WRITES = "writes"
    """By the rules of `tools.guard`: as the effect and the taint of the run say."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image within a result, for a model that takes any."""

    media_type: str
    data: bytes


class ToolError(Exception):
    """A refusal or failure that the model should read: one sentence, what was wrong and what to do."""

    def __init__(self, sentence: str, *, quotes_others: bool = False) -> None:
        """`quotes_others`: the sentence carries names that others chose, so reading it taints the run."""
        super().__init__(sentence)
        self.quotes_others = quotes_others


@dataclass(frozen=True, slots=True)
class Wording:
    """Which arguments of a write say where and what. Approval shows them; a write whose wording stands in the
    request was literally asked for. A write that has no wording never counts as that.
    """

    channel: str = ""
    """The argument that names the channel acted in; none, or left out: the channel of the request."""
    text: str = ""
    """The argument whose words people will read."""
    exact: tuple[str, ...] = ()
    """Arguments that must stand in the request as they are: ids, an emoji. One left out counts as said."""
    to_asker: bool = False
    """The words are said back to the asker alone, so that "my" may have become "your"."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is offered to a model."""

    name: str
    """`[a-zA-Z0-9_-]{1,64}`: what function calling allows."""
    title: str
    description: str
    parameters: Mapping[str, JsonValue]
    """JSON schema of an object."""
    effect: Effect
    reads_others: bool = False
    """Its results carry text that others than the asker wrote: reading them taints the run."""
    wording: Wording | None = None
    approval: Approval = Approval.WRITES
    sends_out: bool = False
    """Its arguments leave for somebody else's program, and nothing makes a call of it once-only."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model wrote it; `arguments` is unchecked JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the model reads back for one call."""

    call_id: str
    content: str
    is_error: bool = False
    untrusted: bool = False
    """The content quotes text that others than the asker wrote."""
    pictures: tuple[Picture, ...] = ()


class Toolset(Protocol):
    """A source of tools: the only thing between the agent's loop and what it can do.

    `call` never raises for what a model or a person did wrong (unknown tool, bad arguments, a missing right, a
    time-out): that is a `ToolResult` with `is_error`. It lets cancellation through, and turns a tool's own bug
    into an error result after logging it.
    """

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        """The tools on offer to this run, in a stable order (so that a provider's prompt cache holds)."""
        ...

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult: ...
