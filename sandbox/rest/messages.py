"""Routes: messages of a channel, their reactions and pins, and the typing line."""

from pydantic import BaseModel

from sandbox.errors import ApiError, empty_message
from sandbox.hub import Hub
from sandbox.limits import DELETING, REACTING, SENDING
from sandbox.messages import Messages
from sandbox.models import Channel, Message, Payload
from sandbox.permissions import Permission
from sandbox.reactions import Reactions
from sandbox.rest.bodies import MessageBody
from sandbox.rest.calls import Answer, Call, Endpoint
from sandbox.state import State
from sandbox.wire import iso, member_payload
from sandbox.wire_messages import MessageWire


class _BulkDelete(BaseModel):
    messages: list[int]


class MessageRoutes:
    """Reading and writing."""

    def __init__(self, *, state: State, hub: Hub, messages: Messages, reactions: Reactions, wire: MessageWire) -> None:
        self._state = state
        self._hub = hub
        self._messages = messages
        self._reactions = reactions
        self._wire = wire

    def endpoints(self) -> list[Endpoint]:
        here, one = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
        kind = one + "/reactions/{emoji}"
        return [
            Endpoint("POST", here, self._create, SENDING),
            Endpoint("GET", here, self._list),
            Endpoint("GET", one, self._get),
            Endpoint("PATCH", one, self._edit, SENDING),
            Endpoint("DELETE", one, self._delete, DELETING),
            Endpoint("POST", here + "/bulk-delete", self._bulk_delete),
            Endpoint("POST", one + "/crosspost", self._crosspost),
            Endpoint("POST", "/channels/{channel}/typing", self._typing, SENDING),
            Endpoint("PUT", kind + "/@me", self._react, REACTING),
            Endpoint("DELETE", kind + "/{user}", self._unreact, REACTING),
            Endpoint("DELETE", kind, self._clear_reactions, REACTING),
            Endpoint("DELETE", one + "/reactions", self._clear_reactions, REACTING),
            Endpoint("GET", kind, self._reacted),
            Endpoint("GET", here + "/pins", self._pins),
            Endpoint("PUT", here + "/pins/{message}", self._pin),
            Endpoint("DELETE", here + "/pins/{message}", self._unpin),
            Endpoint("GET", "/channels/{channel}/pins", self._old_pins),
            Endpoint("PUT", "/channels/{channel}/pins/{message}", self._pin),
            Endpoint("DELETE", "/channels/{channel}/pins/{message}", self._unpin),
        ]

    def _channel(self, call: Call, *needed: Permission) -> Channel:
        return self._state.channel_for(call.id("channel"), call.user.id, *needed)

    def _message(self, call: Call, *needed: Permission) -> Message:
        channel = self._channel(call, *needed)
        return self._state.message(channel.id, call.id("message"))

    async def _create(self, call: Call) -> Answer:
        channel = self._channel(call)
        draft = call.body(MessageBody).draft(call, channel.id)
        return self._wire.for_rest(self._messages.write(channel, call.user.id, draft), call.viewer)

    async def _list(self, call: Call) -> Answer:
        channel = self._channel(call)
        limit = call.number("limit", default=50, least=1, most=100)
        if not self._state.permissions_in(channel, call.user.id) & Permission.READ_MESSAGE_HISTORY:
            return []  # as Discord: one who may see the channel but not its past gets nothing
        found = self._state.messages_in(
            channel.id,
            before=call.snowflake("before"),
            after=call.snowflake("after"),
            around=call.snowflake("around"),
            limit=limit,
        )
        return [self._wire.for_rest(message, call.viewer) for message in found]

    async def _get(self, call: Call) -> Answer:
        return self._wire.for_rest(self._message(call, Permission.READ_MESSAGE_HISTORY), call.viewer)

    async def _edit(self, call: Call) -> Answer:
        message = self._message(call)
        body = call.body(MessageBody)
        if message.author_id != call.user.id:
            self._channel(call, Permission.MANAGE_MESSAGES)
            if body.model_fields_set - {"flags"}:
                raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        elif body.model_fields_set == {"content"} and not (body.content or message.attachments or message.embeds):
            raise empty_message()
        return self._wire.for_rest(self._messages.edit(message, body.edit(call)), call.viewer)

    async def _delete(self, call: Call) -> Answer:
        message = self._message(call)
        self._messages.check_may_delete(message, call.user.id)
        self._messages.delete(message)
        return None

    async def _bulk_delete(self, call: Call) -> Answer:
        channel = self._channel(call, Permission.MANAGE_MESSAGES)
        self._messages.delete_many(channel, list(dict.fromkeys(call.body(_BulkDelete).messages)))
        return None

    async def _crosspost(self, call: Call) -> Answer:
        return self._wire.for_rest(self._message(call), call.viewer)

    async def _typing(self, call: Call) -> Answer:
        channel = self._channel(call)
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread is not None else Permission.SEND_MESSAGES
        self._channel(call, needed)
        event: Payload = {
            "channel_id": str(channel.id),
            "user_id": str(call.user.id),
            "timestamp": int(self._state.clock().timestamp()),
        }
        if channel.guild_id is not None:
            member = self._state.member(channel.guild_id, call.user.id)
            event |= {"guild_id": str(channel.guild_id), "member": member_payload(member, call.user)}
        self._hub.to_channel(channel, "TYPING_START", event)
        return None

    # Reactions

    async def _react(self, call: Call) -> Answer:
        self._reactions.add(self._message(call), call.params["emoji"], call.user.id)
        return None

    async def _unreact(self, call: Call) -> Answer:
        self._reactions.remove(self._message(call), call.params["emoji"], call.id("user"), call.user.id)
        return None

    async def _clear_reactions(self, call: Call) -> Answer:
        self._reactions.clear(self._message(call), call.params.get("emoji"), call.user.id)
        return None

    async def _reacted(self, call: Call) -> Answer:
        message = self._message(call, Permission.READ_MESSAGE_HISTORY)
        limit = call.number("limit", default=25, least=1, most=100)
        return self._reactions.users(message, call.params["emoji"], after=call.snowflake("after") or 0, limit=limit)

    # Pins

    def _pinned(self, call: Call) -> list[Message]:
        channel = self._channel(call, Permission.READ_MESSAGE_HISTORY)
        pinned = [message for message in self._state.all_in(channel.id) if message.pinned_at is not None]
        return sorted(pinned, key=lambda message: message.pinned_at or message.created_at, reverse=True)

    async def _pins(self, call: Call) -> Answer:
        items: list[Payload] = [
            {"pinned_at": iso(message.pinned_at), "message": self._wire.for_rest(message, call.viewer)}
            for message in self._pinned(call)
        ]
        return {"items": items, "has_more": False}

    async def _old_pins(self, call: Call) -> Answer:
        return [self._wire.for_rest(message, call.viewer) for message in self._pinned(call)]

    async def _pin(self, call: Call) -> Answer:
        return self._set_pin(call, pinned=True)

    async def _unpin(self, call: Call) -> Answer:
        return self._set_pin(call, pinned=False)

    def _set_pin(self, call: Call, *, pinned: bool) -> None:
        message = self._message(call)
        channel = self._channel(call)
        granted = self._state.permissions_in(channel, call.user.id)
        if not granted & (Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES):
            raise ApiError(403, 50013, "Missing Permissions")
        self._messages.pin(message, pinned=pinned)
