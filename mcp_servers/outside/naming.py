"""The names under which outside tools are called: `server__tool`, within what function calling allows."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count

LONGEST = 64
BETWEEN = "__"
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")
_HASH = 8


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """Where a call goes."""

    server: str
    tool: str
    """The server's own name for it."""


def names_of(routes: Collection[Route]) -> Mapping[Route, str]:
    """A name for each, never the same for two, whatever the order they are given in.

    A name that is wanted twice, or is too long, gets a hash of both names; but one that stands as its server wrote it
    keeps it where the others had to be changed.
    """
    plain = {route: f"{route.server}{BETWEEN}{_NOT_ALLOWED.sub('_', route.tool)}" for route in sorted(set(routes))}
    unchanged = {route for route, name in plain.items() if name.endswith(f"{BETWEEN}{route.tool}")}
    wanted, wanted_unchanged = Counter(plain.values()), Counter(plain[route] for route in unchanged)
    names: dict[Route, str] = {}
    for route, name in plain.items():
        first = wanted[name] == 1 or (route in unchanged and wanted_unchanged[name] == 1)
        if first and len(name) <= LONGEST:
            names[route] = name
    taken = set(names.values())
    for route, name in plain.items():
        if route not in names:
            names[route] = _hashed(route, name, taken)
            taken.add(names[route])
    return names


def _hashed(route: Route, name: str, taken: Collection[str]) -> str:
    for salt in count():
        digest = hashlib.sha256(f"{route.server}\0{route.tool}\0{salt}".encode()).hexdigest()[:_HASH]
        hashed = f"{name[: LONGEST - _HASH - 1]}_{digest}"
        if hashed not in taken:
            return hashed
    raise AssertionError("count() does not end")
