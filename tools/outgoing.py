"""Addresses in what goes out: a link carries whatever stands in it to whoever is behind it, once somebody opens it.

So a run that has read what others wrote makes links only of addresses that it was given as they are. Any other is
shown as code and without its `https://`, which nobody can open by a click. Pure.

What counts as code is judged more narrowly than Discord does it: a link in doubtful code is treated as a link.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

_SCHEME = r"[a-z][a-z0-9+.-]{0,20}://"
_LABEL = r"(?:[^\[\]]|\[[^\[\]]{0,500}\]){0,1000}"
_LINKS = (
    r"\\[^0-9A-Za-z\s]"  # an escaped mark
    rf"|\[(?P<label>{_LABEL})\]\(\s*<?(?P<masked>{_SCHEME}[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?"
    r"(?:\s+\"[^\"\n]*\")?\s*\)"
    rf"|<(?P<angled>{_SCHEME}[^\s<>]+)>"
    rf"|(?P<bare>{_SCHEME}[^\s<]+)"
)
_CODE = (
    r"(?P<block>(?:\A|(?<=\n))```(?s:.{0,6000}?)```)"  # within a quote or a list, Discord may see no code there
    r"|(?P<code>(?P<ticks>`{1,2})(?!`)[^\n]{0,500}?[^`\n](?P=ticks)(?!`))"
)
_TOKEN = re.compile(f"{_CODE}|{_LINKS}", re.IGNORECASE)
_WITHOUT_CODE = re.compile(_LINKS, re.IGNORECASE)
_MASKED_IN_CODE = re.compile(rf"\]\((?=\s*<?{_SCHEME})", re.IGNORECASE)
_ANYWHERE = re.compile(rf"{_SCHEME}[^\s<]+", re.IGNORECASE)
_SCHEMES = re.compile(_SCHEME, re.IGNORECASE)
_ENDS_AT = re.compile(r"[\"'`\\<>\[\]{}|^*“”‘’«»‹›„…，。、！？：；）】」』]")
_LIKE_AN_ADDRESS = re.compile(r"://|(?:\w-?)+\.[^\W\d_]{2,}")
_IN_DISCORD = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|\d{1,20})(?:/\d{1,20}){1,2}/?")
_GROWING = re.compile(rf"(?:\[[^\[\]]*\]\(\s*)?<?{_SCHEME}\S*\Z", re.IGNORECASE)

Judge = Callable[[str], bool]


def canonical(address: str) -> str:
    """Without the punctuation and quotation marks that stood behind it in a text."""
    end = _ENDS_AT.search(address)
    cut = address[: end.start()] if end else address
    while cut and (cut[-1] in ".,:;!?~_" or (cut[-1] == ")" and cut.count("(") < cut.count(")"))):
        cut = cut[:-1]
    return cut


def addresses(text: str) -> set[str]:
    """All that stand in a text."""
    return {canonical(found[0]) for found in _ANYWHERE.finditer(text)} if "://" in text else set()


def is_in_discord(address: str) -> bool:
    """A jump link: it leads to a place and nowhere else, and others look at whether it may be shown."""
    return _IN_DISCORD.fullmatch(address) is not None


def made_inert(text: str, is_known: Judge) -> tuple[str, tuple[str, ...]]:
    """The text with only known addresses as links, and the hosts of the others.

    Of a link behind words that look like another address, the address itself is shown.
    """
    if "://" not in text:
        return text, ()
    hosts: dict[str, None] = {}

    def shown(token: re.Match[str]) -> str:
        address = token["masked"] or token["angled"] or token["bare"]
        if address is None:
            return _MASKED_IN_CODE.sub("] (", token[0])  # so that no words before the code can take it into a link
        label = token["label"]
        if _may_stay(address, is_known):
            if label is None or not _LIKE_AN_ADDRESS.search(label) or label.strip() == address:
                return token[0]
            return f"<{address}>"
        hosts[host_of(address)] = None
        code = f"`{_bare(address)}`"
        return code if label is None else f"{made_inert(label, is_known)[0]} ({code})"

    return (_TOKEN if _is_plain_code(text) else _WITHOUT_CODE).sub(shown, text), tuple(hosts)


def without_growing_end(text: str) -> str:
    """A text that still grows, without the address that may not be whole yet."""
    return _GROWING.sub("", text)


def host_of(address: str) -> str:
    """For people to look at."""
    try:
        return (urlsplit(canonical(address)).hostname or "unknown")[:100]
    except ValueError:
        return "unknown"


def _is_plain_code(text: str) -> bool:
    """Whether each mark of code has its partner. One that has none may take another's in Discord's eyes."""
    return "`" not in _TOKEN.sub(lambda token: "" if token["block"] or token["code"] else token[0], text)


def _bare(address: str) -> str:
    """Without `https://` there is no link, even where a stray mark before it turns what is code around."""
    while (shorter := _SCHEMES.sub("", address)) != address:
        address = shorter
    return address.replace("`", "%60")


def _may_stay(address: str, is_known: Judge) -> bool:
    whole = canonical(address)
    behind = address[len(whole) :]
    return not any(map(str.isalnum, behind)) and (is_in_discord(whole) or is_known(whole))
