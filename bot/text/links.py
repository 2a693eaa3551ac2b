"""Jump links to messages in an answer: which there are, and the answer without those that lead nowhere. Pure.

Code is left as it is: nothing in it can be clicked.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.text import fences
from chat.ids import ChannelId, GuildId, MessageId

_ID = r"\d{{1,25}}"
_JUMP = (
    rf"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?P<guild{{0}}>@me|{_ID})"
    rf"/(?P<channel{{0}}>{_ID})/(?P<message{{0}}>{_ID})(?!\d)/?"
)
_LINK = re.compile(
    rf"\[(?P<label>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\([ ]*<?{_JUMP.format(1)}>?(?: +\"[^\"\n]*\")?[ ]*\)"
    rf"|<{_JUMP.format(2)}>|{_JUMP.format(3)}",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^\n]*?[^`\n]\1(?!`)")
_UNFINISHED = re.compile(
    r"(?:\[[^\[\]\n]*\]\([ ]*)?<?https?(?::/{0,2}(?P<host>[^\s<>()\[\]/]*)(?P<path>/[^\s<>()\[\]]*)?)?\Z", re.IGNORECASE
)
_DISCORD = re.compile(r"(?:\w+\.)?discord(?:app)?\.com", re.IGNORECASE)
_TAIL = 600  # characters, more than the longest link with its words

_GONE = "\0"
"""Stands where a link was until what was around it is tidied up: never a part of a text that Discord takes."""
_LONELY = re.compile(rf"^[ \t>]*(?:(?:[-*+•]|\d{{1,3}}[.)])[ \t]*)?{_GONE}[ \t{_GONE}]*(?:\n|\Z)", re.MULTILINE)
_BRACKETED = re.compile(rf"[ \t]*[(\[][ \t]*{_GONE}[ \t,;{_GONE}]*[)\]]")
_LEFT = re.compile(rf"[ \t]*{_GONE}")


@dataclass(frozen=True, slots=True)
class JumpLink:
    """A link to one message."""

    guild_id: GuildId | None
    """None in a direct message."""
    channel_id: ChannelId
    message_id: MessageId


def links(text: str) -> list[JumpLink]:
    """All that can be clicked, each once, in their order."""
    if "/channels/" not in text.lower():
        return []
    found = (_target(match) for words, code in _parts(text) if not code for match in _LINK.finditer(words))
    return list(dict.fromkeys(found))


def keeping(text: str, stays: Callable[[JumpLink], bool]) -> str:
    """The text with those of its links that stay; of the others only their words are left, and no mess."""
    if all(stays(link) for link in links(text)):
        return text

    def kept(match: re.Match[str]) -> str:
        if stays(_target(match)):
            return match[0]
        label = match["label"] or ""
        return _GONE if _LINK.search(label) or not label.strip() else label

    parts = _parts(text.replace(_GONE, ""))
    left = "".join(words if code else _LINK.sub(kept, words) for words, code in parts)
    return _LEFT.sub("", _BRACKETED.sub("", _LONELY.sub("", left)))


def finished(text: str) -> str:
    """A text that still grows, without what may become a jump link at its end."""
    tail = _UNFINISHED.search(text, max(0, len(text) - _TAIL))
    if tail is None or (tail["path"] and not _DISCORD.fullmatch(tail["host"])):
        return text
    return text[: tail.start()]


def _target(match: re.Match[str]) -> JumpLink:
    number = next(number for number in "123" if match[f"message{number}"])
    guild = match[f"guild{number}"]
    return JumpLink(
        None if guild == "@me" else GuildId(int(guild)),
        ChannelId(int(match[f"channel{number}"])),
        MessageId(int(match[f"message{number}"])),
    )


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is code."""
    for fenced, lines in groupby(_lines(text), key=lambda each: each[1]):
        words = "".join(line for line, _ in lines)
        if fenced:
            yield words, True
            continue
        at = 0
        for code in _CODE.finditer(words):
            yield words[at : code.start()], False
            yield code[0], True
            at = code.end()
        yield words[at:], False


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line with its end, and whether it belongs to a fenced block, its fences included."""
    fence = None
    for line in re.split(r"(?<=\n)", text):
        before, fence = fence, fences.after(line.rstrip("\n"), fence)
        start = line.find(fence.marks) if fence and not before else 0
        if start > 0:
            yield line[:start], False
        yield line[max(0, start) :], bool(before or fence)
