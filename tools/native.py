"""From an object's documented methods to tools: the signature is the schema, the docstring is for the model.

    class ChannelTools:
        @tool(title="List channels")
        async def list_channels(self, *, context: ToolContext) -> ChannelList: ...

    toolset = NativeTools(ChannelTools(...))

`context` is handed in where a method takes it, and never part of the schema. A tool answers text or a pydantic model,
and refuses by ToolError.
"""

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, JsonValue, create_model

from tools.arguments import check_arguments, read_arguments, schema_of
from tools.calls import Effect, ToolCall, ToolError, ToolResult, ToolSpec, Wording
from tools.context import ToolContext
from tools.surface import SurfaceError
from tools.toolsets import ToolNameClashError, unknown_tool

logger = logging.getLogger(__name__)

DEFAULT_SECONDS = 30.0
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CONTEXT = "context"

Answer = str | BaseModel
SelfT = TypeVar("SelfT")
P = ParamSpec("P")
AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a signature cannot say about a tool."""

    title: str
    effect: Effect
    reads_others: bool
    needs_guild: bool
    wording: Wording | None
    seconds: float | None
    idempotent: bool


class DeclaredTool:
    """A method that is a tool, as it stands in its class."""

    def __init__(self, function: Callable[..., Awaitable[Answer]], mark: Mark) -> None:
        self.function = function
        self.mark = mark


class ToolMethod(DeclaredTool, Generic[SelfT, P, AnswerT]):
    """Behaves as the method it wraps when it is called by hand."""

    def __init__(self, method: Callable[Concatenate[SelfT, P], Awaitable[AnswerT]], mark: Mark) -> None:
        super().__init__(method, mark)
        self._method = method

    @overload
    def __get__(self, instance: None, owner: type[SelfT]) -> Self: ...
    @overload
    def __get__(self, instance: SelfT, owner: type[SelfT]) -> Callable[P, Awaitable[AnswerT]]: ...
    def __get__(self, instance: SelfT | None, owner: type[SelfT]) -> Self | Callable[P, Awaitable[AnswerT]]:
        return self if instance is None else partial(self._method, instance)


def tool(
    *,
    title: str,
    effect: Effect = Effect.READ,
    reads_others: bool = False,
    needs_guild: bool = False,
    wording: Wording | None = None,
    seconds: float | None = None,
    idempotent: bool = False,
) -> Callable[[Callable[Concatenate[SelfT, P], Awaitable[AnswerT]]], ToolMethod[SelfT, P, AnswerT]]:
    """Make an async method a tool.

    Args:
        title: What people see, in the way of a menu entry.
        effect: What it does to the world.
        reads_others: Its results carry text that others than the asker wrote.
        needs_guild: It is only offered where there is a server.
        wording: For a write, which arguments say where and what.
        seconds: Its own time limit instead of the toolset's.
        idempotent: For a write, that the same call once more changes nothing further.
    """
    mark = Mark(title, effect, reads_others, needs_guild, wording, seconds, idempotent)

    def declare(
        method: Callable[Concatenate[SelfT, P], Awaitable[AnswerT]],
    ) -> ToolMethod[SelfT, P, AnswerT]:
        return ToolMethod(method, mark)

    return declare


@dataclass(frozen=True, slots=True)
class NativeTool:
    """One tool, ready to run; also all that is needed to serve it elsewhere."""

    spec: ToolSpec
    arguments: type[BaseModel]
    output_schema: Mapping[str, JsonValue] | None
    """The schema of what its result's JSON is; None when it answers plain text."""
    needs_guild: bool
    takes_context: bool
    seconds: float
    idempotent: bool
    """Whether the same call once more changes nothing further; what only reads never does."""
    owner: type
    """The class that it is a method of: its subject."""
    source: str
    """Where it is defined, for whoever has to look for it."""
    run: Callable[..., Awaitable[Answer]]


class NativeTools:
    """The toolset of some objects' tools. Raises ToolNameClashError, or ValueError for a method that can be no tool."""

    def __init__(self, *objects: object, seconds: float = DEFAULT_SECONDS) -> None:
        """`seconds` is the time limit of each call that sets none of its own."""
        self._tools: dict[str, NativeTool] = {}
        for owner in objects:
            for name, declared in _declared(type(owner)).items():
                made = _native(name, declared, owner, seconds)
                if name in self._tools:
                    raise ToolNameClashError(name, self._tools[name].source, made.source)
                self._tools[name] = made

    @property
    def tools(self) -> Sequence[NativeTool]:
        return list(self._tools.values())

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        return [native.spec for native in self._offered(context).values()]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        offered = self._offered(context)
        native = offered.get(call.name)
        if native is None:
            if call.name in self._tools:
                return ToolResult(call.id, f"{call.name} works only on a server, not in a direct message.", True)
            return unknown_tool(call, offered)
        # A caller that keeps no keys still gets one that no other call shares.
        key = context.call_key or f"{context.request.id}/{context.run_id}/{call.name}/{call.id}"
        return await _run(native, call, replace(context, call_key=key))

    def _offered(self, context: ToolContext) -> dict[str, NativeTool]:
        here = context.guild is not None
        return {name: native for name, native in self._tools.items() if here or not native.needs_guild}


