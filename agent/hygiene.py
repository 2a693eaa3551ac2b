"""What of a model's words is meant for people: no reasoning, no calls written as text."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

_JSON = TypeAdapter[JsonValue](JsonValue)
_REASONING = re.compile(r"\s*<(think|thinking|reasoning)>.*?(?:</\1>\s*|\Z)", re.DOTALL)
_OPENINGS = ("<think>", "<thinking>", "<reasoning>")
_CLOSING = "</think>"

_CALL_MARKS = ("<tool_call>", "<function_call>", "[TOOL_CALLS]", "<|tool_call|>", "{", "[{", "```json", "```\n{")
_TAGGED = re.compile(r"<(tool_call|function_call)>\s*(.*?)\s*(?:</\1>|\Z)\s*", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
_PREFIXES = re.compile(r"\A(?:\[TOOL_CALLS\]|<\|tool_call\|>)\s*")
_NOT_WORDS = re.compile(r"\\u[0-9a-fA-F]{4}|\\[nrt]|\W|_")


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call that a model wrote as text."""

    name: str
    arguments: str


def without_reasoning(text: str) -> str:
    """The text without the blocks of reasoning that it begins with; nothing while it may still become one."""
    while found := _REASONING.match(text):
        text = text[found.end() :]
    begun = text.lstrip()
    if begun and any(opening.startswith(begun) for opening in _OPENINGS):
        return ""
    return _without_orphan(text)


def may_be_call(text: str) -> bool:
    """Whether what has come so far may turn out to be a call: such text is not shown before it is whole."""
    begun = text.lstrip()
    return bool(begun) and any(begun.startswith(mark) or mark.startswith(begun) for mark in _CALL_MARKS)


def written_calls(text: str, offered: Collection[str], *, quoted: Collection[str]) -> Sequence[WrittenCall]:
    """The calls that `text` consists of, or none when it is anything else.

    Only a text that is nothing but calls of offered tools counts. One that stands in what the model was given
    (`quoted`) is an echo of what somebody wrote, and never carried out.
    """
    stripped = text.strip()
    values = _values(stripped)
    calls = [_call(value) for value in values]
    known = [call for call in calls if call and call.name in offered]
    if not known or len(known) != len(values):
        return ()
    given = [_squeezed(each) for each in quoted]
    written = [_squeezed(json.dumps(value, ensure_ascii=False)) for value in values]
    return () if any(call in each for call in written for each in given) else known


def _without_orphan(text: str) -> str:
    """Some chat templates write the opening tag themselves, and the model only the closing one, on its own line."""
    before, closing, after = text.partition(_CLOSING)
    is_line = not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
    return after.lstrip() if closing and is_line and "<think>" not in before else text


def _values(text: str) -> list[JsonValue]:
    """The JSON values that the whole text is made of."""
    if _TAGGED.match(text):
        blocks = [_parsed(found[2]) for found in _TAGGED.finditer(text)]
        is_whole = not _TAGGED.sub("", text) and all(blocks)
        return [value for block in blocks for value in block] if is_whole else []
    fenced = _FENCED.fullmatch(text)
    return _parsed(_PREFIXES.sub("", fenced[1] if fenced else text))


def _parsed(text: str) -> list[JsonValue]:
    try:
        value = _JSON.validate_python(json.loads(text))
    except (ValueError, RecursionError):  # ValidationError is a ValueError
        return []
    return value if isinstance(value, list) else [value]


def _call(value: JsonValue) -> WrittenCall | None:
    match value:
        case {"function": dict(function), **_rest} if "name" in function:
            return _call(function)
        case {"name": str(name), "arguments": dict(arguments)} | {"name": str(name), "parameters": dict(arguments)}:
            return WrittenCall(name, json.dumps(arguments))
        case {"name": str(name), "arguments": str(arguments)}:
            return WrittenCall(name, arguments)
        case _:
            return None


def _squeezed(text: str) -> str:
    """Letters and digits only, however often the text was quoted and escaped on its way."""
    return _NOT_WORDS.sub("", text)
