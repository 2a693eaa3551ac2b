"""How often and how long a failed request is tried again."""

import random
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """All pauses together stay within `seconds`, counted from the first try."""

    seconds: float = 60.0
    tries: int = 6
    first_pause: float = 0.5
    longest_pause: float = 8.0

    @property
    def brief(self) -> "Retries":
        """For an endpoint that others stand in for."""
        return replace(self, seconds=min(self.seconds, 3.0), tries=min(self.tries, 2))

    def pause(self, tried: int, *, spent: float, retry_after: float | None, dice: random.Random) -> float | None:
        """How long to wait after so many tries and seconds; None to give up.

        A server that asks for patience gets it, if there is so much time; it is not asked sooner.
        """
        if tried >= self.tries:
            return None
        # Many requests fail at once when a server does: jitter keeps them from coming back at once.
        grown = min(self.longest_pause, self.first_pause * 2 ** (tried - 1)) * dice.uniform(0.5, 1.0)
        pause = grown if retry_after is None else max(grown, retry_after)
        return pause if spent + pause <= self.seconds else None
