"""Fitting what there is into the room there is: cutting with a visible note, never silently."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.tokens import count_message, count_text
from agent.transcript import AssistantMessage, PicturesMessage, ToolMessage, TranscriptMessage

SHORT_RESULT = 100  # tokens that an old tool result keeps when room is scarce
LONGEST_TOKEN = 4  # characters, by our own estimate


def cut_note(shown: int, length: int) -> str:
    return f"[… cut: {shown} of {length} characters shown]"


def cut(text: str, cost: Callable[[str], int], room: int) -> str | None:
    """As much of the beginning as `cost` lets into `room`, and a note; None when not even the note fits.

    `cost` must not fall when its text grows.
    """
    if len(text) <= room * LONGEST_TOKEN and cost(text) <= room:
        return text
    shortened = text[: max(0, room) * LONGEST_TOKEN]
    low, high = 0, len(shortened)
    while low < high:
        middle = (low + high + 1) // 2
        if cost(_noted(text, middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return _noted(text, low) if cost(_noted(text, low)) <= room else None


def cut_text(text: str, room: int) -> str:
    """`text` in at most `room` tokens, or the bare note."""
    return cut(text, count_text, room) or cut_note(0, len(text))


def _noted(text: str, shown: int) -> str:
    return f"{text[:shown]} {cut_note(shown, len(text))}" if shown else cut_note(0, len(text))


def fit_run(run: Sequence[TranscriptMessage], room: int) -> tuple[TranscriptMessage, ...]:
    """This run's own calls and results in at most `room` tokens.

    Pictures go first, then the oldest results are cut, then the oldest steps are left out whole: a call without its
    result, or a result without its call, would be refused by servers.
    """
    kept = list(run)
    excess = sum(map(count_message, kept)) - room
    for message in [message for message in run if isinstance(message, PicturesMessage)]:
        if excess <= 0:
            break
        kept.remove(message)
        excess -= count_message(message)
    for index, message in enumerate(kept):
        if excess <= 0:
            break
        if isinstance(message, ToolMessage):
            cost = count_message(message)
            keep = max(SHORT_RESULT, count_text(message.content) - excess)
            kept[index] = replace(message, content=cut_text(message.content, keep))
            excess -= cost - count_message(kept[index])
    while kept and sum(map(count_message, kept)) > room:
        later = (i for i, message in enumerate(kept) if i and isinstance(message, AssistantMessage))
        del kept[: next(later, len(kept))]
    return tuple(kept)
