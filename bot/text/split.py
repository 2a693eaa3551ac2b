"""Cuts a long answer into Discord messages.

What holds, for every text and every limit of at least `MIN_LIMIT`:

- Every part is at most `limit` long and not blank. Length is counted in UTF-16 units: Discord's server counts code
  points, its clients UTF-16 units, and the stricter reading is right for both.
- Joined, the bodies of the parts are the text, apart from blank space at the cuts (Discord trims it anyway) and from
  the closing line of a fence that would have been all that the next part says. A part that begins inside a code
  block opens it again, one that begins inside a table repeats its header, and a code block that is open at the end of
  a part is closed there.
- **Growing text**: all parts of a prefix but the last are exactly the first parts of the whole text. A cut depends only
  on what was said up to the first character that no longer fitted. So while an answer streams, a message that is full
  never changes. The last part may still shrink when it overflows. This is why room for the closing line is
  kept free as soon as a fence was seen, and so a text with a fence may be cut a few characters early.
- Time is linear in the text; `plan` reads no further than it needs.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from bot.text import fences
from bot.text.borders import NOTHING, Open, choose
from bot.text.fences import Fence

LIMIT = 2000
"""What one Discord message holds."""
MIN_LIMIT = 40
MAX_PARTS = 5
_SEEN = re.compile(r"\S")
REST_NOTE = "*(The rest is in the attached file.)*"


@dataclass(frozen=True, slots=True)
class Piece:
    """One message's share: `body` is the text itself, `before` and `after` were added."""

    before: str
    body: str
    after: str
    start: int
    """Where in the text `body` begins."""
    open: Open
    """What was open there."""

    @property
    def text(self) -> str:
        return f"{self.before}{self.body}{self.after}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an answer is shown: as messages, and what does not fit into these as a file."""

    parts: Sequence[str]
    overflow_text: str | None = None


def split(text: str, limit: int = LIMIT) -> list[str]:
    """The messages that say `text`; none for blank text. See the module for what holds."""
    return [piece.text for piece in pieces(text, limit)]


def plan(text: str, limit: int = LIMIT, *, max_parts: int = MAX_PARTS, note: str = REST_NOTE) -> Plan:
    """At most `max_parts` messages; the last one ends with `note` when a rest is left over for a file.

    While text grows, the parts before the last possible one are as stable as those of `split`.
    """
    first = list(islice(pieces(text, limit), max_parts + 1))
    if len(first) <= max_parts:
        return Plan([piece.text for piece in first])
    *kept, last, _ = first
    shorter = _pieces(text.rstrip(), limit - width(note) - 2, last.start, last.open)
    last, rest = next(shorter), next(shorter, None)
    parts = [piece.text for piece in kept]
    if rest is None:
        return Plan([*parts, last.text])
    return Plan([*parts, f"{last.text}\n\n{note}"], f"{rest.before}{text[rest.start :]}".rstrip())


def width(text: str) -> int:
    """The length that Discord's clients count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, limit: int = LIMIT) -> Iterator[Piece]:
    """The parts of `split`, one by one, with what was added to each kept apart."""
    return _pieces(text.rstrip(), limit, 0, NOTHING)


def _pieces(text: str, limit: int, at: int, here: Open) -> Iterator[Piece]:
    if limit < MIN_LIMIT:
        raise ValueError(f"a message of {limit} characters is too short to split text into; {MIN_LIMIT} is the least")
    while True:
        at, here = _resume(text, at, here)
        if at >= len(text):
            return
        before, here = _reopened(text, at, here, limit)
        end = _overflow(text, at, limit - width(before), here)
        if end is None:
            rest = text[at:]
            yield Piece(before, rest, _closing(_after(rest, here)), at, here)
            return
        cut = choose(text[at : at + end], here)
        body = text[at : at + cut.at].rstrip()
        if before or body:
            yield Piece(before, body, _closing(cut.open.fence), at, here)
        at, here = at + cut.at, cut.open


def _resume(text: str, at: int, here: Open) -> tuple[int, Open]:
    """Step over what a cut leaves behind: the line end in code, else all blank space."""
    if here.fence:
        if at < len(text) and text[at] == "\n":
            at += 1
        end = text.find("\n", at, at + LIMIT)
        line = text[at : end if end >= 0 else at + LIMIT]
        if not fences.closes(line, here.fence) or line.strip(here.fence.marks[0] + " \t\r>"):
            return at, here
        at, here = at + len(line), NOTHING  # the part before has closed it already
    seen = _SEEN.search(text, at)
    return seen.start() if seen else len(text), here


def _reopened(text: str, at: int, here: Open, limit: int) -> tuple[str, Open]:
    """What to put before the part that begins at `at`, and what is then open."""
    if fence := here.fence:
        if len(fence.opening) + len(fence.closing) > limit // 2:
            here = Open(fence := Fence(fence.marks))
        return fence.opening, here
    reach = limit // 4
    end = text.find("\n", at, at + reach)
    if here.table and width(here.table) <= reach and "|" in text[at : end if end >= 0 else at + reach]:
        return here.table, here
    return "", NOTHING


def _overflow(text: str, at: int, room: int, here: Open) -> int | None:
    """How much of the text from `at` it takes to no longer fit; None when all of it fits.

    Counts a closing line for the longest fence seen so far, open or not: what is seen only grows with the text.
    """
    window = text[at : at + room + 1]
    sums = _widths(window)
    reserve = len(here.fence.closing) if here.fence else 0
    for run in fences.RUN.finditer(window):
        if sums[run.start()] > room - reserve:
            break
        for marks in range(3, len(run[0]) + 1):
            reserve = max(reserve, 1 + min(marks, fences.MAX_MARKS))
            if sums[run.start() + marks] > room - reserve:
                return max(run.start() + marks, 2)
    fitting = bisect_right(sums, room - reserve) - 1
    return fitting + 1 if fitting < len(window) else None


def _widths(window: str) -> Sequence[int]:
    """The width of each beginning of `window`, from none of it to all."""
    if width(window) == len(window):
        return range(len(window) + 1)
    return list(accumulate((2 if character > "\uffff" else 1 for character in window), initial=0))


def _after(text: str, here: Open) -> Fence | None:
    fence = here.fence
    if fence or fences.RUN.search(text):
        for line in text.split("\n"):
            fence = fences.after(line, fence)
    return fence


def _closing(fence: Fence | None) -> str:
    return fence.closing if fence else ""
