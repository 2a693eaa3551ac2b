"""The forms that routes accept for messages, and what they mean."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from sandbox.content import AllowedMentions
from sandbox.drafts import Draft, Edit, Upload
from sandbox.errors import invalid_form
from sandbox.models import Payload, Reference
from sandbox.rest.calls import Call

_KINDS = {"users", "roles", "everyone"}


def _known_kinds(kinds: list[str]) -> list[str]:
    if set(kinds) - _KINDS:
        raise ValueError("Value must be one of ('users', 'roles', 'everyone').")
    return kinds


def _whole(text: str) -> str:
    """Half of a surrogate pair is no text: JSON may carry it, nothing afterwards could store it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bytes(text: str) -> str:
    """Base64, as it is. Raises ValueError."""
    b64decode(text, validate=True)
    return text


class MentionsBody(BaseModel):
    """`allowed_mentions`."""

    parse: Annotated[list[str], AfterValidator(_known_kinds)] = []
    users: list[int] | None = None
    roles: list[int] | None = None
    replied_user: bool = False

    def allowed(self) -> AllowedMentions:
        if ("users" in self.parse and self.users) or ("roles" in self.parse and self.roles):
            text = 'parse:["users"] and users: [ids...] are mutually exclusive.'
            raise invalid_form([(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)])
        return AllowedMentions(
            frozenset(self.parse), frozenset(self.users or ()), frozenset(self.roles or ()), self.replied_user
        )


class ReferenceBody(BaseModel):
    """`message_reference`."""

    message_id: int
    channel_id: int | None = None
    guild_id: int | None = None
    type: int = 0
    fail_if_not_exists: bool = True


class AttachmentBody(BaseModel):
    """An entry of `attachments`: a file of this request by its number, or one to be kept by its id."""

    id: int
    filename: str | None = None
    description: str | None = None
    duration_secs: Annotated[float, Field(ge=0, le=1200, allow_inf_nan=False)] | None = None
    waveform: Annotated[str, Field(max_length=400), AfterValidator(_bytes)] | None = None


class MessageBody(BaseModel):
    """A message to write, or the changes to one."""

    content: Annotated[str, AfterValidator(_whole)] | None = None
    embeds: list[Payload] | None = None
    components: list[Payload] | None = None
    attachments: list[AttachmentBody] | None = None
    allowed_mentions: MentionsBody | None = None
    message_reference: ReferenceBody | None = None
    flags: int | None = None
    tts: bool = False
    nonce: Annotated[str, Field(max_length=25)] | int | None = None
    enforce_nonce: bool = False
    poll: Payload | None = None

    def draft(self, call: Call, channel_id: int) -> Draft:
        reference = self.message_reference
        return Draft(
            content=self.content or "",
            embeds=self.embeds or [],
            components=self.components or [],
            uploads=self.uploads(call),
            allowed=self.allowed_mentions.allowed() if self.allowed_mentions else None,
            reply_to=reference
            and Reference(reference.channel_id or channel_id, reference.message_id, reference.guild_id, reference.type),
            fail_if_not_exists=reference is None or reference.fail_if_not_exists,
            flags=self.flags or 0,
            tts=self.tts,
            nonce=self.nonce,
            enforce_nonce=self.enforce_nonce,
            poll=self.poll and completed_poll(self.poll),
        )

    def edit(self, call: Call) -> Edit:
        given = self.model_fields_set
        kept = frozenset(one.id for one in self.attachments or ()) if "attachments" in given else None
        return Edit(
            content=(self.content or "") if "content" in given else None,
            embeds=(self.embeds or []) if "embeds" in given else None,
            components=(self.components or []) if "components" in given else None,
            uploads=self.uploads(call),
            kept_attachments=kept,
            allowed=self.allowed_mentions.allowed() if self.allowed_mentions else None,
            flags=self.flags,
        )

    def uploads(self, call: Call) -> list[Upload]:
        described = {one.id: one for one in self.attachments or ()}
        found: list[Upload] = []
        for number, upload in sorted(call.sent.files.items()):
            about = described.get(number)
            name = (about.filename if about else None) or upload.filename
            made = Upload(name, upload.content, upload.content_type)
            if about:
                made = replace(made, description=about.description, duration_secs=about.duration_secs)
                made = replace(made, waveform=about.waveform)
            found.append(made)
        return found


def completed_poll(poll: Payload) -> Payload:
    """A poll as it comes back: answers numbered, nobody has voted."""
    answers = poll.get("answers")
    listed: list[object] = list(answers) if isinstance(answers, list) else []  # pyright: ignore[reportUnknownArgumentType]
    hours = poll.get("duration")
    lasts = timedelta(hours=hours if isinstance(hours, int) else 24)
    numbered = [{**one, "answer_id": index + 1} for index, one in enumerate(listed) if isinstance(one, dict)]  # pyright: ignore[reportUnknownVariableType]
    return {
        "question": poll.get("question", {"text": ""}),
        "answers": numbered,
        "expiry": (datetime.now(UTC) + lasts).isoformat(),
        "allow_multiselect": bool(poll.get("allow_multiselect", False)),
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }
