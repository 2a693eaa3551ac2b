"""What somebody wants to write or change, before it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.content import AllowedMentions
from sandbox.models import InteractionMetadata, Payload, Reference


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    filename: str
    content: bytes
    content_type: str | None = None
    description: str | None = None
    duration_secs: float | None = None
    waveform: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to write."""

    content: str = ""
    embeds: list[Payload] = field(default_factory=list[Payload])
    components: list[Payload] = field(default_factory=list[Payload])
    uploads: Sequence[Upload] = ()
    allowed: AllowedMentions | None = None
    reply_to: Reference | None = None
    fail_if_not_exists: bool = True
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    enforce_nonce: bool = False
    poll: Payload | None = None
    interaction: InteractionMetadata | None = None
    ephemeral_to: int | None = None
    loading: bool = False

    @property
    def empty(self) -> bool:
        return not (self.content.strip() or self.embeds or self.components or self.uploads or self.poll)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants changed; None leaves a part as it is."""

    content: str | None = None
    embeds: list[Payload] | None = None
    components: list[Payload] | None = None
    uploads: Sequence[Upload] = ()
    kept_attachments: frozenset[int] | None = None
    allowed: AllowedMentions | None = None
    flags: int | None = None
