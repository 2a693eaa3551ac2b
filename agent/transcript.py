"""What was said between us and a model, and what came back: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from tools.calls import ToolCall


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture, as a data URL."""

    url: str


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """What the operator and this program say about how to answer. Always the first message, and the only one."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What people said, quoted."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Keepsake:
    """What some providers want back with a call, word for word, or they refuse the next request of the run."""

    model: str
    """Only this model gets it back: to others it is an unknown field."""
    reasoning: str = ""
    extras: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """By call id."""


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said: text, calls, or both."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    keepsake: Keepsake | None = None


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """What one call came to."""

    call_id: str
    name: str
    content: str


@dataclass(frozen=True, slots=True)
class PicturesMessage:
    """The pictures of the results before it, which a tool's message cannot carry. A model that takes none gets none."""

    note: str
    images: tuple[ImagePart, ...]


TranscriptMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage | PicturesMessage


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens)


class Finish(StrEnum):
    """Why a model stopped writing."""

    DONE = "done"
    LENGTH = "length"
    """The answer reached its limit of tokens and is cut off."""
    FILTERED = "filtered"
    """The provider's content filter withheld the rest."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a model."""

    message: AssistantMessage
    usage: Usage | None
    """None when the server does not count."""
    model: str
    """The name under which the model that answered is configured."""
    finish: Finish = Finish.DONE
