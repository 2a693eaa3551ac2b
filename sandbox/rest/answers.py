"""Routes: how a bot answers interactions, at once and later through its token."""

from pydantic import BaseModel

from sandbox.errors import ApiError, invalid_form
from sandbox.interactions import Interaction, Interactions
from sandbox.messages import Messages
from sandbox.models import Message, Payload
from sandbox.rest.bodies import MessageBody
from sandbox.rest.calls import Answer, Call, Endpoint, parsed
from sandbox.wire import Viewer
from sandbox.wire_messages import EPHEMERAL, MessageWire

_DEFERRED = 5


class _Callback(BaseModel):
    type: int
    data: Payload | None = None


class _Choices(BaseModel):
    choices: list[Payload] = []


class AnswerRoutes:
    """None of these is signed: the interaction's token is the proof."""

    def __init__(self, *, interactions: Interactions, messages: Messages, wire: MessageWire) -> None:
        self._interactions = interactions
        self._messages = messages
        self._wire = wire

    def endpoints(self) -> list[Endpoint]:
        hook = "/webhooks/{webhook}/{token}"
        one = hook + "/messages/{message}"
        return [
            Endpoint("POST", "/interactions/{interaction}/{token}/callback", self._callback, signed=False),
            Endpoint("POST", hook, self._follow_up, signed=False),
            Endpoint("GET", one, self._get, signed=False),
            Endpoint("PATCH", one, self._edit, signed=False),
            Endpoint("DELETE", one, self._delete, signed=False),
        ]

    async def _callback(self, call: Call) -> Answer:
        body = call.body(_Callback)
        interaction = self._interactions.open(call.id("interaction"), call.params["token"])
        message = self._answered(call, interaction, body)
        if call.query.get("with_response") in ("1", "true", "True"):
            return self._interactions.callback_payload(interaction, body.type, message)
        return None

    def _answered(self, call: Call, interaction: Interaction, body: _Callback) -> Message | None:
        content = parsed(MessageBody, body.data)
        ephemeral = bool((content.flags or 0) & EPHEMERAL)
        match body.type:
            case 4 | 5:
                draft = content.draft(call, interaction.channel.id)
                deferred = body.type == _DEFERRED
                return self._interactions.reply(interaction, draft, ephemeral=ephemeral, deferred=deferred)
            case 6:
                return self._interactions.update(interaction, None)
            case 7:
                return self._interactions.update(interaction, content.edit(call))
            case 8:
                self._interactions.choices(interaction, parsed(_Choices, body.data).choices)
            case 9:
                self._interactions.form(interaction, body.data or {})
            case _:
                raise invalid_form([(("type",), "BASE_TYPE_CHOICES", "Value must be one of (4, 5, 6, 7, 8, 9).")])
        return None

    def _interaction(self, call: Call) -> Interaction:
        return self._interactions.by_token(call.id("webhook"), call.params["token"])

    def _message(self, call: Call) -> tuple[Interaction, Message]:
        interaction = self._interaction(call)
        return interaction, self._interactions.message(interaction, call.params["message"])

    def _shown(self, interaction: Interaction, message: Message) -> Payload:
        return self._wire.for_rest(message, Viewer(interaction.application_id))

    async def _follow_up(self, call: Call) -> Answer:
        interaction = self._interaction(call)
        body = call.body(MessageBody)
        draft = body.draft(call, interaction.channel.id)
        ephemeral = bool((body.flags or 0) & EPHEMERAL)
        return self._shown(interaction, self._interactions.follow_up(interaction, draft, ephemeral=ephemeral))

    async def _get(self, call: Call) -> Answer:
        return self._shown(*self._message(call))

    async def _edit(self, call: Call) -> Answer:
        interaction, message = self._message(call)
        return self._shown(interaction, self._messages.edit(message, call.body(MessageBody).edit(call)))

    async def _delete(self, call: Call) -> Answer:
        _, message = self._message(call)
        if message.author_id != call.id("webhook"):
            raise ApiError(403, 50001, "Missing Access")
        self._messages.delete(message)
        return None
