"""A call with its arguments read and its channel known: what is judged, shown and carried out alike."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from chat.channels import Channel
from tools.arguments import read_arguments
from tools.calls import ToolCall, ToolError, ToolSpec, Wording
from tools.context import ToolContext
from tools.directory import Directory
from tools.reading import Reading


@dataclass(frozen=True, slots=True)
class Act:
    """Exactly what would happen."""

    spec: ToolSpec
    call: ToolCall
    arguments: Mapping[str, JsonValue]
    channel: Channel | None

    @property
    def wording(self) -> Wording:
        return self.spec.wording or Wording()

    @property
    def identity(self) -> str:
        """Equal for what would be the same."""
        said = json.dumps([self.spec.name, self.arguments], sort_keys=True)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def text(self) -> str:
        match self.arguments.get(self.wording.text):
            case str(text):
                return text
            case _:
                return json.dumps(self.arguments, ensure_ascii=False)

    @property
    def details(self) -> Mapping[str, JsonValue]:
        """What the text and the channel do not say of it."""
        if not isinstance(self.arguments.get(self.wording.text), str):
            return {}
        said = {self.wording.text, self.wording.channel}
        return {name: value for name, value in self.arguments.items() if name not in said and value is not None}


async def read_act(spec: ToolSpec, call: ToolCall, context: ToolContext, directory: Directory) -> Act:
    """Raises ToolError for arguments that cannot be read and a channel that cannot be known."""
    arguments = read_arguments(call.arguments)
    _check_names(spec, arguments)
    wording = spec.wording
    if wording is None:
        channel = None
    elif not wording.channel:
        channel = context.channel
    else:
        match arguments.get(wording.channel):
            case str() | int() | None as named:
                written = None if named is None else str(named)
                channel = await directory.channel(context, written, exact=True)
            case _:
                raise ToolError(f"`{wording.channel}` must be the name, mention or id of one channel.")
        arguments = {**arguments, wording.channel: str(channel.id)}
    return Act(spec, replace(call, arguments=json.dumps(arguments)), arguments, channel)


def with_safe_text(spec: ToolSpec, call: ToolCall, reading: Reading) -> ToolCall:
    """The call with those links in its words that people may be shown. Raises ToolError."""
    name = spec.wording.text if spec.wording else ""
    if not name or "://" not in call.arguments.replace("\\/", "/"):
        return call
    arguments = read_arguments(call.arguments)
    match arguments.get(name):
        case str(text):
            return replace(call, arguments=json.dumps({**arguments, name: reading.safe(text)[0]}))
        case _:
            return call


def _check_names(spec: ToolSpec, arguments: Mapping[str, JsonValue]) -> None:
    """Nobody is asked to confirm what cannot be carried out. Raises ToolError; the values are the tool's to judge."""
    required, known = spec.parameters.get("required"), spec.parameters.get("properties")
    missing = [name for name in required if name not in arguments] if isinstance(required, list) else []
    closed = isinstance(known, dict) and spec.parameters.get("additionalProperties") is False
    unknown = [name for name in arguments if closed and isinstance(known, dict) and name not in known]
    if missing or unknown:
        wrong = [*(f"`{name}` is missing" for name in missing), *(f"`{name}` is unknown" for name in unknown)]
        raise ToolError(f"The arguments of {spec.name} are wrong: {', '.join(wrong)}.")
