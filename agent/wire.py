"""The transcript as the chat completions protocol writes it, so that the pickiest servers take it."""

import json
import re
from collections.abc import Sequence

from pydantic import JsonValue

from agent.quoting import repaired
from agent.transcript import (
    AssistantMessage,
    ImagePart,
    Keepsake,
    Part,
    PicturesMessage,
    SystemMessage,
    TextPart,
    ToolMessage,
    TranscriptMessage,
    UserMessage,
)
from tools.calls import ToolCall, ToolSpec

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
UNPARSED = "unparsed_arguments"
NO_PICTURES = "(A picture is left out here: this model takes none.)"


def wire_messages(messages: Sequence[TranscriptMessage], *, model: str, images: bool = True) -> list[JsonValue]:
    """`images`: whether the model takes any."""
    kept = (message for message in messages if images or not isinstance(message, PicturesMessage))
    return [_message(message, model=model, images=images) for message in kept]


def wire_tools(tools: Sequence[ToolSpec]) -> list[JsonValue]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in tools
    ]


def _message(message: TranscriptMessage, *, model: str, images: bool) -> JsonValue:
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": repaired(text)}
        case UserMessage(parts):
            return {"role": "user", "content": _content(parts, images=images)}
        case AssistantMessage():
            return _said(message, model)
        case ToolMessage(call_id, _, content):
            return {"role": "tool", "tool_call_id": call_id, "content": repaired(content)}
        case PicturesMessage(note, pictures):
            return {"role": "user", "content": [_part(TextPart(note)), *map(_part, pictures)]}


def _said(message: AssistantMessage, model: str) -> JsonValue:
    text = repaired(message.text)
    if not message.tool_calls:
        return {"role": "assistant", "content": text}
    keepsake = message.keepsake if message.keepsake and message.keepsake.model == model else Keepsake(model)
    calls: list[JsonValue] = [_call(call, keepsake.extras.get(call.id)) for call in message.tool_calls]
    said: dict[str, JsonValue] = {"role": "assistant", "content": text if text.strip() else None, "tool_calls": calls}
    return {**said, "reasoning_content": repaired(keepsake.reasoning)} if keepsake.reasoning else said


def _content(parts: Sequence[Part], *, images: bool) -> JsonValue:
    """One string where there is only text: many local servers know nothing else."""
    texts = [repaired(part.text) for part in parts if isinstance(part, TextPart)]
    if len(texts) == len(parts):
        return "\n".join(texts)
    if not images:
        return "\n".join([*texts, NO_PICTURES])
    return [_part(part) for part in parts]


def _part(part: Part) -> JsonValue:
    match part:
        case TextPart(text):
            return {"type": "text", "text": repaired(text)}
        case ImagePart(url):
            return {"type": "image_url", "image_url": {"url": url}}


def _call(call: ToolCall, extra: JsonValue) -> JsonValue:
    name = _NOT_IN_NAMES.sub("_", call.name)[:64] or "unknown"
    function: JsonValue = {"name": name, "arguments": _arguments(call.arguments)}
    written: dict[str, JsonValue] = {"id": call.id, "type": "function", "function": function}
    return {**written, "extra_content": extra} if extra else written


def _arguments(written: str) -> str:
    """Always a JSON object: some servers parse it, and refuse the whole history for a model's slip in it."""
    try:
        value: object = json.loads(written) if written.strip() else {}
        if isinstance(value, dict):
            return json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        pass
    return json.dumps({UNPARSED: written[:500]})
