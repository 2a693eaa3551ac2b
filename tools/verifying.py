"""The last look before something remembered is shown: does it still stand on Discord as it was archived?"""

from collections.abc import Sequence
from typing import Protocol

from chat.messages import Message


class Verifier(Protocol):
    """While the bot is connected it hears of every edit and delete; what it missed, it must look up."""

    async def caught_up(self) -> None:
        """Wait, for a bounded time, until what was said while the bot was away is archived."""
        ...

    async def verify(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Those that still stand, in order and as they now read. What cannot be looked up in time is left out."""
        ...
