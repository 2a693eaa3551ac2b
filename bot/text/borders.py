"""Where a piece of text is best cut: between paragraphs, else lines, sentences, words, characters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.text import fences
from bot.text.fences import Fence
from bot.text.graphemes import last_border

GOOD, POOR = 0.5, 0.25
"""How full a message must be for a nicer cut to be preferred over a fuller message."""

_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]+\S")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_SENTENCE = re.compile(r"(?<!\d)[.!?…]+[\"'”’»)\]*_]*(?=\s)|[。！？]+[」』”’）]*")

# Both kinds also match up to the end of the text: what is cut off there may still be going on.
_WHOLE = re.compile(r"https?://[^\s<>]+|<[@#:/ta-z][^<>\n]{0,100}(?:>|\Z)|`+")
"""Never cut, while there is any other way: addresses, mentions, custom emoji, runs of backticks."""
_TOGETHER = re.compile(
    r"\[[^\[\]\n]{0,300}(?:\](?:\([^()\s]*(?:\)|\Z)|\Z)|\Z)"
    r"|`[^`\n]+(?:`|\Z)|\*\*[^*\n]+(?:\*{1,2}|\Z)|__[^_\n]+(?:_{1,2}|\Z)|~~[^~\n]+(?:~{1,2}|\Z)|\|\|[^|\n]+(?:\|{1,2}|\Z)"
)
"""Kept together where possible: masked links, inline code, bold, underline, strike, spoiler."""


class Kind(Enum):
    """What lies at a line border."""

    PARAGRAPH = auto()
    LINE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Open:
    """What a cut interrupts: the next message must open it again."""

    fence: Fence | None = None
    table: str = ""
    """The header of the table, its rule included."""


NOTHING = Open()


@dataclass(frozen=True, slots=True)
class Cut:
    """Where to cut, and what is open there."""

    at: int
    open: Open


@dataclass(frozen=True, slots=True)
class _Border:
    at: int
    kind: Kind
    open: Open


def choose(window: str, start: Open) -> Cut:
    """The best cut of `window`, which is one character longer than what fits. Never 0, never its whole length."""
    last = len(window) - 1
    borders, tail, open_there = _scan(window, start)
    for kind in Kind:
        for border in reversed(borders):
            if border.kind is kind and border.at >= last * GOOD:
                return Cut(border.at, border.open)
    together = _taken(window, _WHOLE, _TOGETHER)
    if open_there == NOTHING and (at := _sentence(window, together, max(tail, int(last * GOOD)), last)):
        return Cut(at, NOTHING)
    if borders and borders[-1].at >= last * POOR:
        return Cut(borders[-1].at, borders[-1].open)
    at = _word(window, together, max(tail, int(last * POOR)), last)
    if at := at or _word(window, _taken(window, _WHOLE), tail, last):
        return Cut(at, Open(open_there.fence))
    if borders:
        return Cut(borders[-1].at, borders[-1].open)
    return Cut(_anywhere(window, last), Open(open_there.fence))


def _scan(window: str, start: Open) -> tuple[Sequence[_Border], int, Open]:
    """The line borders of `window`, where its last line begins, and what is open on that line."""
    borders: list[_Border] = []
    here, at, previous, glued = start, 0, "", False
    while (end := window.find("\n", at)) >= 0:
        line = window[at:end]
        before, here = here, _read(line, previous, here)
        opened = here.fence is not None and before.fence is None
        if opened or _HEADING.match(line) or (not here.fence and _is_table_start(line, window, end)):
            glued = True  # with what follows
        elif line.strip() or here.fence:
            glued = False
        if end and not glued:
            kind = _kind(window, end, before, here)
            borders.append(_Border(end, kind, here))
        previous, at = line, end + 1
    return borders, at, here


def _read(line: str, previous: str, here: Open) -> Open:
    fence = fences.after(line, here.fence)
    if fence or here.fence:
        return Open(fence)
    if here.table:
        return here if "|" in line else NOTHING
    if "|" in previous and "-" in line and "|" in line and _TABLE_RULE.fullmatch(line):
        return Open(None, f"{previous}\n{line}\n")
    return NOTHING


def _is_table_start(line: str, window: str, end: int) -> bool:
    """Whether `line` is a table's header or its rule: neither says anything without the row that follows."""
    if "|" not in line:
        return False
    following, _, _ = window[end + 1 :].partition("\n")
    is_rule = "-" in line and _TABLE_RULE.fullmatch(line) is not None
    return is_rule or ("|" in following and "-" in following and _TABLE_RULE.fullmatch(following) is not None)


def _kind(window: str, end: int, before: Open, here: Open) -> Kind:
    if here.fence:
        return Kind.CODE
    closed = before.fence is not None
    return Kind.PARAGRAPH if closed or window.startswith("\n\n", end) else Kind.LINE


def _taken(window: str, *patterns: re.Pattern[str]) -> bytearray:
    """For each place of `window`, 1 if a cut there would go through what a pattern keeps whole."""
    taken = bytearray(len(window) + 1)
    for pattern in patterns:
        for found in pattern.finditer(window):
            start, end = found.span()
            taken[start + 1 : end] = b"\x01" * (end - start - 1)
    return taken


def _sentence(window: str, taken: bytearray, low: int, high: int) -> int:
    ends = [found.end() for found in _SENTENCE.finditer(window, low) if low < found.end() <= high]
    return next((end for end in reversed(ends) if not taken[end]), 0)


def _word(window: str, taken: bytearray, low: int, high: int) -> int:
    """The last blank that may be cut at; 0 when there is none after `low`."""
    first = low + len(window[low:high]) - len(window[low:high].lstrip())
    return next((at for at in range(high, first, -1) if window[at].isspace() and not taken[at]), 0)


def _anywhere(window: str, last: int) -> int:
    """Between characters, outside of mentions and addresses if there is such a place."""
    free = _taken(window, _WHOLE).rfind(0, 0, last + 1)
    return last_border(window, free) or last_border(window, last) or last
