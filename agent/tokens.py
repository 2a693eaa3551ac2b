"""How many tokens something is, estimated without any model's vocabulary and corrected by what servers count."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.transcript import (
    AssistantMessage,
    ImagePart,
    PicturesMessage,
    SystemMessage,
    TextPart,
    ToolMessage,
    TranscriptMessage,
    UserMessage,
)
from tools.calls import ToolSpec

IMAGE_TOKENS = 1500  # of the largest that `bot.pictures` makes, by most providers' rules
PER_MESSAGE = 4  # role and delimiters
PER_REQUEST = 3

# In twelfths of a token: four ASCII characters are one token, three of CJK are two, two of other scripts one; what
# lies beyond the first plane (emoji, rare signs) is two tokens each.
_ASCII, _WIDE, _OTHER, _ASTRAL, _TOKEN = 3, 8, 6, 24, 12
_WIDE_RUN = re.compile("[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]+")
_ASTRAL_RUN = re.compile("[\U00010000-\U0010ffff]+")

_LEAST, _MOST = 0.75, 3.0  # servers that leave cached tokens out of the count would make us overfill
_WEIGHT = 0.3  # of the newest observation
_WORTH_LEARNING = 50  # tokens; in a tiny prompt the template's own tokens outweigh the text


def count_text(text: str) -> int:
    """Never less for a longer text, and never more for a whole than for its pieces together."""
    if text.isascii():
        return -(-len(text) * _ASCII // _TOKEN)
    ascii_only = len(text.encode("ascii", "ignore"))
    wide = sum(map(len, _WIDE_RUN.findall(text)))
    astral = sum(map(len, _ASTRAL_RUN.findall(text)))
    other = len(text) - ascii_only - wide - astral
    return -(-(ascii_only * _ASCII + wide * _WIDE + astral * _ASTRAL + other * _OTHER) // _TOKEN)


def count_message(message: TranscriptMessage) -> int:
    match message:
        case SystemMessage(text):
            return PER_MESSAGE + count_text(text)
        case UserMessage(parts):
            return PER_MESSAGE + sum(_count_part(part) for part in parts)
        case AssistantMessage(text, calls, keepsake):
            kept = count_text(keepsake.reasoning + json.dumps(dict(keepsake.extras))) if keepsake else 0
            said = sum(8 + count_text(call.id + call.name + call.arguments) for call in calls)
            return PER_MESSAGE + count_text(text) + said + kept
        case ToolMessage(call_id, name, content):
            return PER_MESSAGE + count_text(call_id + name) + count_text(content)
        case PicturesMessage(note, images):
            return PER_MESSAGE + count_text(note) + IMAGE_TOKENS * len(images)


def count_messages(messages: Sequence[TranscriptMessage]) -> int:
    return PER_REQUEST + sum(count_message(message) for message in messages)


def count_tools(tools: Sequence[ToolSpec]) -> int:
    return sum(count_text(tool.name + tool.description + json.dumps(dict(tool.parameters))) + 12 for tool in tools)


def _count_part(part: TextPart | ImagePart) -> int:
    match part:
        case TextPart(text):
            return 1 + count_text(text)
        case ImagePart():
            return IMAGE_TOKENS


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many of a model's tokens one estimated token is."""

    ratio: float = 1.0
    samples: int = 0

    def observed(self, estimated: int, counted: int) -> "Calibration":
        """After a server has counted `counted` for what was estimated as `estimated`."""
        if estimated < _WORTH_LEARNING or counted <= 0:
            return self
        seen = min(max(counted / estimated, _LEAST), _MOST)
        ratio = seen if self.samples == 0 else self.ratio + _WEIGHT * (seen - self.ratio)
        return Calibration(ratio, self.samples + 1)

    def estimated_room(self, tokens: int) -> int:
        """How many estimated tokens fit into so many of the model's."""
        return int(tokens / self.ratio)

    def tokens(self, estimated: int) -> int:
        return round(estimated * self.ratio)


class Calibrations:
    """The calibration of each model that was asked, by its configured name."""

    def __init__(self) -> None:
        self._of: dict[str, Calibration] = {}

    def of(self, model: str) -> Calibration:
        return self._of.get(model, Calibration())

    def observed(self, model: str, *, estimated: int, counted: int) -> None:
        self._of[model] = self.of(model).observed(estimated, counted)
