"""Discord's ids, kept apart by type so that a channel is never passed for a person."""

from datetime import UTC, datetime, timedelta
from typing import NewType

UserId = NewType("UserId", int)
GuildId = NewType("GuildId", int)
ChannelId = NewType("ChannelId", int)
MessageId = NewType("MessageId", int)
RoleId = NewType("RoleId", int)

# https://discord.com/developers/docs/reference#snowflakes
DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def created_at(snowflake: int) -> datetime:
    """When the thing with this id came to be (Discord puts the millisecond into the upper 42 bits)."""
    return DISCORD_EPOCH + timedelta(milliseconds=snowflake >> 22)


def snowflake_at(moment: datetime) -> int:
    """The lowest id that a thing made at `moment` can have: a bound for paging through history by time."""
    return max(0, int((moment - DISCORD_EPOCH) / timedelta(milliseconds=1))) << 22
