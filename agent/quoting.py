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
_NOT_IN_FILES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REQUEST = re.compile(r"^request (\{.*\})$", re.MULTILINE)
MAX_NAME = 80
MARK = "| "


class Kind(StrEnum):
    """The words that lines of a prompt begin with."""

    HISTORY = "history"
    MESSAGE = "message"
    CONTEXT = "context"
    MEMORY = "memory"
    REPLIED_TO = "replied_to"
    FILE = "file"
    SKIPPED_FILE = "skipped_file"
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
    return " ".join(_UNSEEN.sub("", "".join(seen)).split())[:MAX_NAME] or "somebody"


def repaired(text: str) -> str:
    """Without lone halves of surrogate pairs, which no UTF-8 can carry; matching halves are joined."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_request(prompt: str) -> str | None:
    """The words of the request in a prompt's last user message: for a stand-in model that reads by rules."""
    found = _REQUEST.findall(prompt)
    match json.loads(found[-1]) if found else None:
        case {"text": str(text)}:
            return text
        case _:
            return None


def _sound(value: str | int) -> str | int:
    return repaired(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return text if text.isascii() and "\x7f" not in text else _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
