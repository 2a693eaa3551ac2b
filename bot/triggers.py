"""Is this message for the bot? Pure: decided from what the gateway delivered."""

import re
from collections.abc import Collection
from enum import Enum, auto

import discord

SPOKEN = {discord.MessageType.default, discord.MessageType.reply}


class Trigger(Enum):
    """Why a message concerns the bot."""

    MENTION = auto()
    """Mentioned, by name or by a role it holds; replied to; or in a direct message."""
    NAMED = auto()
    """Its name came up without a mention: worth a glance, not an answer."""


def trigger(message: discord.Message, me: discord.abc.User, my_roles: Collection[int]) -> Trigger | None:
    """Whether `message` asks something of `me`. Bots, the bot itself and system notices never do."""
    if not is_from_a_person(message):
        return None
    if (
        message.guild is None
        or any(user.id == me.id for user in message.mentions)
        or any(role in my_roles for role in message.raw_role_mentions)
        or _replies_to(message, me)
    ):
        return Trigger.MENTION
    return Trigger.NAMED if _named(message.content, {me.name, me.display_name}) else None


def is_from_a_person(message: discord.Message) -> bool:
    return not message.author.bot and message.webhook_id is None and message.type in SPOKEN


def _replies_to(message: discord.Message, me: discord.abc.User) -> bool:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.reply:
        return False
    replied_to = reference.resolved or reference.cached_message
    return isinstance(replied_to, discord.Message) and replied_to.author.id == me.id


def _named(text: str, names: Collection[str]) -> bool:
    alternatives = "|".join(re.escape(name) for name in names if name)
    return re.search(rf"(?<!\w)(?:{alternatives})(?!\w)", text, re.IGNORECASE) is not None
