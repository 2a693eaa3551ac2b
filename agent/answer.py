"""Putting a streamed answer together, whatever the server makes of the protocol."""

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agent.hygiene import may_be_call, without_reasoning, written_calls
from agent.quoting import repaired
from agent.transcript import AssistantMessage, Completion, Finish, Keepsake, Usage
from tools.calls import ToolCall

MAX_CHARACTERS = 1_000_000


class BrokenAnswerError(Exception):
    """What came is no answer; says what came instead."""


@dataclass(slots=True)
class _Call:
    """A call that is still coming in."""

    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: JsonValue = None

    @property
    def is_whole(self) -> bool:
        try:
            json.loads(self.arguments)
        except (ValueError, RecursionError):
            return False
        return True


class AnswerInPieces:
    """Takes each chunk of a stream, or one whole answer, as the JSON value that it is."""

    def __init__(self, offered: Collection[str]) -> None:
        """`offered` are the names of the tools that the model may call."""
        self._offered = offered
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._size = 0
        self._calls: list[_Call] = []
        self._current: dict[int | None, _Call] = {}
        self._usage: Usage | None = None
        self._finish: str | None = None
        self._has_choice = False

    @property
    def is_finished(self) -> bool:
        return self._finish is not None

    @property
    def visible(self) -> str:
        """What people may see by now."""
        text = without_reasoning("".join(self._text))
        hidden = bool(self._offered) and may_be_call(text)
        return "" if hidden else repaired(text)

    def add(self, chunk: JsonValue) -> None:
        """Raises BrokenAnswerError."""
        match chunk:
            case {"usage": {"prompt_tokens": int(read), **rest}}:
                written = rest.get("completion_tokens")
                self._usage = Usage(read, written if isinstance(written, int) else 0)
            case _:
                pass
        match chunk:
            case {"choices": [dict(choice), *_]}:
                self._has_choice = True
                self._add_choice(choice)
            case _:
                pass

    def completion(self, model: str, *, quoted: Collection[str]) -> Completion:
        """Raises BrokenAnswerError when the answer is not whole. `quoted` is what the model was given to read."""
        if not self._has_choice:
            raise BrokenAnswerError("an answer without choices")
        if self._finish is None:
            raise BrokenAnswerError("the stream ended in the middle of the answer")
        text = repaired(without_reasoning("".join(self._text)))
        calls = self._tool_calls()
        keepsake = self._keepsake(model, calls)
        if not calls and (written := written_calls(text, self._offered, quoted=quoted)):
            calls = tuple(ToolCall(_new_id(), call.name, call.arguments) for call in written)
            text = ""
        return Completion(AssistantMessage(text, calls, keepsake), self._usage, model, _finish(self._finish))

    def _add_choice(self, choice: dict[str, JsonValue]) -> None:
        match choice:
            case {"finish_reason": str(reason)} if reason:
                self._finish = reason
            case _:
                pass
        # A whole answer has a message where a chunk has a delta.
        match choice.get("delta") or choice.get("message"):
            case dict(said):
                self._add_said(said)
            case _:
                pass

    def _add_said(self, said: dict[str, JsonValue]) -> None:
        for text in _texts(said.get("content")):
            self._count(text)
            self._text.append(text)
        for text in _texts(said.get("reasoning_content")):
            self._count(text)
            self._reasoning.append(text)
        match said.get("tool_calls"):
            case [*entries]:
                seen: set[int] = set()
                for entry in entries:
                    self._add_call(entry, seen)
            case _:
                pass

    def _add_call(self, entry: JsonValue, seen: set[int]) -> None:
        match entry:
            case {"function": dict(function), **rest}:
                pass
            case _:
                return
        index, call_id = rest.get("index"), rest.get("id")
        name, arguments = function.get("name"), function.get("arguments")
        key = index if isinstance(index, int) else None
        call = self._current.get(key)
        is_next = call is None or id(call) in seen or self._begins(call, call_id, name)
        if call is None or is_next:
            call = self._current[key] = _Call()
            self._calls.append(call)
        seen.add(id(call))
        call.id = call.id or (call_id if isinstance(call_id, str) else "")
        call.name = call.name or (name if isinstance(name, str) else "")
        piece = arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)
        self._count(piece)
        call.arguments += piece
        call.extra = call.extra or rest.get("extra_content")

    @staticmethod
    def _begins(call: _Call, call_id: JsonValue, name: JsonValue) -> bool:
        """Whether a piece with these is of another call, although the server gave both the same index."""
        if not isinstance(name, str) or not name:
            return False
        if isinstance(call_id, str) and call_id and call.id:
            return call_id != call.id
        return call.is_whole

    def _tool_calls(self) -> tuple[ToolCall, ...]:
        taken: set[str] = set()
        calls: list[ToolCall] = []
        for call in self._calls:
            call_id = call.id if call.id and call.id not in taken else _new_id()
            taken.add(call_id)
            calls.append(ToolCall(call_id, call.name.strip(), repaired(call.arguments)))
        return tuple(calls) if self._offered else ()

    def _keepsake(self, model: str, calls: Sequence[ToolCall]) -> Keepsake | None:
        reasoning = "".join(self._reasoning) if calls else ""
        extras = {call.id: made.extra for call, made in zip(calls, self._calls, strict=False) if made.extra}
        return Keepsake(model, reasoning, extras) if reasoning or extras else None

    def _count(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MAX_CHARACTERS:
            raise BrokenAnswerError(f"more than {MAX_CHARACTERS} characters")


def _texts(content: JsonValue) -> list[str]:
    """The words in a message's content: a string, or parts of which some are text."""
    match content:
        case str():
            return [content]
        case [*parts]:
            return [text for part in parts for text in _part_texts(part)]
        case _:
            return []


def _part_texts(part: JsonValue) -> list[str]:
    match part:
        case {"type": "text", "text": str(text)}:
            return [text]
        case _:
            return []


def _finish(reason: str) -> Finish:
    match reason:
        case "length" | "max_tokens":
            return Finish.LENGTH
        case "content_filter":
            return Finish.FILTERED
        case "error":
            raise BrokenAnswerError("the server ended the answer with an error")
        case _:
            return Finish.DONE


def _new_id() -> str:
    """Nine letters and digits, which is what the strictest server asks for."""
    return uuid.uuid4().hex[:9]
