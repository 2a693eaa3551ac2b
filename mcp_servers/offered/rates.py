"""How often each token may call: a bucket that fills evenly."""

import time
from collections.abc import Callable

MAX_BUCKETS = 10_000


class Rates:
    """Counts calls by key; what has been quiet for long is forgotten."""

    def __init__(self, *, per_minute: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}
        """How many calls are left, and as of when."""

    def take(self, key: str) -> float:
        """Count one call: 0 when it may be made, else in how many seconds the next one may."""
        now = self._now()
        left, at = self._buckets.get(key, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_second)
        if left < 1:
            return (1 - left) / self._per_second
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = {key: kept for key, kept in self._buckets.items() if self._is_filling(kept, now)}
        self._buckets[key] = (left - 1, now)
        return 0.0

    def _is_filling(self, bucket: tuple[float, float], now: float) -> bool:
        left, at = bucket
        return left + (now - at) * self._per_second < self._burst
