"""Routes: the commands an application registers, everywhere or in one server."""

import re

from pydantic import BaseModel, Field

from sandbox.content import as_payloads
from sandbox.errors import ApiError, invalid_form, missing_access, unknown
from sandbox.models import Application, Command, Payload
from sandbox.rest.calls import Answer, Call, Endpoint, Reply, parsed
from sandbox.state import State
from sandbox.wire_applications import command_payload

_CHAT_NAME = re.compile(r"[-_'\w]{1,32}")
_MAX = 100
_FILLED_IN = {"id", "application_id", "version", "guild_id"}


class _Command(BaseModel, extra="allow"):
    name: str = Field(min_length=1, max_length=32)
    type: int = 1
    description: str = Field(default="", max_length=100)


class _Commands(BaseModel):
    commands: list[_Command] = Field(max_length=_MAX)


class CommandRoutes:
    """A command is known by its id; registering its name again replaces it."""

    def __init__(self, *, state: State) -> None:
        self._state = state

    def endpoints(self) -> list[Endpoint]:
        found: list[Endpoint] = []
        for base in ("/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"):
            one = base + "/{command}"
            found += [
                Endpoint("GET", base, self._list),
                Endpoint("PUT", base, self._replace),
                Endpoint("POST", base, self._create),
                Endpoint("GET", one, self._get),
                Endpoint("PATCH", one, self._change),
                Endpoint("DELETE", one, self._delete),
            ]
        return found

    def _application(self, call: Call) -> tuple[Application, int | None]:
        application = self._state.application(call.id("application"))
        if application.id != call.user.id:
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = call.id("guild") if "guild" in call.params else None
        if guild_id is not None and application.id not in self._state.guild(guild_id).members:
            raise missing_access()
        return application, guild_id

    def _one(self, call: Call) -> tuple[Application, Command]:
        application, guild_id = self._application(call)
        command = application.commands.get(call.id("command"))
        if command is None or command.guild_id != guild_id:
            raise unknown("application command")
        return application, command

    async def _list(self, call: Call) -> Answer:
        application, guild_id = self._application(call)
        return [command_payload(one) for one in application.commands.values() if one.guild_id == guild_id]

    async def _replace(self, call: Call) -> Answer:
        application, guild_id = self._application(call)
        wanted = parsed(_Commands, {"commands": call.sent.data}).commands
        names = [(one.type, one.name) for one in wanted]
        if len(names) != len(set(names)):
            text = "Application command names must be unique"
            raise invalid_form([((), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)])
        made = [self._made(application, guild_id, one) for one in wanted]
        kept = {one.id: one for one in application.commands.values() if one.guild_id != guild_id}
        application.commands = kept | {one.id: one for one in made}
        return [command_payload(one) for one in made]

    async def _create(self, call: Call) -> Answer:
        application, guild_id = self._application(call)
        before = len(application.commands)
        command = self._made(application, guild_id, call.body(_Command))
        application.commands[command.id] = command
        payload = command_payload(command)
        return Reply(201, payload) if len(application.commands) > before else payload

    def _made(self, application: Application, guild_id: int | None, wanted: _Command) -> Command:
        _check(wanted)
        same = (
            one.id
            for one in application.commands.values()
            if one.guild_id == guild_id and one.body.get("name") == wanted.name and one.body.get("type") == wanted.type
        )
        number = next(same, None) or self._state.ids.new()
        return Command(number, application.id, guild_id, self._state.ids.new(), _body(wanted))

    async def _get(self, call: Call) -> Answer:
        return command_payload(self._one(call)[1])

    async def _change(self, call: Call) -> Answer:
        _, command = self._one(call)
        changes = {key: value for part in as_payloads([call.sent.data]) for key, value in part.items()}
        changed = parsed(_Command, {**command.body, **changes})
        _check(changed)
        command.body, command.version = _body(changed), self._state.ids.new()
        return command_payload(command)

    async def _delete(self, call: Call) -> Answer:
        application, command = self._one(call)
        del application.commands[command.id]
        return None


def _body(wanted: _Command) -> Payload:
    kept: Payload = {key: value for key, value in wanted.model_dump().items() if key not in _FILLED_IN}
    if isinstance(needed := kept.get("default_member_permissions"), int):
        kept["default_member_permissions"] = str(needed)  # Discord takes a number, too, and tells text
    return kept


def _check(wanted: _Command) -> None:
    if wanted.type == 1 and (not _CHAT_NAME.fullmatch(wanted.name) or wanted.name != wanted.name.lower()):
        text = "Command name is invalid"
        raise invalid_form([(("name",), "APPLICATION_COMMAND_INVALID_NAME", text)])
    if wanted.type == 1 and not wanted.description:
        raise invalid_form([(("description",), "BASE_TYPE_REQUIRED", "This field is required")])
