"""Everything a prompt is made of, as the surface gathered it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chat.messages import IncomingMessage, Message
from chat.people import Person


@dataclass(frozen=True, slots=True)
class RecalledLine:
    """Something said earlier that may bear on the request."""

    author: Person
    at: datetime
    channel: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class KnownFact:
    """Something kept on purpose."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """A picture the model can look at."""

    filename: str
    data_url: str
    of: Message | None = None
    """What it came with; None is the request."""


@dataclass(frozen=True, slots=True)
class LoadedText:
    """A text file's content, or its beginning and a note."""

    filename: str
    text: str
    of: Message | None = None


@dataclass(frozen=True, slots=True)
class LoadedVoice:
    """What is said in a voice message, as a machine understood it."""

    filename: str
    text: str
    seconds: float
    of: Message | None = None
    is_forwarded: bool = False
    """Then somebody else is heard, whoever sent it."""

    @property
    def is_askers(self) -> bool:
        """Whether it is a part of the request, as if it had been typed."""
        return self.of is None and not self.is_forwarded


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that stays outside of the prompt."""

    filename: str
    why: str
    of: Message | None = None


LoadedFile = LoadedImage | LoadedText | LoadedVoice | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptInput:
    """One request and what surrounds it."""

    incoming: IncomingMessage
    system: str
    """The operator's template, with `{bot}` and `{user}`."""
    now: datetime
    zone: ZoneInfo
    """The asker's time zone: every time in the prompt is shown in it."""
    context_size: int
    """Tokens that the model reads and writes at most in one request."""
    answer_tokens: int
    """Of these, what is kept free for the answer."""
    recent: tuple[Message, ...] = ()
    """What was said in the channel before, oldest first."""
    recalled: tuple[RecalledLine, ...] = ()
    """Best first."""
    facts: tuple[KnownFact, ...] = ()
    """Kept on purpose, the newest last; when not all fit, the newest stay."""
    recall_tokens: int = 1500
    """What facts and recalled lines may take at most, the facts no more than half of it."""
    files: tuple[LoadedFile, ...] = ()
    """Of the request, of the message it replies to, and pictures of recent lines: each only with its line."""
    takes_images: bool = False
    """Whether the model does: of what its tools show, it gets the pictures then."""
    occasion: str | None = None
    """How the request came about, where nobody is waiting there for the answer."""
