"""Voice messages: one audio file with its length and its waveform, and nothing beside it."""

from collections.abc import Sequence

from sandbox.drafts import Draft, Upload
from sandbox.errors import ApiError

VOICE_MESSAGE = 1 << 13


def check_voice_message(draft: Draft) -> None:
    """Raises Discord's errors for one that is none."""
    if not draft.flags & VOICE_MESSAGE:
        return
    if draft.content or draft.embeds or draft.components or draft.poll:
        raise ApiError(400, 50159, "Voice messages do not support additional content")
    uploads: Sequence[Upload] = draft.uploads
    if len(uploads) != 1 or not (uploads[0].content_type or "").startswith("audio/"):
        raise ApiError(400, 50160, "Voice messages must have a single audio attachment")
    if uploads[0].duration_secs is None or uploads[0].waveform is None:
        raise ApiError(400, 50161, "Voice messages must have supporting metadata")
