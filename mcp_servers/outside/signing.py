"""Whose account a connection uses: where its HTTP authentication comes from."""

from typing import Protocol

import httpx2

from chat.ids import UserId
from mcp_servers.outside.wishes import ServerWish


class SignInNeededError(Exception):
    """Nobody has signed in yet, or the sign-in has ended: one sentence that says who must do what."""


class Credentials(Protocol):
    """Keeps what people signed in with."""

    def auth(self, wish: ServerWish, person: UserId | None) -> httpx2.Auth | None:
        """For the connection of one person, or with None for the one that all share. None when nothing is needed.

        Using what it returns raises SignInNeededError once nobody is signed in (any more).
        """
        ...
