"""Which channel or person is meant by what somebody wrote. Pure; the caller passes only what the asker may see.

An id or a mention counts first, then the exact name, then the name without case, accents and decorations
("ops channel" finds "📣-Ops"), then the beginning of a name, then a part of it. Several at one level are ambiguous.
"""

import difflib
import itertools
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from chat.channels import Channel
from chat.ids import ChannelId, UserId
from tools.permission import THREADS
from tools.surface import Member

T = TypeVar("T")

CHANNEL_LINK = r"https://(?:\w+\.)?discord(?:app)?\.com/channels/[^/]+/(\d{1,20})"
MESSAGE = re.compile(rf"(?:{CHANNEL_LINK}/)?(\d{{1,20}})")
"""A message by its id (the last group), alone or at the end of its link."""
_CHANNEL_ID = re.compile(rf"<#(\d{{1,20}})>|(\d{{1,20}})|{CHANNEL_LINK}\S*")
_PERSON_ID = re.compile(r"<@!?(\d{1,20})>|@?(\d{1,20})")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_BEFORE = {"the", "channel", "thread"}
_AFTER = {"channel", "thread", "room"}
_ME = {"me", "myself", "i"}


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The one that is meant."""

    value: T


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[T]):
    """More than one fits equally well."""

    candidates: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Missing(Generic[T]):
    """None fits; these are spelt most like it."""

    nearest: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class ListedChannel:
    """A channel with the name of the server it is on."""

    channel: Channel
    guild_name: str = ""


def channel_id_in(written: str) -> ChannelId | None:
    """The id when it is written as one: `<#id>`, bare, or in a link to a message or channel."""
    found = _CHANNEL_ID.fullmatch(written.strip())
    return ChannelId(_number(found)) if found else None


def person_id_in(written: str) -> UserId | None:
    found = _PERSON_ID.fullmatch(written.strip())
    return UserId(_number(found)) if found else None


def resolve_channel(
    written: str, listed: Sequence[ListedChannel], *, exact: bool = False
) -> Found[ListedChannel] | Ambiguous[ListedChannel] | Missing[ListedChannel]:
    """`exact`: a part of a name is not enough."""
    wanted_id = channel_id_in(written)
    if by_id := [entry for entry in listed if entry.channel.id == wanted_id]:
        return Found(by_id[0])
    name = written.strip().removeprefix("#").strip()
    group, slash, rest = name.rpartition("/")
    if slash and group and rest:
        name, listed = rest.strip().removeprefix("#"), [entry for entry in listed if _is_under(entry, group)]
    match _best(name, [(entry, (entry.channel.name,)) for entry in listed], _forms(name), exact=exact):
        case Ambiguous(candidates):
            # A thread is often called like the channel of the matter; `#name` then means the channel.
            channels = [entry for entry in candidates if entry.channel.kind not in THREADS]
            return Found(channels[0]) if len(channels) == 1 else Ambiguous(candidates)
        case result:
            return result


def resolve_person(
    written: str, members: Sequence[Member], *, me: UserId | None = None
) -> Found[Member] | Ambiguous[Member] | Missing[Member]:
    """`me` is who "me" is."""
    name = written.strip()
    wanted_id = me if name.casefold() in _ME else person_id_in(name)
    if by_id := [member for member in members if member.person.id == wanted_id]:
        return Found(by_id[0])
    names = [(member, (member.person.name, member.username, *member.names)) for member in members]
    name = name.removeprefix("@")
    return _best(name, names, [fold(name)], exact=False)


def words(text: str) -> list[str]:
    """The words of a text without case, accents, emoji, punctuation and invisible characters."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = [_letter_or_gap(character) for character in letters]
    return unicodedata.normalize("NFC", "".join(kept)).split()


def fold(name: str) -> str:
    """What makes two spellings one name; a name of signs only stays as it is."""
    return "-".join(words(name)) or name.strip().casefold()


def _letter_or_gap(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LN":
        return character
    return "" if category in {"Mn", "Me", "Cf"} else " "


def _best(
    name: str, named: Sequence[tuple[T, tuple[str, ...]]], forms: Sequence[str], *, exact: bool
) -> Found[T] | Ambiguous[T] | Missing[T]:
    if spelt_so := [value for value, names in named if name in names]:
        return _one_of(spelt_so)
    folded = [(value, frozenset(fold(each) for each in names)) for value, names in named]
    for fits in _levels(forms, exact=exact):
        if matches := [value for value, names in folded if any(fits(each) for each in names)]:
            return _one_of(matches)
    return Missing(tuple(_nearest(forms[0], folded)))


def _levels(forms: Sequence[str], *, exact: bool) -> Iterator[Callable[[str], bool]]:
    for form in forms:
        yield partial(operator.eq, form)
    for form in forms:
        if not exact and len(form) >= 2:
            yield partial(_begins, form)
    for form in forms:
        if not exact and len(form) >= 3:
            yield partial(_contains, form)


def _begins(form: str, name: str) -> bool:
    return name.startswith(form)


def _contains(form: str, name: str) -> bool:
    return form in name


def _one_of(matches: Sequence[T]) -> Found[T] | Ambiguous[T]:
    return Found(matches[0]) if len(matches) == 1 else Ambiguous(tuple(matches))


def _nearest(wanted: str, folded: Sequence[tuple[T, frozenset[str]]]) -> Iterator[T]:
    known = {name for _, names in folded for name in names}
    near = set(difflib.get_close_matches(wanted, sorted(known), n=3, cutoff=0.5))
    return itertools.islice((value for value, names in folded if names & near), 3)


def _plain(name: str) -> str:
    """ "the ops channel" without the words that are no part of its name."""
    *before, last = words(name) or [""]
    kept = before if last in _AFTER else [*before, last]
    while len(kept) > 1 and kept[0] in _BEFORE:
        kept = kept[1:]
    return "-".join(kept)


def _forms(name: str) -> list[str]:
    return [form for form in dict.fromkeys([fold(name), _plain(name)]) if form] or [""]


def _is_under(entry: ListedChannel, group: str) -> bool:
    """Whether the channel stands under a category or a server that is called so."""
    wanted = fold(group.removeprefix("#"))
    return wanted in {fold(entry.channel.category), fold(entry.guild_name)}


def _number(found: re.Match[str]) -> int:
    return next(int(group) for group in found.groups() if group)
