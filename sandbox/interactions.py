"""Interactions: a person runs a command, clicks or sends a form; the bot answers within three seconds, or it failed."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sandbox.drafts import Draft, Edit
from sandbox.errors import ApiError, invalid_form, unknown
from sandbox.hub import Hub
from sandbox.messages import Messages
from sandbox.models import Channel, InteractionMetadata, Message, Payload, User
from sandbox.snowflake import time_of
from sandbox.state import State
from sandbox.wire import Viewer, channel_payload, member_payload, user_payload
from sandbox.wire_messages import EPHEMERAL, LOADING, MessageWire

ANSWER_WITHIN = 3.0
TOKEN_LASTS = timedelta(minutes=15)
KEPT = 1000
COMMAND, CLICK, AUTOCOMPLETE, FORM = 2, 3, 4, 5
MAX_FILE = 10 * 1024 * 1024


@dataclass(slots=True)
class Interaction:
    """One of them, from its start until its token runs out."""

    id: int
    token: str
    type: int
    application_id: int
    user_id: int
    channel: Channel
    nonce: str | None
    name: str | None = None
    source_id: int | None = None
    answered: bool = False
    response_id: int | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """What a person's client asks for; `data` is already completed for the bot."""

    type: int
    application_id: int
    channel: Channel
    data: Payload
    nonce: str | None = None
    name: str | None = None
    source: Message | None = None


