"""The channel's recent lines as turns: people's lines quoted, the bot's own messages as its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from agent.budget import cut
from agent.quoted import cost, quoted_message
from agent.quoting import Kind, defused, line, repaired
from agent.tokens import PER_MESSAGE, count_text
from agent.transcript import AssistantMessage, TextPart, TranscriptMessage, UserMessage
from chat.ids import UserId
from chat.messages import Message

HEADING = "What was said in this channel before the request, oldest first."
LARGEST_SHARE = 4  # one line takes at most a quarter of the room: a wall of text must not be all that is remembered
LEAST_LINE = 60


@dataclass(frozen=True, slots=True)
class History:
    """Turns, and the lines after the last of the bot's: they open the message that the request closes."""

    turns: tuple[TranscriptMessage, ...] = ()
    open_lines: tuple[str, ...] = ()
    count: int = 0
    """Of messages that there was room for."""


@dataclass(frozen=True, slots=True)
class _Line:
    is_own: bool
    text: str


def history(recent: Sequence[Message], *, bot: UserId, zone: ZoneInfo, room: int) -> History:
    """The newest of `recent` (oldest first) that take at most `room` tokens together."""
    most = max(room // LARGEST_SHARE, LEAST_LINE)
    left = room - cost(_heading()) - PER_MESSAGE - 1
    lines: list[_Line] = []
    for message in reversed(recent):
        read = _line(message, bot=bot, zone=zone, room=most)
        if read is None:
            continue
        # Each may begin a turn of its own; what that costs is not known before all are chosen.
        left -= cost(read.text) + PER_MESSAGE + 1
        if left < 0:
            break
        lines.append(read)
    return _turns(lines[::-1])


def _line(message: Message, *, bot: UserId, zone: ZoneInfo, room: int) -> _Line | None:
    if message.author.id != bot:
        text = quoted_message(Kind.MESSAGE, message, zone, room=room)
        return None if text is None else _Line(is_own=False, text=text)
    text = cut(defused(repaired(message.text)).strip(), count_text, room)
    return _Line(is_own=True, text=text) if text else None


def _turns(lines: Sequence[_Line]) -> History:
    if not lines:
        return History()
    turns: list[TranscriptMessage] = []
    opening = [_heading()]  # the first turn is people's: some models accept no other order
    for is_own, said in groupby(lines, key=lambda each: each.is_own):
        texts = [each.text for each in said]
        if is_own:
            turns += [UserMessage((TextPart("\n".join(opening)),)), AssistantMessage("\n".join(texts))]
            opening = []
        else:
            opening += texts
    return History(tuple(turns), tuple(opening), len(lines))


def _heading() -> str:
    return line(Kind.HISTORY, note=HEADING)
