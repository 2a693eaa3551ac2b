"""Code fences, read line by line as people and models write them."""

import re
from dataclasses import dataclass

MAX_MARKS = 8  # nobody fences with more; longer runs are a ruler, not a fence
MAX_INFO = 32

RUN = re.compile(r"`{3,}|~{3,}")
"""What may be a fence, or part of one that is still being written."""
_OPENING = re.compile(r"[ \t>]*(?:[-*+] +|\d{1,3}[.)] +)?(`{3,8}|~{3,8})(?![`~])[ \t]*(.*)")
_INFO = re.compile(r"[\w+#.\-]+")
_TICKS = re.compile(r"`{3,8}(?!`)")


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code fence: what opened it, and so what closes and reopens it."""

    marks: str
    info: str = ""

    @property
    def opening(self) -> str:
        return f"{self.marks}{self.info}\n"

    @property
    def closing(self) -> str:
        return f"\n{self.marks}"


def after(line: str, fence: Fence | None) -> Fence | None:
    """The fence that is open once `line` has been read."""
    if "```" not in line and "~~~" not in line:
        return fence
    if fence:
        return None if closes(line, fence) else fence
    return _opened(line)


def closes(line: str, fence: Fence) -> bool:
    """Whether this line ends the fence. Discord also takes three backticks that end a line of code."""
    text = line.strip(" \t\r>")
    mark = fence.marks[0]
    run = len(text) - len(text.rstrip(mark))
    if run < len(fence.marks):
        return False
    return run == len(text) or (mark == "`" and run == len(fence.marks) == 3)


def _opened(line: str) -> Fence | None:
    opening = _OPENING.match(line)
    if opening:
        marks, info = opening[1], opening[2]
        if marks[0] == "`" and "`" in info:
            return None  # code within one line
        return Fence(marks, _language(info))
    runs = list(_TICKS.finditer(line))
    if len(runs) % 2 == 0:
        return None
    tail = line[runs[-1].end() :].strip()
    return Fence(runs[-1][0], tail if _INFO.fullmatch(tail) and len(tail) <= MAX_INFO else "")


def _language(info: str) -> str:
    word = _INFO.match(info)
    return word[0] if word and len(word[0]) <= MAX_INFO else ""
