"""From a discord.py message to the request that a turn answers."""

from datetime import timedelta

import discord

from bot.places import AnyPlace
from bot.render import to_channel, to_guild, to_message, to_person
from chat.messages import IncomingMessage, Message
from chat.people import Person


def to_incoming(
    message: discord.Message, me: discord.Member | discord.ClientUser, late_by: timedelta | None
) -> IncomingMessage:
    """`late_by` is how long the message waited for the bot to come back; None when it is answered live."""
    if not isinstance(message.channel, AnyPlace):
        raise TypeError(f"no requests are taken from a {type(message.channel).__name__}")
    addressed = {me.id}
    if isinstance(me, discord.Member):
        addressed |= {role.id for role in me.roles if not role.is_default()}
    return IncomingMessage(
        message=to_message(message, addressed=addressed),
        channel=to_channel(message.channel),
        guild=to_guild(message.guild) if message.guild else None,
        bot=Person(to_person(me).id, me.display_name, is_bot=True),
        replied_to=_replied_to(message),
        late_by=late_by,
    )


def _replied_to(message: discord.Message) -> Message | None:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply:
        return None
    resolved = reference.resolved or reference.cached_message
    return to_message(resolved) if isinstance(resolved, discord.Message) else None
