"""The tool about places: which channels there are."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.channels import ChannelKind
from tools.calls import Effect
from tools.context import ToolContext
from tools.directory import Directory
from tools.native import tool
from tools.permission import Permissions
from tools.quoting import fitting
from tools.resolve import ListedChannel, fold

MAX_TOPIC = 120


class ListedPlace(BaseModel):
    """A channel as the tool lists it. `<#id>` links it."""

    id: str
    name: str
    kind: str | None = Field(default=None, description="Left out: text.")
    category: str | None = None
    topic: str | None = None
    thread_of: str | None = Field(default=None, description="For a thread, the id of its channel.")
    server: str | None = None


class ChannelList(BaseModel):
    """The channels, in the order of the sidebar."""

    channels: list[ListedPlace]
    note: str | None = Field(default=None, description="What is left out.")


class ChannelTools:
    """What the agent can learn about channels."""

    def __init__(self, *, directory: Directory, permissions: Permissions) -> None:
        self._directory = directory
        self._permissions = permissions

    @tool(title="List channels", effect=Effect.READ, reads_others=True)
    async def list_channels(
        self,
        *,
        name: Annotated[
            str | None, Field(description="Only those with this in their name or category.", max_length=100)
        ] = None,
        context: ToolContext,
    ) -> ChannelList:
        """List the channels and active threads that the person asking can see, with id, kind, category and topic.

        Link a channel in an answer as `<#id>`.
        """
        listed = await self._directory.listed(context)
        known = {channel.id for channel in await self._permissions.namable(context, [each.channel for each in listed])}
        namable = [entry for entry in listed if entry.channel.id in known]
        hidden = len(listed) - len(namable)
        wanted = [entry for entry in namable if name is None or _is_called(entry, name)]
        shown = fitting([_place(entry, several=context.guild is None) for entry in wanted])
        notes = [f"{len(wanted) - len(shown)} more are not listed; ask by name"] if len(wanted) > len(shown) else []
        if hidden:
            notes.append(f"{hidden} more that not everybody here may see; they are told in a direct message")
        return ChannelList(channels=shown, note="; ".join(notes) or None)


def _is_called(entry: ListedChannel, name: str) -> bool:
    wanted = fold(name.strip().removeprefix("#"))
    return wanted in fold(entry.channel.name) or wanted in fold(entry.channel.category)


def _place(entry: ListedChannel, *, several: bool) -> ListedPlace:
    channel = entry.channel
    topic = channel.topic if len(channel.topic) <= MAX_TOPIC else f"{channel.topic[:MAX_TOPIC]}…"
    return ListedPlace(
        id=str(channel.id),
        name=channel.name,
        kind=None if channel.kind is ChannelKind.TEXT else channel.kind.value,
        category=channel.category or None,
        topic=topic or None,
        thread_of=str(channel.parent_id) if channel.parent_id else None,
        server=entry.guild_name if several else None,
    )
