"""Who gave a command, as the tools' permission function wants to know it."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import discord

from bot.commands.tree import CommandError
from bot.places import AnyPlace
from bot.render import to_channel, to_guild, to_person
from chat.ids import GuildId, MessageId
from chat.messages import Message
from tools.context import ToolContext
from tools.permission import Permissions

Interaction = discord.Interaction


def welcome(permissions: Permissions) -> Callable[[Interaction], Awaitable[str | None]]:
    """Asks the policy whether a command may be given where it was given."""

    async def unwelcome(interaction: Interaction) -> str | None:
        if not isinstance(interaction.channel, AnyPlace):
            return None  # the command itself says that it cannot work here
        return await permissions.unwelcome(to_person(interaction.user), to_channel(interaction.channel))

    return unwelcome


def context_of(interaction: Interaction, zone: ZoneInfo, said: str = "") -> ToolContext:
    """The person's identity, with rights still to be looked up. Raises CommandError."""
    place, me = interaction.channel, interaction.client.user
    if not isinstance(place, AnyPlace) or me is None:
        raise CommandError("I cannot see this channel; use the command in another one, or in a direct message to me.")
    asker, channel = to_person(interaction.user), to_channel(place)
    guild = interaction.guild
    request = Message(
        MessageId(interaction.id), channel.id, GuildId(guild.id) if guild else None, asker, said, interaction.created_at
    )
    return ToolContext(
        asker=asker,
        bot=to_person(guild.me if guild else me),
        guild=to_guild(guild) if guild else None,
        channel=channel,
        request=request,
        run_id=f"command-{interaction.id}",
        zone=zone,
    )
