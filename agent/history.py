"""The channel's recent lines as turns: people's lines quoted, the bot's own messages as its own words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from zoneinfo import ZoneInfo

from agent.budget import cut
from agent.quoted import cost, quoted_message
from agent.quoting import Kind, defused, line, repaired
from agent.tokens import PER_MESSAGE, count_text
from agent.transcript import AssistantMessage, TextPart, TranscriptMessage, UserMessage
from chat.ids import MessageId, UserId
from chat.messages import Message

HEADING = "What was said in this channel before the request, oldest first."
LARGEST_SHARE = 4  # one line takes at most a quarter of the room: a wall of text must not be all that is remembered
LEAST_LINE = 60


@dataclass(frozen=True, slots=True)
class History:
    """Turns, and the lines after the last of the bot's: they open the message that the request closes."""

    turns: tuple[TranscriptMessage, ...] = ()
    open_lines: tuple[str, ...] = ()
    ids: frozenset[MessageId] = frozenset()
    """Of the messages in it."""
    left: int = 0
    """Of the room, so many tokens at least."""


@dataclass(frozen=True, slots=True)
class _Line:
    id: MessageId
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
        needed = cost(read.text) + PER_MESSAGE + 1
        if needed > left:
            break
        left -= needed
        lines.append(read)
    turns = _turns(lines[::-1])
    return replace(turns, ids=frozenset(each.id for each in lines), left=max(0, left if lines else room))


def _line(message: Message, *, bot: UserId, zone: ZoneInfo, room: int) -> _Line | None:
    if message.author.id != bot:
        text = quoted_message(Kind.MESSAGE, message, zone, room=room)
        return None if text is None else _Line(message.id, is_own=False, text=text)
    text = cut(defused(repaired(message.text)).strip(), count_text, room)
    return _Line(message.id, is_own=True, text=text) if text else None


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
    return History(tuple(turns), tuple(opening))


def _heading() -> str:
    return line(Kind.HISTORY, note=HEADING)
