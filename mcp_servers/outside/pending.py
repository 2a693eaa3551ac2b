"""Sign-ins that wait for their browser to come back."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from chat.ids import UserId

LONGEST = 8192
"""Characters of what a browser comes back with."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a person has to open."""

    server: str
    url: str
    host: str
    """Where it leads."""
    seconds: float
    """How long it is good."""


@dataclass(frozen=True, slots=True)
class Return:
    """With what a browser came back."""

    state: str
    code: str = field(default="", repr=False)
    issuer: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """One sign-in."""

    person: UserId
    name: str
    """The person's, for the page."""
    link: Link
    came_back: asyncio.Future[Return] = field(repr=False)


class WrongReturnError(Exception):
    """What came back belongs to no sign-in that waits: one sentence for the person."""


class PendingSignIns:
    """By the `state` in their links, which nobody can guess, and which is good once."""

    def __init__(self) -> None:
        self._by_state: dict[str, Pending] = {}

    def wait(self, state: str, pending: Pending) -> None:
        self._by_state[state] = pending

    def give_up(self, state: str) -> None:
        self._by_state.pop(state, None)

    def find(self, state: str) -> Pending | None:
        """Whose it is; None when it is unknown, used or ended."""
        return self._by_state.get(state)

    def link_of(self, server: str, person: UserId) -> Link | None:
        """The link that still waits, if there is one."""
        mine = (each for each in self._by_state.values() if each.person == person and each.link.server == server)
        return next((each.link for each in mine), None)

    def came_back(self, came: Return) -> bool:
        """Whether somebody waited for it."""
        pending = self._by_state.pop(came.state, None)
        if pending is None or pending.came_back.done():
            return False
        pending.came_back.set_result(came)
        return True

    def pasted(self, address: str, server: str, person: UserId) -> None:
        """The address at which a browser ended that could not reach us. Raises WrongReturnError."""
        came = read_return(_query(address.strip()))
        pending = self.find(came.state) if came else None
        is_theirs = pending is not None and (pending.link.server, pending.person) == (server, person)
        if came is None or not is_theirs or not self.came_back(came):
            raise WrongReturnError(
                "That is not the address at which this sign-in ended; copy all of it from the browser's address bar, "
                "or begin again."
            )


def read_return(query: str) -> Return | None:
    """None when there is no state in it, or anything twice."""
    if len(query) > LONGEST:
        return None
    try:
        given = parse_qs(query, max_num_fields=20)
    except ValueError:
        return None
    if any(len(given.get(name, [])) > 1 for name in ("state", "code", "iss", "error")) or "state" not in given:
        return None
    first = {name: values[0] for name, values in given.items()}
    return Return(first["state"], first.get("code", ""), first.get("iss"), first.get("error", ""))


def _query(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""
