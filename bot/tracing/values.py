"""A trace: figures, which quote nobody, and words, which the model wrote or an outside program said."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chat.ids import ChannelId, GuildId, MessageId, UserId


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Source(_Value):
    """A message by its ids."""

    id: MessageId
    channel: ChannelId
    guild: GuildId | None


class CallFigures(_Value):
    """One tool call."""

    tool: str
    seconds: float
    is_error: bool
    is_carried_out: bool
    characters: int
    """How long its result was."""
    quoted: tuple[MessageId, ...] = ()
    """The messages in its result."""


class StepFigures(_Value):
    """One request to the model, and what of the context there was room for."""

    model: str
    seconds: float
    read: int
    written: int
    is_counted: bool
    recent: int
    calls: tuple[CallFigures, ...]


class Figures(_Value):
    """All that is told of a run without its words."""

    is_answered: bool
    is_task: bool
    seconds: float
    stopped_by: str | None
    steps: tuple[StepFigures, ...]
    recent: int
    """Lines of the channel that there were; how many had room says each step."""
    recalled: tuple[Source, ...]
    recalled_used: tuple[MessageId, ...]
    facts: int
    facts_used: int
    files: int
    files_used: int
    is_reply: bool
    """The request answers a message, which was read with it."""
    tokens_left: int | None
    """What the limits of the day had left for this run."""


class CallWords(_Value):
    """What one call said: its arguments, and what came back where that quotes no message."""

    arguments: str
    result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How one answer came about."""

    run_id: str
    asker_id: UserId
    guild_id: GuildId | None
    channel_id: ChannelId
    request_id: MessageId
    at: datetime
    figures: Figures
    words: tuple[tuple[CallWords, ...], ...] | None
    """Step by step, call by call; None: not kept, or not any more."""
    sources: tuple[MessageId, ...] = ()
    """What the run has read, the request too."""
