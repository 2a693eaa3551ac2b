"""The states of a connection."""

from enum import StrEnum


class State(StrEnum):
    """How a connection is, for people."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    SIGN_IN = "sign-in needed"
    UNOPENED = "opened when somebody needs it"
