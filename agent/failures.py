"""What a server's failure means: in words for a member, in detail for the log, and whether to try again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.model import ContextOverflow, ModelError

_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context|context (?:length|size|window)|"
    r"prompt is too long|input is too long|too many (?:input )?tokens|reduce the length|request too large",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient_quota|billing|credit|payment", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content management policy|safety system", re.IGNORECASE)
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
MAX_DETAIL = 300

UNREACHABLE = "I cannot reach my language model right now. Please try again in a while."
TOO_SLOW = "My language model took too long to answer. Please try again."
FAULTY = "My language model has a fault right now. Please try again in a while."
BUSY = "My language model is too busy right now. Please try again{when}."
NO_MONEY = "My language model's provider says that its quota is used up; my operator has to look at that."
KEY_REFUSED = "My language model's provider refuses my key; my operator has to look at that."
NONE_LISTED = (
    "My language model's server lists no model that can chat; my operator has to fill in llm_reply.model_name."
)
NOT_THERE = "My language model is not where I was told it is; my operator has to look at that."
REFUSED = "My language model did not accept the request; my operator can find the reason in my log."
TOO_LONG = "This is too long for my language model, even with less of the conversation around it."
FILTERED = "My language model's provider refuses to answer this, by its content filter."
GARBLED = "My language model answered with something that is no answer. Please try again."
BROKE_OFF = "My language model broke off in the middle of its answer. Please try again."

_FOR_GOOD: Mapping[int | None, str] = {401: KEY_REFUSED, 402: NO_MONEY, 403: KEY_REFUSED, 404: NOT_THERE}
_PASSING = {408, 409, 425}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not get into any text: where it stands, dots are shown."""

    key: str

    def hide(self, text: str) -> str:
        shown = text.replace(self.key, "…") if len(self.key) > 3 else text
        return _CREDENTIALS.sub("//", " ".join(shown.split()))[:MAX_DETAIL]


class Fault(Exception):  # noqa: N818 - it never leaves the adapter
    """One attempt went wrong."""

    def __init__(
        self, error: ModelError, *, is_passing: bool, retry_after: float | None = None, said: str = ""
    ) -> None:
        """`is_passing`: the same request may do better soon. `said` is the server's own text."""
        super().__init__(str(error))
        self.error = error
        self.is_passing = is_passing
        self.retry_after = retry_after
        self.said = said


def unreachable(detail: str) -> Fault:
    return Fault(ModelError(UNREACHABLE, detail=detail, is_down=True), is_passing=True)


def too_slow(detail: str) -> Fault:
    return Fault(ModelError(TOO_SLOW, detail=detail, is_down=True), is_passing=True)


def garbled(detail: str, *, said: str = "") -> Fault:
    return Fault(ModelError(GARBLED, detail=detail, said=said, is_down=True), is_passing=True)


def broke_off(detail: str) -> Fault:
    return Fault(ModelError(BROKE_OFF, detail=detail, is_down=True), is_passing=True)


def none_listed(detail: str) -> Fault:
    return Fault(ModelError(NONE_LISTED, detail=detail, is_down=True), is_passing=False)


def refused(status: int | None, said: str, detail: str, *, shown: str = "", retry_after: float | None = None) -> Fault:
    """The server answered with an error: `status` is its HTTP status, or what an error within a stream says.

    `shown` is `said` as it may be shown.
    """
    if status in {None, 400, 413, 422, 500} and _OVERFLOW.search(said):
        return Fault(ContextOverflow(TOO_LONG, detail=detail, said=shown), is_passing=False, said=said)
    sentence, is_down, is_passing = _meaning(status, said, retry_after)
    error = ModelError(sentence, detail=detail, said=shown, is_down=is_down)
    return Fault(error, is_passing=is_passing, retry_after=retry_after, said=said)


def shown_already(error: ModelError) -> ModelError:
    """The same, after people have seen a part of the answer: no other endpoint may start anew."""
    return ModelError(BROKE_OFF, detail=error.detail, said=error.said)


def _meaning(status: int | None, said: str, retry_after: float | None) -> tuple[str, bool, bool]:
    """The sentence, whether the endpoint is down, and whether it may pass."""
    if status in _FOR_GOOD:
        return _FOR_GOOD[status], True, False
    if status == 429 and _NO_MONEY.search(said):
        return NO_MONEY, True, False
    if status == 429:
        when = " in a while" if retry_after is None else f" in {max(1, round(retry_after))} seconds"
        return BUSY.format(when=when), True, True
    if status is not None and 400 <= status < 500 and status not in _PASSING:
        return FILTERED if _FILTERED.search(said) else REFUSED, False, False
    return FAULTY, True, True
