"""The bounds of a search: a server, or one direct conversation. Nothing is ever found across them."""

from typing import NewType

from chat.ids import ChannelId, GuildId

Scope = NewType("Scope", str)
"""`g<server>` or `d<channel>`: one word for the full-text index, and the name of a collection of vectors."""


def scope_of(guild_id: GuildId | None, channel_id: ChannelId | None) -> Scope:
    """Direct conversations have no server, so there the channel is needed."""
    if guild_id is not None:
        return Scope(f"g{guild_id}")
    if channel_id is None:
        raise ValueError("a search outside a server needs the channel of the direct conversation")
    return Scope(f"d{channel_id}")
