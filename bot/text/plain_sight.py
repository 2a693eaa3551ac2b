"""Text as it is, for whoever has to decide about it: nothing hidden, nothing drawn as something else, no way out."""

import unicodedata

from bot.text.clean import LOOKS_EMPTY

SHOWN_AS_THEY_ARE = frozenset("\n\t ")
JOINERS = frozenset("\u200d\ufe0f")
"""They make one emoji of several."""
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
"""Scripts with letters that are drawn as those of another of them."""
BACKTICK = "\u02cb"
FENCE = "```"


def in_plain_sight(text: str) -> str:
    """What cannot be seen, or turns text around, by its number: `‹U+202E›`."""
    text = text.replace("\r\n", "\n")
    return "".join(_shown(text, at) for at in range(len(text)))


def fenced(text: str) -> str:
    """A block of code in which nothing is a link, a mention, a spoiler or a heading, and which `text` cannot end."""
    return f"{FENCE}\n{in_plain_sight(text).replace('`', BACKTICK)}\n{FENCE}"


def mixed_words(text: str) -> list[str]:
    """Words with letters of two alphabets that look alike: `pаypal` with a Cyrillic а."""
    words = dict.fromkeys("".join(each if each.isalnum() else " " for each in text).split())
    return [word for word in words if not word.isascii() and len(_scripts(word)) > 1]


def one_line(text: str, most: int) -> str:
    """For a name in a sentence: no line breaks, no markup, cut at `most` characters."""
    shown = "".join(f"\\{each}" if each in "\\*_~`|>#[]()<-" else each for each in " ".join(text.split())[:most])
    return in_plain_sight(shown).replace("@", "@\u200b")


def _shown(text: str, at: int) -> str:
    character = text[at]
    if character in SHOWN_AS_THEY_ARE:
        return character
    if character in JOINERS and at and unicodedata.category(text[at - 1]) in {"So", "Sk", "Mn"}:
        return character
    kind = unicodedata.category(character)
    if kind in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or character in LOOKS_EMPTY or character in JOINERS:
        return f"‹U+{ord(character):04X}›"
    return " " if kind == "Zs" else character


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(each, "").partition(" ")[0] for each in word if each.isalpha())
    return {name for name in names if name in ALIKE}
