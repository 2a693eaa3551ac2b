"""How many tokens outside servers may use in somebody's name."""

from collections import deque
from datetime import datetime, timedelta

from chat.clock import Clock
from chat.ids import UserId

HOUR = timedelta(hours=1)


class Allowance:
    """For each person, in any sixty minutes. What is held by calls that run counts as used."""

    def __init__(self, *, tokens: int, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._used: dict[UserId, deque[tuple[datetime, int]]] = {}
        self._held: dict[UserId, int] = {}

    def take(self, person: UserId, tokens: int) -> bool:
        """Hold so many back, if there are as many left; then `settle` must follow."""
        now = self._clock()
        for each in list(self._used):
            while self._used[each] and self._used[each][0][0] <= now - HOUR:
                self._used[each].popleft()
            if not self._used[each]:
                del self._used[each]
        used = sum(count for _, count in self._used.get(person, ())) + self._held.get(person, 0)
        if used + tokens > self._tokens:
            return False
        self._held[person] = self._held.get(person, 0) + tokens
        return True

    def settle(self, person: UserId, *, held: int, used: int) -> None:
        self._held[person] -= held
        if not self._held[person]:
            del self._held[person]
        if used:
            self._used.setdefault(person, deque()).append((self._clock(), used))