class Interactions:
    """Keeps who asked what, and turns answers into messages, forms and choices."""

    def __init__(self, *, state: State, hub: Hub, messages: Messages, wire: MessageWire) -> None:
        self._state = state
        self._hub = hub
        self._messages = messages
        self._wire = wire
        self._by_token: OrderedDict[str, Interaction] = OrderedDict()
        self._by_id: dict[int, Interaction] = {}

    def close(self) -> None:
        """No failure is announced any more."""
        for interaction in self._by_id.values():
            if interaction.timer is not None:
                interaction.timer.cancel()

    def find(self, interaction_id: int) -> Interaction | None:
        return self._by_id.get(interaction_id)

    # The person's side

    def begin(self, user: User, begin: Begin) -> None:
        interaction = Interaction(
            self._state.ids.new(),
            secrets.token_urlsafe(24),
            begin.type,
            begin.application_id,
            user.id,
            begin.channel,
            begin.nonce,
            begin.name,
            begin.source.id if begin.source else None,
        )
        self._by_token[interaction.token] = self._by_id[interaction.id] = interaction
        if len(self._by_token) > KEPT:
            _, old = self._by_token.popitem(last=False)
            self._by_id.pop(old.id, None)
        self._hub.to_user(user.id, "INTERACTION_CREATE", {"id": str(interaction.id), "nonce": begin.nonce})
        loop = asyncio.get_running_loop()
        interaction.timer = loop.call_later(ANSWER_WITHIN, self._fail, interaction)
        event = self._event(interaction, user, begin)
        self._hub.to_user(begin.application_id, "INTERACTION_CREATE", event, guild_id=begin.channel.guild_id)

    def _event(self, interaction: Interaction, user: User, begin: Begin) -> Payload:
        channel, guild_id = begin.channel, begin.channel.guild_id
        granted = self._state.permissions_in(channel, user.id)
        event: Payload = {
            "id": str(interaction.id),
            "application_id": str(interaction.application_id),
            "type": interaction.type,
            "token": interaction.token,
            "version": 1,
            "data": begin.data,
            "channel_id": str(channel.id),
            "channel": {
                **channel_payload(channel, self._state.contents.users, interaction.application_id),
                "permissions": str(granted),
            },
            "app_permissions": str(self._state.permissions_in(channel, interaction.application_id)),
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild_id or 0)},
            "context": 0 if guild_id is not None else 1,
            "attachment_size_limit": MAX_FILE,
        }
        if guild_id is None:
            event["user"] = user_payload(user)
        else:
            member = self._state.member(guild_id, user.id)
            event["guild_id"] = str(guild_id)
            event["guild"] = {"id": str(guild_id), "locale": "en-US", "features": []}
            event["guild_locale"] = "en-US"
            event["member"] = {**member_payload(member, user), "permissions": str(granted)}
        if begin.source is not None:
            event["message"] = self._wire.for_gateway(begin.source, Viewer(interaction.application_id))
        return event

    def _fail(self, interaction: Interaction) -> None:
        if not interaction.answered:
            failure: Payload = {"id": str(interaction.id), "nonce": interaction.nonce, "reason_code": 2}
            self._hub.to_user(interaction.user_id, "INTERACTION_FAILURE", failure)

    # The bot's side

    def open(self, interaction_id: int, token: str) -> Interaction:
        """For its first answer. Raises when it is unknown, too old or answered already."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token.encode(), token.encode()):
            raise unknown("interaction")
        if interaction.answered:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        age = self._state.clock() - time_of(interaction.id)
        if age > timedelta(seconds=ANSWER_WITHIN):
            raise unknown("interaction")
        return interaction

    def by_token(self, application_id: int, token: str) -> Interaction:
        """For follow-ups, as long as the token lasts."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.application_id != application_id:
            raise unknown("webhook")
        if self._state.clock() - time_of(interaction.id) > TOKEN_LASTS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def reply(self, interaction: Interaction, draft: Draft, *, ephemeral: bool, deferred: bool = False) -> Message:
        """The first answer as a message; a deferred one says "thinking" until it is edited."""
        message = self._write(interaction, draft, ephemeral=ephemeral, loading=deferred)
        interaction.response_id = message.id
        self._settle(interaction)
        return message

    def update(self, interaction: Interaction, edit: Edit | None) -> Message:
        """The answer to a click changes the message that was clicked, now or (without `edit`) later."""
        source = self._state.contents.messages.get(interaction.source_id or 0)
        if source is None:
            raise invalid_form([(("type",), "BASE_TYPE_CHOICES", "This interaction has no message to update.")])
        if edit is not None:
            self._messages.edit(source, edit)
        interaction.response_id = source.id
        self._settle(interaction)
        return source

    def choices(self, interaction: Interaction, choices: Sequence[Payload]) -> None:
        if len(choices) > 25:
            raise invalid_form([(("data", "choices"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")])
        self._settle(interaction, quiet=True)
        answer: Payload = {"nonce": interaction.nonce, "choices": list(choices)}
        self._hub.to_user(interaction.user_id, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", answer)

    def form(self, interaction: Interaction, form: Payload) -> None:
        if interaction.type == FORM:
            raise invalid_form([(("type",), "BASE_TYPE_CHOICES", "A form cannot be answered with a form.")])
        self._settle(interaction)
        application = self._state.application(interaction.application_id)
        shown: Payload = {
            **form,
            "id": str(interaction.id),
            "nonce": interaction.nonce,
            "channel_id": str(interaction.channel.id),
            "application": {"id": str(application.id), "name": application.name},
        }
        self._hub.to_user(interaction.user_id, "INTERACTION_MODAL_CREATE", shown)

    def follow_up(self, interaction: Interaction, draft: Draft, *, ephemeral: bool) -> Message:
        """A further message; the first one after "thinking" takes its place."""
        if not interaction.answered:
            raise unknown("webhook")
        original = self._state.contents.messages.get(interaction.response_id or 0)
        if original is not None and original.flags & LOADING:
            return self._messages.edit(
                original,
                Edit(draft.content, draft.embeds, draft.components, draft.uploads, None, draft.allowed, draft.flags),
            )
        return self._write(interaction, draft, ephemeral=ephemeral, loading=False)

    def message(self, interaction: Interaction, which: str) -> Message:
        """`@original` or a follow-up by its id."""
        wanted = interaction.response_id if which == "@original" else int(which) if which.isdecimal() else None
        message = self._state.contents.messages.get(wanted or 0)
        if message is None or message.author_id != interaction.application_id:
            raise unknown("message")
        if message.channel_id != interaction.channel.id:
            raise unknown("message")
        return message

    def _write(self, interaction: Interaction, draft: Draft, *, ephemeral: bool, loading: bool) -> Message:
        asked = InteractionMetadata(
            interaction.id, interaction.type, interaction.user_id, interaction.name, interaction.source_id
        )
        draft = Draft(
            content=draft.content,
            embeds=draft.embeds,
            components=draft.components,
            uploads=draft.uploads,
            allowed=draft.allowed,
            flags=draft.flags,
            tts=draft.tts,
            poll=draft.poll,
            interaction=asked,
            ephemeral_to=interaction.user_id if ephemeral else None,
            loading=loading,
        )
        granted = self._state.permissions_in(interaction.channel, interaction.application_id)
        return self._messages.put(interaction.channel, interaction.application_id, draft, granted)

    def _settle(self, interaction: Interaction, *, quiet: bool = False) -> None:
        interaction.answered = True
        if interaction.timer is not None:
            interaction.timer.cancel()
        if not quiet:
            success: Payload = {"id": str(interaction.id), "nonce": interaction.nonce}
            self._hub.to_user(interaction.user_id, "INTERACTION_SUCCESS", success)

    def callback_payload(self, interaction: Interaction, kind: int, message: Message | None) -> Payload:
        """What the bot gets back when it asks `with_response`."""
        about: Payload = {"id": str(interaction.id), "type": interaction.type}
        about["channel_id"] = str(interaction.channel.id)
        if interaction.channel.guild_id is not None:
            about["guild_id"] = str(interaction.channel.guild_id)
        payload: Payload = {"interaction": about}
        if message is not None:
            about |= {
                "response_message_id": str(message.id),
                "response_message_loading": bool(message.flags & LOADING),
                "response_message_ephemeral": bool(message.flags & EPHEMERAL),
            }
            shown = self._wire.for_rest(message, Viewer(interaction.application_id))
            payload["resource"] = {"type": kind, "message": shown}
        return payload
