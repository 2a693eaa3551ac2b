"""What goes over the lines between the two processes, and how many lines there are.

Every call is answered by a pair: whether it went well, and what came out of it or the error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S_co = TypeVar("S_co", covariant=True)
ASKING = 3
"""Lines for questions, each with a thread at both ends; one more is for changes."""


@dataclass(frozen=True, slots=True)
class Start(Generic[S_co]):
    """The first thing said: how the object is made, and how much the log wants to hear."""

    make: Callable[[], S_co]
    log_level: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function over the object."""

    what: Callable[..., object]
    args: Sequence[object]
    kwargs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Close:
    """The last thing said: finish the change that is being made, close the object, end."""
