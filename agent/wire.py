"""The transcript as the chat completions protocol writes it, so that the pickiest servers take it."""

import json
import re
from collections.abc import Sequence

from pydantic import JsonValue

from agent.quoting import repaired
from agent.transcript import (
    AssistantMessage,
    ImagePart,
    Part,
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


def wire_messages(messages: Sequence[TranscriptMessage], *, images: bool = True) -> list[JsonValue]:
    return [_message(message, images=images) for message in messages]


def wire_tools(tools: Sequence[ToolSpec]) -> list[JsonValue]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in tools
    ]


def _message(message: TranscriptMessage, *, images: bool) -> JsonValue:
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": repaired(text)}
        case UserMessage(parts):
            return {"role": "user", "content": _content(parts, images=images)}
        case AssistantMessage(text, ()):
            return {"role": "assistant", "content": repaired(text)}
        case AssistantMessage(text, calls):
            said = repaired(text) if text.strip() else None
            return {"role": "assistant", "content": said, "tool_calls": [_call(call) for call in calls]}
        case ToolMessage(call_id, _, content):
            return {"role": "tool", "tool_call_id": call_id, "content": repaired(content)}


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


def _call(call: ToolCall) -> JsonValue:
    name = _NOT_IN_NAMES.sub("_", call.name)[:64] or "unknown"
    return {"id": call.id, "type": "function", "function": {"name": name, "arguments": _arguments(call.arguments)}}


def _arguments(written: str) -> str:
    """Always a JSON object: some servers parse it, and refuse the whole history for a model's slip in it."""
    try:
        value: object = json.loads(written) if written.strip() else {}
        if isinstance(value, dict):
            return json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        pass
    return json.dumps({UNPARSED: written[:500]})
