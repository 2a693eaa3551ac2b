"""Rate limits: the headers every answer carries, and (when switched on) limits as real as Discord's."""

import hashlib
import math
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many requests in so many seconds."""

    limit: int
    seconds: float


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


ROOMY = Bucket(10_000, 1.0)
USUAL = Bucket(50, 1.0)
SENDING = Bucket(5, 5.0)
DELETING = Bucket(5, 1.0)
REACTING = Bucket(1, 0.25)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a request may know of its bucket; `retry_after` is set when it came too early."""

    bucket_id: str
    limit: int
    remaining: int
    reset_after: float
    retry_after: float | None = None

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{time.time() + self.reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after:.3f}",
            "X-RateLimit-Bucket": self.bucket_id,
        }


class RateLimits:
    """Counts per user, route and channel; `realistic` switches the counting on."""

    def __init__(self, *, realistic: bool) -> None:
        self.realistic = realistic
        self._windows: dict[tuple[int, str, str], _Window] = {}

    def use(self, user_id: int, route: str, major: str, bucket: Bucket) -> Allowance:
        bucket_id = hashlib.sha256(route.encode()).hexdigest()[:32]
        if not self.realistic:
            return Allowance(bucket_id, ROOMY.limit, ROOMY.limit - 1, ROOMY.seconds)
        now = time.monotonic()
        key = (user_id, route, major)
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            if len(self._windows) > 1000:
                self._windows = {one: kept for one, kept in self._windows.items() if kept.ends > now}
            window = self._windows[key] = _Window(now + bucket.seconds)
        left = window.ends - now
        if window.used >= bucket.limit:
            return Allowance(bucket_id, bucket.limit, 0, left, retry_after=math.ceil(left * 1000) / 1000)
        window.used += 1
        return Allowance(bucket_id, bucket.limit, bucket.limit - window.used, left)
