"""Interactions."""

from sandbox.hub import Hub
from sandbox.messages import Messages
from sandbox.state import State
from sandbox.wire_messages import MessageWire


class Interactions:
    """To come."""

    def __init__(self, *, state: State, hub: Hub, messages: Messages, wire: MessageWire) -> None: ...

    def close(self) -> None: ...
