"""What outside servers ask of people through us: `bot.mcp` answers with Discord's means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from tools.calls import Picture
from tools.context import ToolContext


class Action(StrEnum):
    """What a person did with a question: MCP's own three words."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Elicitation:
    """A server wants to know something of the asker in the middle of a call."""

    server: str
    message: str
    """The server's words: data, never shown as ours."""
    schema: Mapping[str, JsonValue]
    """A flat object of strings, numbers, booleans and choices; empty when `url` is given."""
    url: str | None = None
    """A page that the person is to open instead (2025-11-25)."""
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Answered:
    """`content` fits the schema when the action is ACCEPT, and is empty otherwise."""

    action: Action
    content: Mapping[str, JsonValue]


class Elicitor(Protocol):
    """Asks the asker of a run, and nobody else."""

    async def elicit(self, question: Elicitation, context: ToolContext) -> Answered:
        """Never raises for what a person or Discord does: who cannot be asked, or is silent, is a CANCEL."""
        ...


@dataclass(frozen=True, slots=True)
class SampledTurn:
    """One message of what a server wants completed."""

    is_assistant: bool
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class SamplingWish:
    """A server wants our model to write something, at the asker's cost."""

    server: str
    system: str
    turns: tuple[SampledTurn, ...]
    max_tokens: int
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the model wrote."""

    text: str
    model: str
    is_cut: bool = False


class SamplingRefusedError(Exception):
    """It was not done: one sentence for the server."""


class Sampler(Protocol):
    """Runs our model for a server after the asker's click, within the asker's budget."""

    async def sample(self, wish: SamplingWish, context: ToolContext) -> Sampled:
        """Raises SamplingRefusedError."""
        ...
