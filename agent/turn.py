"""What a turn may cost, what became of it, and the trace that tells why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.transcript import Usage
from tools.calls import ToolCall, ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """How much one turn may cost."""

    steps: int = 12
    """Model requests; the last one is offered no tools."""
    seconds: float = 300.0
    tokens: int = 200_000
    """Read and written, all steps together."""
    tool_result_tokens: int = 2000
    """Of one tool result; what is over is cut with a note."""


class Limit(StrEnum):
    """Which limit ended a turn before the model was done by itself."""

    STEPS = "steps"
    SECONDS = "seconds"
    TOKENS = "tokens"
    ANSWER = "answer length"
    FILTER = "content filter"


@dataclass(frozen=True, slots=True)
class CallTrace:
    """One tool call and what came back."""

    call: ToolCall
    result: ToolResult
    seconds: float
    is_carried_out: bool = True
    """False when it was refused for being the same call over and over."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a request's surroundings there was room for in one prompt."""

    recent: int = 0
    """Messages of the channel, the newest."""
    recalled: tuple[int, ...] = ()
    """Places in `PromptInput.recalled`."""
    facts: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class StepTrace:
    """One request to the model, and the calls that its answer made."""

    number: int
    model: str
    text: str
    """What was said beside the calls; of the last step, the answer."""
    calls: tuple[CallTrace, ...]
    usage: Usage
    is_counted: bool
    """Whether the server counted the tokens; otherwise they are estimated."""
    seconds: float
    """Of the model, without the calls."""
    contents: Contents = Contents()


@dataclass(frozen=True, slots=True)
class TurnResult:
    """The answer."""

    text: str
    """Never empty."""
    steps: tuple[StepTrace, ...]
    usage: Usage
    stopped_by: Limit | None = None


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """No answer, and the one sentence that says why."""

    sentence: str
    detail: str
    """For the log."""
    steps: tuple[StepTrace, ...]
    usage: Usage
    partial: str = ""
    """What had been shown of the step that failed."""


class Progress(Protocol):
    """Watches a turn from outside. None of its methods raises; all return soon."""

    async def text(self, step: int, text: str) -> None:
        """All that this step has said so far. If calls follow it was not the answer."""
        ...

    async def calls(self, step: int, calls: Sequence[ToolCall], titles: Mapping[str, str]) -> None:
        """This step ended in tool calls, which begin now. `titles`: what the tools are called, for people."""
        ...

    def doing(self, call: ToolCall, text: str) -> None:
        """How far a call is that has begun and not ended, in its tool's own words."""
        ...


class Unwatched:
    """A turn that nobody watches."""

    async def text(self, step: int, text: str) -> None: ...

    async def calls(self, step: int, calls: Sequence[ToolCall], titles: Mapping[str, str]) -> None: ...

    def doing(self, call: ToolCall, text: str) -> None: ...
