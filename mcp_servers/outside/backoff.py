"""How long to wait before a server is tried again."""

import random
from collections.abc import Callable

LONGEST = 60.0
SOON = 1.2
"""With the jitter at most 1.5 s, so that a server that is back is used again within two seconds."""
SOON_FOR = 60.0

Jitter = Callable[[], float]


def jitter() -> float:
    return random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, hides nothing


def delay(failures: int, *, down_for: float | None, is_program: bool, jitter: Jitter = jitter) -> float:
    """Seconds until the next try.

    Args:
        failures: How many tries have failed in a row, or ended soon after they succeeded.
        down_for: How long it has been away; None when it was never there.
        is_program: Each try starts a program, which costs more than a look at an address.
        jitter: By what to stretch it.
    """
    first = 0.1 if is_program else 0.25
    longest = SOON if down_for is not None and down_for < SOON_FOR and not is_program else LONGEST
    if down_for is None:
        first = 0.5
    return min(first * 2 ** min(failures, 20), longest) * jitter()
