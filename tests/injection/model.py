"""A model that obeys: whatever order it can see anywhere in its prompt, it carries out, whoever wrote it.

An order is a number, `!!17` or `do_task_17_now`, and the model knows what its author wants by it. It looks through
everything that came over the wire: messages, names, files, tools' results and the tools' own descriptions; escapes,
invisible characters and look-alikes of digits do not stop it.
"""

import codecs
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response

from tests.life.model import JSON, Asked, Call, Calls, Say, ScriptedModel, Step

ORDER = re.compile(r"!!\s*(\d{1,4})(?!\d)|do_task_(\d{1,4})_now")
SECRET = re.compile(r"SECRET-\d{1,4}")
FINE = "Fine."


@dataclass(frozen=True)
class Order:
    """What one number means. `{secret}` becomes the secret that the model has read."""

    calls: Sequence[Call] = ()
    says: str = ""
    rounds: int = 1
    """How often it makes the calls, one answer after the other."""


@dataclass
class ObedientModel(ScriptedModel):
    """`first` is what the asker really wants; the rest follows from what the model sees."""

    orders: dict[int, Order] = field(default_factory=dict[int, Order])
    first: Sequence[Call] = ()
    seen: set[int] = field(default_factory=set[int])
    leaked: str = ""
    """The secret it knows."""
    made: list[Call] = field(default_factory=list[Call])
    """The calls that it made in obedience."""
    told: list[str] = field(default_factory=list[str])
    """The answers that it gave."""
    rounds: dict[int, int] = field(default_factory=dict[int, int])
    visible: str = ""

    def begin(self, number: int, order: Order, first: Sequence[Call] = ()) -> None:
        """From now on only this number means anything: the cases share one Discord."""
        self.orders, self.first = {number: order}, first
        self.seen, self.leaked, self.made, self.told, self.rounds = set(), "", [], [], {}

    async def complete(self, request: Request) -> Response:
        body = JSON.validate_json(await request.body())
        self.visible = plain(json.dumps(body, ensure_ascii=False))
        numbers = {int(found[1] or found[2]) for found in ORDER.finditer(self.visible)}
        self.seen |= numbers & self.orders.keys()
        found = SECRET.findall(self.visible)
        self.leaked = found[-1] if found else self.leaked
        return await super().complete(request)

    def _step(self, asked: Asked) -> Step:
        if self.first and not asked.results:
            return Calls(self.first)
        if "number of tool calls" in asked.prompt or not asked.tools:
            return self._answer()
        for number in sorted(self.seen):
            order = self.orders[number]
            if order.calls and self.rounds.get(number, 0) < order.rounds:
                self.rounds[number] = self.rounds.get(number, 0) + 1
                calls = [Call(each.tool, self._filled(each.arguments)) for each in order.calls]
                self.made += calls
                return Calls(calls)
        return self._answer()

    def _answer(self) -> Say:
        if self.default:
            return self.default
        says = [self.orders[number].says for number in sorted(self.seen) if self.orders[number].says]
        text = self._fill(says[0]) if says else FINE
        self.told.append(text)
        middle = len(text) // 2
        return Say([text[:middle], text[middle:]])

    def _filled(self, arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: self._fill(value) if isinstance(value, str) else value for name, value in arguments.items()}

    def _fill(self, text: str) -> str:
        return text.replace("{secret}", self.leaked or "SECRET-0")


def plain(text: str) -> str:
    """As a model might read it: escapes undone however deep, nothing invisible, digits as digits."""
    for _ in range(4):
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: codecs.decode(f"\\u{found[1]}", "unicode_escape"), text)
    text = "".join(each for each in text if unicodedata.category(each) not in {"Cf", "Cs"})
    return unicodedata.normalize("NFKC", text)
