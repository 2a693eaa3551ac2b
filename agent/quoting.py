"""What people wrote, quoted so that no text or name can pass for another line of the prompt.

A quoted line is a word of ours and one JSON object: `message {"from":"Mia",…}`. Inside it line breaks are escaped, and
so are the characters that hide text or turn it around. A file's lines each begin with `| `. So every line of a prompt
begins with a word that this program wrote, whatever the people wrote.
"""

import json
import re
import unicodedata
from enum import StrEnum

# Controls, line separators, direction marks, zero-width and tag characters, private use. The joiners of emoji and of
# Persian (U+200C, U+200D) stay: inside quotes they can forge nothing.
_UNSEEN = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff"
    "\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
# What chat templates mark turns, reasoning and calls with. Local servers read it as such wherever it stands, so that
# a member could begin a turn of the system's.
_TEMPLATE_MARK = re.compile(
    "<(?=[|｜]|/?s>|/?(?:bos|eos|pad|unk|think|tool_call|tool_response|tool_calls|start_of_turn|end_of_turn)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|TOOL_CONTENT|ARGS|CALL_ID|THINK|IMG)\])"
)
_NOT_IN_FILES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
MAX_NAME = 80
MARK = "| "


class Kind(StrEnum):
    """The words that lines of a prompt begin with."""

    HISTORY = "history"
    MESSAGE = "message"
    CONTEXT = "context"
    FACT = "fact"
    MEMORY = "memory"
    REPLIED_TO = "replied_to"
    FILE = "file"
    SKIPPED_FILE = "skipped_file"
    VOICE = "voice"
    REQUEST = "request"


Field = str | int | None


def line(kind: Kind, **fields: Field) -> str:
    """One line; fields that are None are left out. `from_` stands for `from`."""
    present = {name.rstrip("_"): _sound(value) for name, value in fields.items() if value is not None}
    return f"{kind} {_escaped(json.dumps(present, ensure_ascii=False, separators=(',', ':')))}"


def marked(text: str) -> str:
    """A file's text, each line marked."""
    lines = repaired(text).splitlines() or [""]
    return "\n".join(f"{MARK}{_escaped(_NOT_IN_FILES.sub(_escape, each))}" for each in lines)


def plain_name(name: str) -> str:
    """A name for the middle of a sentence: one line, nothing hidden, not long."""
    seen = (" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in repaired(name))
    shown = " ".join(_UNSEEN.sub("", "".join(seen)).split())[:MAX_NAME]
    return _TEMPLATE_MARK.sub("‹", shown) or "somebody"


def defused(text: str) -> str:
    """Without anything that a chat template could take for its own marks. Inside JSON it reads back the same."""
    return _TEMPLATE_MARK.sub(_escape, text) if "<" in text or "[" in text else text


def repaired(text: str) -> str:
    """Without lone halves of surrogate pairs, which no UTF-8 can carry; matching halves are joined."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _sound(value: str | int) -> str | int:
    return repaired(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    text = defused(text)
    return text if text.isascii() and "\x7f" not in text else _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
