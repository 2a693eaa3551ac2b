"""The `resolved` part of an interaction: the users, roles, channels, messages and files that its ids mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.models import Channel, Payload
from sandbox.state import State
from sandbox.wire import Viewer, bare_member_payload, channel_payload, role_payload, user_payload
from sandbox.wire_messages import MessageWire


@dataclass(frozen=True, slots=True)
class Wanted:
    """An id somebody chose, and what kind of thing it is."""

    kind: str
    value: str


def resolved(
    state: State, wire: MessageWire, channel: Channel, wanted: Iterable[Wanted], attachments: Mapping[str, Payload]
) -> Payload:
    """Everything found, by section and id; what does not exist is left out."""
    found: dict[str, dict[str, Payload]] = {}
    for one in wanted:
        for section, key, payload in _things(state, wire, channel, one, attachments):
            found.setdefault(section, {})[key] = payload
    return {section: dict(things) for section, things in found.items()}


def _things(
    state: State, wire: MessageWire, channel: Channel, one: Wanted, attachments: Mapping[str, Payload]
) -> Iterable[tuple[str, str, Payload]]:
    number = int(one.value) if one.value.isdecimal() else 0
    guild = state.contents.guilds.get(channel.guild_id or 0)
    if one.kind in ("user", "mentionable") and (user := state.contents.users.get(number)):
        yield "users", one.value, user_payload(user)
        if guild is not None and (member := guild.members.get(number)):
            yield "members", one.value, {**bare_member_payload(member), "permissions": "0"}
    if one.kind in ("role", "mentionable") and guild is not None and (role := guild.roles.get(number)):
        yield "roles", one.value, role_payload(role)
    if one.kind == "channel" and (chosen := state.contents.channels.get(number)) and chosen.guild_id is not None:
        yield "channels", one.value, {**channel_payload(chosen), "permissions": "0"}
    if one.kind == "message" and (message := state.contents.messages.get(number)):
        yield "messages", one.value, wire.for_rest(message, Viewer(message.author_id))
    if one.kind == "attachment" and (attachment := attachments.get(one.value)):
        yield "attachments", one.value, attachment
