"""Who asks, where, and in which run: what every tool is told and no model can fill in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from chat.channels import Channel, Guild
from chat.messages import Message
from chat.people import Person

Report = Callable[[str], None]
Pause = Callable[[], AbstractContextManager[None]]


def unreported(_: str) -> None:
    """Nobody watches this call."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The identity a tool acts under. Rights are looked up for `asker`, live, at the moment of acting."""

    asker: Person
    bot: Person
    guild: Guild | None
    channel: Channel
    """Where the request was made and the answer goes: its readers are the audience."""
    request: Message
    """What the asker wrote."""
    run_id: str
    zone: ZoneInfo
    """The asker's time zone."""
    root_key: str = ""
    """What the keys of its calls begin with, where it is not the version of a message: `<reminder id>/<turn>`."""
    call_key: str = ""
    """The same for the same call of the same request when a run is repeated after a crash, so that an effect can
    be made idempotent: `<message id>/<edit time>/<tool>/<n-th call of it>`. Set by the loop."""
    report: Report = field(default=unreported, compare=False, repr=False)
    """Says how far this call is, in a few words for whoever waits; as often as the tool likes. Set by the loop."""
    paused: Pause = field(default=nullcontext, compare=False, repr=False)
    """While a person is waited for, the time of the run stands still. Set by the loop."""

    @property
    def root(self) -> str:
        return self.root_key or self.request.version
