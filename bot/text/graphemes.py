"""Where a character, as a reader sees it, ends: the part of Unicode's rules (UAX #29) that chat text needs."""

import unicodedata

JOINER = "\u200d"
EXTENDING = {"Mn", "Mc", "Me"}


def is_border(text: str, at: int) -> bool:
    """Whether `text` may be cut at `at` without cutting a character: an emoji, a flag, a letter and its accents.

    Looks at nothing after `text[at]`, so that text which is still growing gives the same answer later.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if after.isascii():
        return not (before == "\r" and after == "\n")
    if before == JOINER or _extends(after):
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(text, at) % 2 == 0
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return False
    return not (_is_jamo(before) and "\u1160" <= after <= "\u11ff")


def last_border(text: str, at: int) -> int:
    """The last border at or before `at`; 0 when one character is longer than that."""
    while at > 0 and not is_border(text, at):
        at -= 1
    return at


def _extends(character: str) -> bool:
    return (
        character in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # the letters of subdivision flags
        or unicodedata.category(character) in EXTENDING
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _is_flag_letter(text[start - 1]):
        start -= 1
    return at - start


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff" or "\uac00" <= character <= "\ud7a3"
