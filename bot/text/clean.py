"""What goes out: text that Discord takes and people can see."""

import re
import unicodedata

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
UNSEEN = {"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"}
LOOKS_EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a symbol by category, drawn as nothing


def clean(text: str) -> str:
    """`text` without stray control characters and outer blank space; empty when nobody would see anything of it."""
    if not text.isascii():
        # A model that streams by UTF-16 units cuts pairs in two: halves are joined, lone ones replaced.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = CONTROLS.sub("", LINE_ENDS.sub("\n", text))
    return "" if is_blank(text) else BLANK_LINES.sub("", text).rstrip()


def is_blank(text: str) -> bool:
    """Whether nothing of this can be seen: blank space, zero-width and filler characters only."""
    return not any(unicodedata.category(character) not in UNSEEN and character not in LOOKS_EMPTY for character in text)
