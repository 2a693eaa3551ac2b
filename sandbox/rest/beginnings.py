"""Routes: what a person's client sends to run a command, click a component, ask for choices or send a form."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.content import as_payloads, walk
from sandbox.errors import ApiError, invalid_form, missing_permissions, unknown
from sandbox.interactions import CLICK, COMMAND, FORM, Begin, Interactions
from sandbox.media import make_attachment
from sandbox.models import Channel, Command, Message, Payload
from sandbox.permissions import Permission
from sandbox.resolving import Wanted, resolved
from sandbox.rest.calls import Answer, Call, Endpoint
from sandbox.state import State
from sandbox.wire_applications import command_payload
from sandbox.wire_messages import MessageWire

_SUBCOMMAND, _GROUP = 1, 2
_KIND_OF_OPTION = {6: "user", 7: "channel", 8: "role", 9: "mentionable", 11: "attachment"}
_KIND_OF_SELECT = {5: "user", 6: "role", 7: "mentionable", 8: "channel"}


class _Body(BaseModel):
    type: int
    application_id: int
    channel_id: int
    guild_id: int | None = None
    message_id: int | None = None
    nonce: str | int | None = None
    data: Payload = {}


class BeginningRoutes:
    """`POST /interactions` and the index of commands."""

    def __init__(self, *, state: State, interactions: Interactions, wire: MessageWire) -> None:
        self._state = state
        self._interactions = interactions
        self._wire = wire

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/interactions", self._begin),
            Endpoint("GET", "/guilds/{guild}/application-command-index", self._index),
        ]

    async def _index(self, call: Call) -> Answer:
        guild = self._state.guild_for(call.id("guild"), call.user.id)
        applications = [one for one in self._state.contents.applications.values() if one.id in guild.members]
        commands = [
            command_payload(command)
            for application in applications
            for command in application.commands.values()
            if command.guild_id in (None, guild.id)
        ]
        about: list[Payload] = [{"id": str(one.id), "name": one.name, "icon": None} for one in applications]
        return {"applications": about, "application_commands": commands}

    async def _begin(self, call: Call) -> Answer:
        if call.user.bot:
            raise ApiError(403, 20001, "Bots cannot use this endpoint")
        body = call.body(_Body)
        channel = self._state.channel_for(body.channel_id, call.user.id)
        self._state.application(body.application_id)
        if body.guild_id != channel.guild_id:
            raise unknown("channel")
        match body.type:
            case 2 | 4:
                begin = self._command(call, body, channel)
            case 3:
                begin = self._click(call, body, channel)
            case 5:
                begin = self._form(body, channel)
            case _:
                raise invalid_form([(("type",), "BASE_TYPE_CHOICES", "Value must be one of (2, 3, 4, 5).")])
        self._interactions.begin(call.user, begin)
        return None

    # Commands

    def _command(self, call: Call, body: _Body, channel: Channel) -> Begin:
        command = self._registered(body, channel)
        needed = command.body.get("default_member_permissions")
        granted = self._state.permissions_in(channel, call.user.id)
        if channel.guild_id is not None and not granted & Permission.USE_APPLICATION_COMMANDS:
            raise missing_permissions()
        if needed is not None and channel.guild_id is not None:
            bits = _number(needed)
            admin = granted & Permission.ADMINISTRATOR
            if not admin and (bits == 0 or granted & bits != bits):
                raise missing_permissions()
        given = as_payloads(body.data.get("options"))
        if body.type == COMMAND:
            _check_options(as_payloads(command.body.get("options")), given)
        data: Payload = {
            "id": str(command.id),
            "name": command.body.get("name"),
            "type": command.body.get("type", 1),
            "options": given,
        }
        if command.guild_id is not None:
            data["guild_id"] = str(command.guild_id)
        wanted = list(_wanted(given))
        if (target := body.data.get("target_id")) is not None:
            data["target_id"] = str(target)
            wanted.append(Wanted("message" if data["type"] == 3 else "user", str(target)))
        data["resolved"] = self._resolved(call, channel, wanted)
        return Begin(body.type, body.application_id, channel, data, _nonce(body), str(command.body.get("name")))

    def _registered(self, body: _Body, channel: Channel) -> Command:
        command = self._state.application(body.application_id).commands.get(_number(body.data.get("id")))
        if command is None or command.guild_id not in (None, channel.guild_id):
            raise unknown("application command")
        return command

    def _resolved(self, call: Call, channel: Channel, wanted: list[Wanted]) -> Payload:
        attachments: dict[str, Payload] = {}
        for number, upload in call.sent.files.items():
            made = make_attachment(self._state.ids.new(), upload.filename, upload.content, upload.content_type)
            self._state.files.put(made, upload.content)
            attachments[str(number)] = self._wire.attachment(channel.id, made)
        return resolved(self._state, self._wire, channel, wanted, attachments)

    # Components and forms

    def _click(self, call: Call, body: _Body, channel: Channel) -> Begin:
        message = self._state.contents.messages.get(body.message_id or 0)
        if message is None or message.channel_id != channel.id or message.ephemeral_to not in (None, call.user.id):
            raise unknown("message")
        if message.author_id != body.application_id:
            raise unknown("application")
        component = _component(message, body.data.get("custom_id"))
        data = {**body.data, "component_type": component.get("type"), "id": component.get("id", 0)}
        kind = _KIND_OF_SELECT.get(_number(component.get("type")))
        if component.get("type") != 2:
            values = _texts(body.data.get("values"))
            _check_values(component, values)
            data["values"] = values
            if kind is not None:  # libraries take a `resolved` as a sign that the values are ids
                data["resolved"] = resolved(
                    self._state, self._wire, channel, [Wanted(kind, each) for each in values], {}
                )
        return Begin(CLICK, body.application_id, channel, data, _nonce(body), source=message)

    def _form(self, body: _Body, channel: Channel) -> Begin:
        opened_by = self._interactions.find(_number(body.data.get("id")))
        source: Message | None = None
        if opened_by is not None and opened_by.source_id is not None:
            source = self._state.contents.messages.get(opened_by.source_id)
        filled = as_payloads(body.data.get("components"))
        wanted = [
            Wanted(kind, value)
            for one in walk(filled)
            if (kind := _KIND_OF_SELECT.get(_number(one.get("type"))))
            for value in _texts(one.get("values"))
        ]
        data: Payload = {"custom_id": body.data.get("custom_id"), "components": filled}
        data["resolved"] = resolved(self._state, self._wire, channel, wanted, {})
        return Begin(FORM, body.application_id, channel, data, _nonce(body), source=source)


def _check_options(registered: list[Payload], given: list[Payload]) -> None:
    """Every option must be known, one of its choices, and every required one there, also inside subcommands."""
    known = {option.get("name"): option for option in registered}
    for option in given:
        spec = known.get(option.get("name"))
        if spec is None:
            raise invalid_form([(("data", "options"), "APPLICATION_COMMAND_OPTION_UNKNOWN", "Unknown option")])
        if option.get("type") != spec.get("type"):
            text = f"Value of type {spec.get('type')} expected"
            raise invalid_form(
                [(("data", "options", str(option.get("name"))), "APPLICATION_COMMAND_OPTION_TYPE", text)]
            )
        if spec.get("type") in (_SUBCOMMAND, _GROUP):
            _check_options(as_payloads(spec.get("options")), as_payloads(option.get("options")))
        choices = [choice.get("value") for choice in as_payloads(spec.get("choices"))]
        if choices and option.get("value") not in choices:
            text = f"Value must be one of {tuple(choices)}."
            raise invalid_form([(("data", "options", str(option.get("name"))), "BASE_TYPE_CHOICES", text)])
    names = {option.get("name") for option in given}
    missing = [spec.get("name") for spec in registered if spec.get("required") and spec.get("name") not in names]
    if missing:
        text = "This option is required"
        raise invalid_form([(("data", "options", str(missing[0])), "APPLICATION_COMMAND_OPTION_MISSING", text)])


def _check_values(component: Payload, values: list[str]) -> None:
    least, most = _number(component.get("min_values"), 1), _number(component.get("max_values"), 1)
    offered = {option.get("value") for option in as_payloads(component.get("options"))}
    if not least <= len(values) <= most or (offered and not offered.issuperset(values)):
        raise invalid_form([(("data", "values"), "COMPONENT_VALIDATION_FAILED", "Component validation failed")])


def _wanted(options: list[Payload]) -> Iterator[Wanted]:
    for option in options:
        kind = _KIND_OF_OPTION.get(_number(option.get("type")))
        if kind is not None:
            yield Wanted(kind, str(option.get("value")))
        yield from _wanted(as_payloads(option.get("options")))


def _component(message: Message, custom_id: object) -> Payload:
    for component in walk(message.components):
        if component.get("custom_id") == custom_id and custom_id and not component.get("disabled"):
            return component
    raise invalid_form([(("data", "custom_id"), "COMPONENT_VALIDATION_FAILED", "Component validation failed")])


def _number(found: object, default: int = 0) -> int:
    if isinstance(found, int):
        return found
    return int(found) if isinstance(found, str) and found.isdecimal() else default


def _texts(found: object) -> list[str]:
    if not isinstance(found, list):
        return []
    return [item for item in found if isinstance(item, str)]  # pyright: ignore[reportUnknownVariableType]


def _nonce(body: _Body) -> str | None:
    return None if body.nonce is None else str(body.nonce)
