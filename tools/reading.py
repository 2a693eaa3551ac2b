"""What one run has read: whether any of it was others' words, and which addresses it was given."""

import json
from collections.abc import Iterator

from pydantic import JsonValue, TypeAdapter

from tools.outgoing import addresses, made_inert

_JSON = TypeAdapter[JsonValue](JsonValue)
DEEPEST = 40
MOST = 5000  # addresses of one run


class Reading:
    """Grows while the run goes on. Everybody who judges what it says or does looks at the same one."""

    def __init__(self, *, tainted: bool = False) -> None:
        """`tainted`: others' words are among what it begins with."""
        self.tainted = tainted
        self._given: set[str] = set()
        self._made_up: set[str] = set()

    def hear(self, text: str) -> None:
        """The run reads this, or its asker wrote it: the addresses in it may be passed on as they are."""
        if len(self._given) < MOST:
            found = {address for part in _strings(text) for address in addresses(part)}
            self._given |= {address for address in found if not self._is_made_up(address)}

    def wrote(self, text: str) -> None:
        """The model has put this into a call: what was not given to it before does not become so by an echo."""
        if len(self._made_up) < MOST:
            found = {address for part in _strings(text) for address in addresses(part)}
            self._made_up |= {address.casefold() for address in found if not self.knows(address)}

    def knows(self, address: str) -> bool:
        """Whether the address as a whole was given to the run: it carries no more than its author knew."""
        return address in self._given

    def safe(self, text: str) -> tuple[str, tuple[str, ...]]:
        """What may go out of it, and the hosts of addresses that are no links any more."""
        return made_inert(text, self.knows if self.tainted else _anything)

    def _is_made_up(self, address: str) -> bool:
        """An echo may be cut, or have something behind it."""
        folded = address.casefold()
        return any(folded.startswith(each) or each.startswith(folded) for each in self._made_up)


def _anything(_: str) -> bool:
    return True


def _strings(text: str, depth: int = 0) -> Iterator[str]:
    """The texts in a result that is JSON; any other is one text."""
    if "://" not in text and ":\\/" not in text:
        return
    if text.lstrip()[:1] in {"{", "[", '"'} and depth < DEEPEST:
        try:
            value = _JSON.validate_python(json.loads(text))
        except (ValueError, RecursionError):  # ValidationError is a ValueError
            yield text
        else:
            yield from _strings_in(value, depth + 1)
    else:
        yield text


def _strings_in(value: JsonValue, depth: int) -> Iterator[str]:
    match value:
        case str(text):
            yield from _strings(text, depth)
        case list(items):
            for item in items:
                yield from _strings_in(item, depth)
        case dict(items):
            for name, item in items.items():
                yield from _strings(name, depth)
                yield from _strings_in(item, depth)
        case _:
            return
