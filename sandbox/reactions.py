"""Reactions: adding, taking away, listing."""

import unicodedata

from sandbox.errors import ApiError, missing_permissions
from sandbox.hub import Hub
from sandbox.models import Message, Payload
from sandbox.permissions import Permission
from sandbox.state import State
from sandbox.wire import bare_member_payload, user_payload
from sandbox.wire_messages import emoji_payload

MAX_KINDS = 20


class Reactions:
    """Rights are those of the channel; the first of a kind needs ADD_REACTIONS."""

    def __init__(self, *, state: State, hub: Hub) -> None:
        self._state = state
        self._hub = hub

    def add(self, message: Message, emoji: str, user_id: int) -> None:
        channel = self._state.channel_for(message.channel_id, user_id, Permission.READ_MESSAGE_HISTORY)
        emoji = checked(emoji)
        by = message.reactions.get(emoji, [])
        if user_id in by:
            return
        if not by and not self._state.permissions_in(channel, user_id) & Permission.ADD_REACTIONS:
            raise missing_permissions()
        if not by and len(message.reactions) >= MAX_KINDS:
            raise ApiError(400, 30010, "Maximum number of reactions reached (20)")
        message.reactions.setdefault(emoji, []).append(user_id)
        event = self._event(message, emoji, user_id)
        event["message_author_id"] = str(message.author_id)
        if channel.guild_id is not None and (member := self._state.guild(channel.guild_id).members.get(user_id)):
            event["member"] = {**bare_member_payload(member), "user": user_payload(self._state.user(user_id))}
        self._hub.to_channel(channel, "MESSAGE_REACTION_ADD", event)

    def remove(self, message: Message, emoji: str, user_id: int, by: int) -> None:
        needed = [] if user_id == by else [Permission.MANAGE_MESSAGES]
        channel = self._state.channel_for(message.channel_id, by, *needed)
        emoji = checked(emoji)
        users = message.reactions.get(emoji, [])
        if user_id not in users:
            raise ApiError(404, 10014, "Unknown Emoji")
        users.remove(user_id)
        if not users:
            del message.reactions[emoji]
        self._hub.to_channel(channel, "MESSAGE_REACTION_REMOVE", self._event(message, emoji, user_id))

    def clear(self, message: Message, emoji: str | None, by: int) -> None:
        channel = self._state.channel_for(message.channel_id, by, Permission.MANAGE_MESSAGES)
        event = self._event(message, emoji and checked(emoji), None)
        if emoji is None:
            message.reactions.clear()
            self._hub.to_channel(channel, "MESSAGE_REACTION_REMOVE_ALL", event)
        elif message.reactions.pop(checked(emoji), None) is not None:
            self._hub.to_channel(channel, "MESSAGE_REACTION_REMOVE_EMOJI", event)

    def users(self, message: Message, emoji: str, *, after: int, limit: int) -> list[Payload]:
        by = sorted(one for one in message.reactions.get(checked(emoji), []) if one > after)
        return [user_payload(self._state.user(number)) for number in by[:limit]]

    def _event(self, message: Message, emoji: str | None, user_id: int | None) -> Payload:
        guild_id = self._state.channel(message.channel_id).guild_id
        event: Payload = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
        if guild_id is not None:
            event["guild_id"] = str(guild_id)
        if user_id is not None:
            event |= {"user_id": str(user_id), "burst": False, "type": 0}
        if emoji is not None:
            event["emoji"] = emoji_payload(emoji)
        return event


def checked(emoji: str) -> str:
    """Letters and words are no emoji; raises Discord's error for them."""
    name, _, number = emoji.rpartition(":")
    if name and number.isdecimal():
        return emoji
    known = any(unicodedata.category(letter) in ("So", "Sk", "Me", "Sm", "Po", "Cn") for letter in emoji)
    if not emoji or len(emoji) > 32 or not known or all(letter.isascii() for letter in emoji):
        raise ApiError(400, 10014, "Unknown Emoji")
    return emoji
