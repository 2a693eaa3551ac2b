"""Whose calls these are: from a token's person to the context that tools act under."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from chat.ids import UserId
from tools.context import ToolContext


class CallerRefusedError(Exception):
    """The person cannot be served now: one sentence for them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, by their token."""

    token_id: str
    user_id: UserId
    may_write: bool


Identify = Callable[[Request | None], Caller]
"""From a request that has passed authentication."""


class Callers(Protocol):
    """Knows people as Discord does now."""

    async def context_for(self, user_id: UserId, *, root_key: str) -> ToolContext:
        """The context of a direct message with this person, in which nothing was said. `root_key` is what the keys of
        the call begin with. Raises CallerRefusedError for who shares no server with the bot, or when that is not known.
        """
        ...
