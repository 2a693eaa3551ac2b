"""What a client may fill into prompts and addresses: only what its person can see."""

from collections.abc import Sequence

from mcp_types import CompleteRequestParams, CompleteResult, Completion, PromptReference

from mcp_servers.offered.door import Door, RequestContext, as_protocol_errors
from mcp_servers.offered.resources import visible
from tools.calls import Toolset
from tools.directory import Directory
from tools.permission import Permissions
from tools.resolve import ListedChannel, fold

MOST = 100  # of MCP, for one answer


class CompletionDesk:
    """Completes the names and ids of channels and servers."""

    def __init__(self, *, toolset: Toolset, directory: Directory, permissions: Permissions, door: Door) -> None:
        self._toolset = toolset
        self._directory = directory
        self._permissions = permissions
        self._door = door

    async def complete(self, ctx: RequestContext, params: CompleteRequestParams) -> CompleteResult:
        async with as_protocol_errors(), self._door.look(ctx) as visit:
            entries = await visible(self._toolset, self._directory, self._permissions, visit.context)
            begun = params.argument.value
            if isinstance(params.ref, PromptReference):
                values = _names(entries, begun) if params.argument.name == "channel" else []
            else:
                filled = (params.context.arguments if params.context else None) or {}
                values = _ids(entries, params.argument.name, begun, filled.get("guild"))
            return CompleteResult(
                completion=Completion(values=values[:MOST], total=len(values), has_more=len(values) > MOST)
            )


def _names(entries: Sequence[ListedChannel], begun: str) -> list[str]:
    """`#name`, and before it the server where two are called so."""
    wanted = fold(begun.removeprefix("#")) if begun.removeprefix("#").strip() else ""
    names = [entry.channel.name for entry in entries]
    return [
        f"#{entry.channel.name}" if names.count(entry.channel.name) == 1 else f"{entry.guild_name}/{entry.channel.name}"
        for entry in entries
        if wanted in fold(entry.channel.name)
    ]


def _ids(entries: Sequence[ListedChannel], name: str, begun: str, guild: str | None) -> list[str]:
    match name:
        case "guild":
            ids = [str(entry.channel.guild_id) for entry in entries]
        case "channel":
            ids = [str(entry.channel.id) for entry in entries if guild in (None, str(entry.channel.guild_id))]
        case _:
            ids = []
    return [id_ for id_ in dict.fromkeys(ids) if id_.startswith(begun)]
