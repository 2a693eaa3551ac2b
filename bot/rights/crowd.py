"""The members of a server, each one a bit of a number, so that thousands are judged by a few operations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

Roles = frozenset[int]


class Crowd:
    """Who is there, and who holds which role. A set of members is a number with their bits set."""

    def __init__(self) -> None:
        self._bit: dict[int, int] = {}
        """Which bit a member is."""
        self._roles: dict[int, Roles] = {}
        self._alike: dict[Roles, Roles] = {}
        """People hold the same few combinations: each is kept once."""
        self._free: list[int] = []
        self._holding: dict[int, int] = {}
        self.everybody = 0

    def __len__(self) -> int:
        return len(self._roles)

    def __contains__(self, person: int) -> bool:
        return person in self._roles

    def roles_of(self, person: int) -> Roles | None:
        """None for who is not (known to be) there."""
        return self._roles.get(person)

    def holding(self, role: int) -> int:
        return self._holding.get(role, 0)

    def only(self, person: int) -> int:
        """The member alone; nobody, if they are not there."""
        return 1 << self._bit[person] if person in self._bit else 0

    def those(self, people: Iterable[int]) -> int:
        return _number([self._bit[person] for person in people if person in self._bit])

    def enter(self, people: Iterable[tuple[int, Roles]]) -> None:
        """These are there and hold these roles, from now on."""
        new: dict[int, list[int]] = defaultdict(list)
        entered: list[int] = []
        for person, held in people:
            roles = self._alike.setdefault(held, held)
            if person in self._bit:
                self._change(person, roles)
                continue
            bit = self._bit[person] = self._free.pop() if self._free else len(self._bit)
            self._roles[person] = roles
            entered.append(bit)
            for role in roles:
                new[role].append(bit)
        self.everybody |= _number(entered)
        for role, bits in new.items():
            self._holding[role] = self.holding(role) | _number(bits)

    def leave(self, person: int) -> None:
        if person not in self._bit:
            return
        self._change(person, frozenset())
        self.everybody &= ~self.only(person)
        self._free.append(self._bit.pop(person))
        del self._roles[person]

    def _change(self, person: int, roles: Roles) -> None:
        me = self.only(person)
        for role in self._roles[person] ^ roles:
            self._holding[role] = self.holding(role) ^ me
        self._roles[person] = roles


def _number(bits: Sequence[int]) -> int:
    """The number with these bits set; in one go, since each operation on a long number costs its length."""
    if not bits:
        return 0
    row = bytearray(max(bits) // 8 + 1)
    for bit in bits:
        row[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(row, "little")
