"""Discord's ids: milliseconds since 2015 in the upper bits, so that an id tells its own time."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_DERIVED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_DERIVED_SPAN_MS = 3 * 365 * 24 * 3600 * 1000


def snowflake_at(when: datetime, low_bits: int = 0) -> int:
    return ((when - EPOCH) // timedelta(milliseconds=1)) << 22 | (low_bits & 0x3FFFFF)


def time_of(snowflake: int) -> datetime:
    return EPOCH + timedelta(milliseconds=snowflake >> 22)


def derived(*parts: str) -> int:
    """The same name gives the same id each time, with a creation time between 2020 and 2022."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    age = int.from_bytes(digest[:8]) % _DERIVED_SPAN_MS
    return snowflake_at(_DERIVED_FROM + timedelta(milliseconds=age), int.from_bytes(digest[8:11]))


class Snowflakes:
    """Makes new ids: always growing, also within one millisecond and when the clock steps back."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> int:
        self._last = max(self._last + 1, snowflake_at(self._clock()))
        return self._last