async def _run(native: NativeTool, call: ToolCall, context: ToolContext) -> ToolResult:
    limit = asyncio.timeout(native.seconds)
    try:
        values = check_arguments(native.arguments, read_arguments(call.arguments))
        async with limit:
            answer = await native.run(**values, **({_CONTEXT: context} if native.takes_context else {}))
        text = answer if isinstance(answer, str) else answer.model_dump_json(exclude_none=True)
        return ToolResult(call.id, text, untrusted=native.spec.reads_others)
    except ToolError as error:
        return ToolResult(call.id, str(error), is_error=True, untrusted=error.quotes_others)
    except SurfaceError as error:
        return ToolResult(call.id, str(error), is_error=True)
    except Exception as error:  # boundary: a tool's bug fails its call, not the run, and shows nothing internal
        if isinstance(error, TimeoutError) and limit.expired():
            return ToolResult(call.id, _too_slow(native), is_error=True)
        logger.exception("tool %s failed", call.name)
        return ToolResult(call.id, f"{call.name} failed by a fault of its own; do not try it again.", is_error=True)


def _too_slow(native: NativeTool) -> str:
    sentence = f"{native.spec.name} took longer than {native.seconds:g} seconds and was stopped."
    if native.spec.effect is Effect.READ:
        return sentence
    return f"{sentence} It is not known whether it took effect."


def _declared(owner: type) -> dict[str, DeclaredTool]:
    """A class's tools in the order they are written, its bases' first."""
    found: dict[str, DeclaredTool] = {}
    for base in reversed(owner.__mro__):
        found |= {name: member for name, member in vars(base).items() if isinstance(member, DeclaredTool)}
    return found


def _native(name: str, declared: DeclaredTool, owner: object, seconds: float) -> NativeTool:
    mark, function = declared.mark, declared.function
    description = inspect.getdoc(function)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a tool: up to 64 of a-z A-Z 0-9 _ -")
    if not description:
        raise ValueError(f"tool {name} has no docstring, and that is all the model would know of it")
    arguments = _arguments_model(name, function)
    spec = ToolSpec(
        name=name,
        title=mark.title,
        description=description,
        parameters=schema_of(arguments),
        effect=mark.effect,
        reads_others=mark.reads_others,
        wording=mark.wording,
    )
    return NativeTool(
        spec=spec,
        arguments=arguments,
        output_schema=_output_schema(function),
        needs_guild=mark.needs_guild,
        takes_context=_CONTEXT in inspect.signature(function).parameters,
        seconds=mark.seconds or seconds,
        idempotent=mark.idempotent or mark.effect is Effect.READ,
        owner=type(owner),
        source=f"{function.__module__}.{function.__qualname__}",
        run=partial(function, owner),
    )


def _output_schema(function: Callable[..., Awaitable[Answer]]) -> Mapping[str, JsonValue] | None:
    answers: object = get_type_hints(function).get("return")
    return schema_of(answers) if isinstance(answers, type) and issubclass(answers, BaseModel) else None


def _arguments_model(name: str, function: Callable[..., Awaitable[Answer]]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    _, *parameters = inspect.signature(function).parameters.values()
    if hints.get(_CONTEXT, ToolContext) is not ToolContext:
        raise ValueError(f"tool {name} takes a `{_CONTEXT}` that is no ToolContext")
    fields: dict[str, Any] = {}  # pydantic's own edge: what a field is made of has no type of its own
    for parameter in parameters:
        if parameter.name == _CONTEXT:
            continue
        if parameter.kind not in {parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            raise ValueError(f"tool {name} takes `{parameter}`, which no schema can say")
        if parameter.name not in hints:
            raise ValueError(f"tool {name} does not say what type `{parameter.name}` is")
        required = parameter.default is inspect.Parameter.empty
        fields[parameter.name] = (hints[parameter.name], ... if required else parameter.default)
    return create_model(name, __config__=ConfigDict(extra="forbid", coerce_numbers_to_str=True), **fields)
