"""Small toolsets over toolsets: several as one, some of one."""

import difflib
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from tools.calls import ToolCall, ToolResult, Toolset, ToolSpec
from tools.context import ToolContext


class ToolNameClashError(ValueError):
    """Two tools have one name; which of them a model meant could not be told."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(f"two tools are called {name!r}: one from {first}, one from {second}")


def unknown_tool(call: ToolCall, offered: Collection[str]) -> ToolResult:
    near = difflib.get_close_matches(call.name, offered, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else f" There are: {', '.join(offered) or 'none'}."
    return ToolResult(call.id, f"There is no tool called {call.name[:64]!r}.{hint}", is_error=True)


class Combined:
    """Several toolsets as one, in their order. Sources are given with the name that a clash is told under."""

    def __init__(self, sources: Sequence[tuple[str, Toolset]]) -> None:
        self._sources = list(sources)

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        """Raises ToolNameClashError when two sources offer the same name."""
        return [spec for spec, _ in (await self._offers(context)).values()]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        offers = await self._offers(context)
        if call.name not in offers:
            return unknown_tool(call, offers)
        _, toolset = offers[call.name]
        return await toolset.call(call, context)

    async def _offers(self, context: ToolContext) -> dict[str, tuple[ToolSpec, Toolset]]:
        offers: dict[str, tuple[ToolSpec, Toolset]] = {}
        origin: dict[str, str] = {}
        for label, toolset in self._sources:
            for spec in await toolset.specs(context):
                if spec.name in offers:
                    raise ToolNameClashError(spec.name, origin[spec.name], label)
                offers[spec.name] = spec, toolset
                origin[spec.name] = label
        return offers


class Filtered:
    """Those tools of a toolset that the operator's globs let through; `deny` wins. The others do not exist."""

    def __init__(self, toolset: Toolset, *, allow: Sequence[str] = ("*",), deny: Sequence[str] = ()) -> None:
        self._toolset = toolset
        self._allow = tuple(allow)
        self._deny = tuple(deny)

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        return [spec for spec in await self._toolset.specs(context) if self._lets_through(spec.name)]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        if not self._lets_through(call.name):
            return unknown_tool(call, [spec.name for spec in await self.specs(context)])
        return await self._toolset.call(call, context)

    def _lets_through(self, name: str) -> bool:
        allowed = any(fnmatchcase(name, glob) for glob in self._allow)
        return allowed and not any(fnmatchcase(name, glob) for glob in self._deny)
