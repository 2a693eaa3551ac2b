"""A language model as the loop sees it.

ModelError          a sentence for a member, a detail for the log
├── ContextOverflow the prompt was too long for the model: worth one more try with less of it
└── PromptTooLarge  what may not be left out does not fit `context_size`: nothing was asked
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from agent.transcript import Completion, TranscriptMessage
from tools.calls import ToolSpec

OnText = Callable[[str], Awaitable[None]]
"""Hears the whole visible text of the answer so far, each time there is more of it."""


class ModelError(Exception):
    """The model gave no (whole) answer. No text carries a key, or a URL with credentials."""

    def __init__(self, sentence: str, *, detail: str = "", said: str = "", is_down: bool = False) -> None:
        """`sentence` is for the member who asked, `detail` for the log.

        `said` is the server's own text, which may repeat what people wrote: for the doctor, and for logs at debug.
        `is_down`: the fault lies with this endpoint, and another one may do better.
        """
        super().__init__(detail or sentence)
        self.sentence = sentence
        self.detail = detail or sentence
        self.said = said
        self.is_down = is_down


class ContextOverflow(ModelError):  # noqa: N818 - a kind of ModelError, named for what happened
    """The server says that the prompt is longer than the model's context."""


class PromptTooLarge(ModelError):  # noqa: N818 - likewise
    """The system prompt and the tools alone leave no room for a request."""


class Model(Protocol):
    """Answers a transcript.

    Retries, other endpoints and servers' peculiarities are its business. `on_text` is never called for an attempt
    that is given up: once it has been called, what goes wrong is raised. It never hears reasoning, or calls that a
    model wrote as text.
    """

    @property
    def name(self) -> str:
        """The configured name of the model that would be asked now."""
        ...

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        """Raises ModelError."""
        ...
