"""Was a write literally asked for? Pure: the asker's own words against what would be said, and where.

The rule is stricter than a reader would be, for the only price of a false "no" is one click. The words of the text
stand in the request side by side and in order, so that leaving out, adding or moving a word is noticed; only a few
words that say nothing may come and go. What turns a sentence around (not, never, if, unless, …) must stand in the
request just as often as in the text. Links stand there whole; emoji stand there.

What it cannot notice: that words were quoted or asked about and not meant to be passed on. Such an echo carries
nothing but the asker's own words, and only to a place that the asker named.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection

from chat.channels import Channel
from tools.resolve import fold, words

GLUE = frozenset(
    """
    a an the that this is are am be s re m it please hi hello hey fyi says time reminder remember
    """.split()  # noqa: SIM905 (a list to read, not to scroll)
)
"""Words that say nothing of their own."""
TURNS = frozenset(
    """
    not no never none nobody nothing neither nor without cannot t cant dont doesnt didnt isnt arent wont if
    unless until only except but maybe nicht kein keine nie ohne wenn nur aber pas jamais sans ne si
    """.split()  # noqa: SIM905 (a list to read, not to scroll)
)
"""Words that turn a sentence around or hang a condition on it."""
CALLING = frozenset({"remind", "reminder", "reminding", "time"})
"""What is said around something that somebody is reminded of."""
_TURNED = {"i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "our": "your"}

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*:/|www\.)[^\s<>|]*", re.IGNORECASE)
_EXPLICIT = re.compile(r"<#\d{1,20}>|#[^\s#,;:!?()\"“”<>]+")


def is_wording_of(text: str, said: str, *, asker_name: str = "", to_asker: bool = False) -> bool:
    """Whether `text` says nothing that `said` does not say. "Mia says: …" is allowed to the asker Mia.

    `to_asker`: it is said back to them, so "remind me to call my mum" may become "Time to call your mum".
    """
    text, said = _visible(text), _visible(said)
    if not set(_links(text)) <= set(_links(said)) or not _signs(text) <= _signs(said):
        return False
    text_words, said_words = words(_LINK.sub(" ", text)), words(_LINK.sub(" ", said))
    if _turns(text_words) != _turns(said_words):
        return False
    idle = GLUE.union(words(asker_name), CALLING if to_asker else ()) - TURNS
    wanted, there = (_content(spoken, idle, to_asker=to_asker) for spoken in (text_words, said_words))
    if not wanted:
        nothing_said = to_asker and bool(text_words)
        return nothing_said or (bool(text.strip()) and text.strip().casefold() in said.casefold())
    return any(there[start : start + len(wanted)] == wanted for start in range(len(there)))


def stands_in(value: str, said: str, *, also: Collection[str] = ()) -> bool:
    """Whether an id or emoji stands in the request as it is, or is one of those that the request is `also` about."""
    value = value.strip()
    if value in also:
        return True
    return bool(value) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said) is not None


def names_of(channel: Channel, said: str) -> list[str]:
    """The ways in which the request may have named this channel, to be resolved as the asker would have meant them.

    Where channels are written with #, only those count: a channel called "done" is not named by "the deploy is done".
    """
    explicit = [name.rstrip(".'’*_`~") for name in _EXPLICIT.findall(_visible(said))]
    if explicit:
        return [name for name in explicit if name == f"<#{channel.id}>" or fold(name[1:]) == fold(channel.name)]
    if re.search(rf"/channels/\d+/{channel.id}(?!\d)", said):
        return [str(channel.id)]
    name, there = words(channel.name), words(said)
    if name and any(there[start : start + len(name)] == name for start in range(len(there))):
        return [channel.name]
    return []


def _visible(text: str) -> str:
    """Without the characters that nobody sees, which could cut a link or a word in two."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def _links(text: str) -> list[str]:
    return [link.rstrip(").,;:!?'\"*_~`]") for link in _LINK.findall(text)]


def _signs(text: str) -> set[str]:
    return {
        character for character in text if unicodedata.category(character) in {"So", "Sk"} and not character.isascii()
    }


def _content(spoken: list[str], idle: frozenset[str], *, to_asker: bool) -> list[str]:
    kept = [word for word in spoken if word not in idle]
    return [_TURNED.get(word, word) for word in kept] if to_asker else kept


def _turns(spoken: list[str]) -> Counter[str]:
    return Counter(word for word in spoken if word in TURNS)
