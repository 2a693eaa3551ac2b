"""Too many outside tools for one prompt: a run gets those that fit its request best, and a tool that finds the others.

    guard = Guard(Combined([("all", everything), ("finding", Finder(everything, shelf))]), …)
    toolset = Narrowed(guard, shelf)

The guard knows every tool, so that a call is judged by its true effect whether or not the tool was offered yet; what
is narrowed is only what a model is shown. The shelf is one run's: what is on it stays, in the order in which it came,
so that the beginning of each request stays the same for a provider's cache.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field

from memory.words import Tally
from tools.calls import Effect, ToolCall, ToolResult, Toolset, ToolSpec
from tools.context import ToolContext
from tools.native import NativeTools, tool
from tools.quoting import fitting

FIND = "find_tools"
MOST_MATCHES = 8
LEAST_ROOM = 2000
"""Tokens that the first matches may take, however low the operator's limit is."""
LONGEST_SUMMARY = 200
SATURATION, LENGTH = 1.2, 0.75
"""k1 and b of BM25, at their usual values."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

IsOutside = Callable[[str], bool]
Size = Callable[[Sequence[ToolSpec]], int]


@dataclass(slots=True)
class Shelf:
    """The outside tools that one run is shown, in the order in which they came."""

    names: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, *names: str) -> None:
        self.names.update(dict.fromkeys(names))


class FoundTool(BaseModel):
    """A tool that was found."""

    name: str
    title: str
    does: str = Field(description="How its server describes it.")


class FoundTools(BaseModel):
    """The best matches, which can be called from now on."""

    tools: list[FoundTool]
    note: str | None = Field(default=None, description="What to do when they are not right.")


class FindTools:
    """The one tool about tools."""

    def __init__(self, toolset: Toolset, shelf: Shelf, is_outside: IsOutside) -> None:
        self._toolset = toolset
        self._shelf = shelf
        self._is_outside = is_outside

    @tool(title="Find tools", reads_others=True, effect=Effect.READ)
    async def find_tools(
        self,
        *,
        query: Annotated[
            str, Field(description="What a tool should do, in English, like `create an issue`.", max_length=500)
        ],
        context: ToolContext,
    ) -> FoundTools:
        """Look among further tools for those that do what is needed. What is found can be called in the next step.

        There are more tools than the ones listed here. Look for one before saying that something cannot be done.
        """
        outside = [spec for spec in await self._toolset.specs(context) if self._is_outside(spec.name)]
        ranked = await best(query, outside)
        found = fitting([_told(spec) for spec in ranked[:MOST_MATCHES]]) if ranked else []
        self._shelf.add(*(each.name for each in found))
        if not found:
            servers = ", ".join(dict.fromkeys(spec.name.partition("__")[0] for spec in outside)) or "none"
            return FoundTools(tools=[], note=f"No tool has these words. Try others; there are tools of: {servers}.")
        note = "There may be more; ask in other words." if len(ranked) > len(found) else None
        return FoundTools(tools=found, note=note)


class Finder(NativeTools):
    """`find_tools` over all that `toolset` offers."""

    def __init__(self, toolset: Toolset, shelf: Shelf, *, is_outside: IsOutside) -> None:
        super().__init__(FindTools(toolset, shelf, is_outside))


class Narrowed:
    """A run's tools, of the outside ones no more than the request needs once all of them are over the limit."""

    def __init__(self, toolset: Toolset, shelf: Shelf, *, is_outside: IsOutside, limit: int, size: Size) -> None:
        """`toolset`: all tools and `find_tools`. `limit`: what the outside ones may take together, as `size` counts."""
        self._toolset = toolset
        self._shelf = shelf
        self._is_outside = is_outside
        self._limit = limit
        self._size = size
        self._has_begun = False

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        every = await self._toolset.specs(context)
        outside = {spec.name: spec for spec in every if self._is_outside(spec.name)}
        if not outside or self._size(list(outside.values())) <= self._limit:
            return [spec for spec in every if spec.name != FIND]
        if not self._has_begun:
            self._has_begun = True
            self._shelf.add(*(spec.name for spec in await self._first(context, list(outside.values()))))
        shown = [outside[name] for name in self._shelf.names if name in outside]
        return [*(spec for spec in every if spec.name not in outside), *shown]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        """Also a tool that is not shown: the model guessed right, and will see it from now on."""
        if self._is_outside(call.name):
            self._shelf.add(call.name)
        return await self._toolset.call(call, context)

    async def _first(self, context: ToolContext, outside: Sequence[ToolSpec]) -> Sequence[ToolSpec]:
        chosen: list[ToolSpec] = []
        for spec in (await best(context.request.own_words, outside))[:MOST_MATCHES]:
            if self._size([*chosen, spec]) <= max(self._limit, LEAST_ROOM):
                chosen.append(spec)
        return chosen


async def best(query: str, specs: Sequence[ToolSpec]) -> Sequence[ToolSpec]:
    """Those that share words with the query, best first; of equals the first."""
    return await asyncio.to_thread(_ranked, query, specs)


def _ranked(query: str, specs: Sequence[ToolSpec]) -> Sequence[ToolSpec]:
    """BM25 over name, title and description; a word of the name counts twice."""
    tally = Tally(query)
    if not specs or not len(tally):
        return []
    counts, lengths = tally.counted([_words_of(spec) for spec in specs])
    frequency = np.count_nonzero(counts, axis=0)
    rarity = np.log1p((len(specs) - frequency + 0.5) / (frequency + 0.5))
    damping = SATURATION * (1 - LENGTH + LENGTH * lengths / max(float(lengths.mean()), 1.0))
    scores = counts * (SATURATION + 1) / (counts + damping[:, None]) @ rarity
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return [specs[number] for number in order if scores[number] > 0]


def _words_of(spec: ToolSpec) -> str:
    name = _HUMP.sub(" ", spec.name)
    return f"{name} {name} {spec.title} {spec.description}"


def _told(spec: ToolSpec) -> FoundTool:
    does = " ".join(spec.description.split())
    short = does if len(does) <= LONGEST_SUMMARY else f"{does[: LONGEST_SUMMARY - 1]}…"
    return FoundTool(name=spec.name, title=spec.title, does=short)
