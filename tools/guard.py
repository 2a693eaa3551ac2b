"""Taint and approval: once a run has read what others wrote, a write that was not literally asked for needs a click.

One guard per run, around all of its tools. A run is tainted when a result that quotes others has come back, or from
the start when its prompt quoted such lines. Then a write goes through when the operator allowed the tool by name,
when the asker literally asked for it (`tools.literal`), or when they click. Destructive tools always need the click.

Calls that stand in one answer run side by side. The model wrote all of them before it saw any of their results, so
each is judged by the taint *before* that answer. For this `call` notes the taint first and then lets every sibling
begin before anything runs. Nothing is judged too mildly by that: a result reaches the model only after `call` has
returned it, and by then the taint is set, so a call of a later answer always finds it.

What was judged or clicked is what is carried out: the arguments are read once, the channel is pinned to its id, and
that is what the tool gets, under the same call key. The tool checks rights again when it acts.
"""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from chat.channels import Channel
from tools.approval import ApprovalRequest, Approver, Decision
from tools.arguments import read_arguments
from tools.calls import Approval, Effect, ToolCall, ToolError, ToolResult, Toolset, ToolSpec, Wording
from tools.context import ToolContext
from tools.directory import Directory
from tools.literal import is_wording_of, names_of, stands_in
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

DEFAULT_SECONDS = 120.0  # well within the time that a whole run has
GRACE_SECONDS = 10.0  # the approver ends in time by itself, and shows that; this is for one that does not


@dataclass(frozen=True, slots=True)
class _Act:
    """A write with its arguments read and its channel known."""

    spec: ToolSpec
    call: ToolCall
    arguments: Mapping[str, JsonValue]
    channel: Channel | None

    @property
    def wording(self) -> Wording:
        return self.spec.wording or Wording()

    @property
    def identity(self) -> tuple[str, str]:
        return self.spec.name, json.dumps(self.arguments, sort_keys=True)

    @property
    def text(self) -> str:
        match self.arguments.get(self.wording.text):
            case str(text):
                return text
            case _:
                return json.dumps(self.arguments, ensure_ascii=False)


class Guard:
    """The toolset of one run, watched."""

    def __init__(
        self,
        toolset: Toolset,
        *,
        directory: Directory,
        approver: Approver,
        tainted: bool = False,
        allowed: Collection[str] = (),
        seconds: float = DEFAULT_SECONDS,
    ) -> None:
        """`tainted`: the prompt quotes others beyond the visible conversation. `allowed`: tools that need no click.
        `seconds`: how long a person has to click.
        """
        self._toolset = toolset
        self._directory = directory
        self._approver = approver
        self._tainted = tainted
        self._allowed = frozenset(allowed)
        self._seconds = seconds
        self._refused: set[tuple[str, str]] = set()

    @property
    def tainted(self) -> bool:
        return self._tainted

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        return await self._toolset.specs(context)

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        tainted = self._tainted
        await asyncio.sleep(0)  # the siblings note the taint, too, before anything of this answer runs
        spec = next((each for each in await self.specs(context) if each.name == call.name), None)
        result = await self._judged(call, spec, context, tainted=tainted)
        self._tainted = self._tainted or result.untrusted
        return result

    async def _judged(
        self, call: ToolCall, spec: ToolSpec | None, context: ToolContext, *, tainted: bool
    ) -> ToolResult:
        if spec is None or not self._needs_a_reason(spec, tainted=tainted):
            return await self._toolset.call(call, context)
        try:
            act = await self._read(spec, call, context)
            literal = spec.effect is Effect.WRITE and spec.approval is Approval.WRITES
            asked_for = literal and await self._was_asked_for(act, context)
            if not asked_for:
                await self._confirm(act, context)
        except ToolError as error:
            return ToolResult(call.id, str(error), is_error=True, untrusted=error.quotes_others)
        return await self._toolset.call(act.call, context)

    def _needs_a_reason(self, spec: ToolSpec, *, tainted: bool) -> bool:
        if spec.approval is not Approval.WRITES:
            return spec.approval is Approval.ALWAYS and spec.name not in self._allowed
        match spec.effect:
            case Effect.READ:
                return False
            case Effect.WRITE:
                return tainted and spec.name not in self._allowed
            case Effect.DESTRUCTIVE:
                return spec.name not in self._allowed

    async def _read(self, spec: ToolSpec, call: ToolCall, context: ToolContext) -> _Act:
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
                    channel = await self._directory.channel(context, written, exact=True)
                case _:
                    raise ToolError(f"`{wording.channel}` must be the name, mention or id of one channel.")
            arguments = {**arguments, wording.channel: str(channel.id)}
        return _Act(spec, replace(call, arguments=json.dumps(arguments)), arguments, channel)

    async def _was_asked_for(self, act: _Act, context: ToolContext) -> bool:
        wording, said = act.spec.wording, context.request.own_words
        if wording is None or act.channel is None or not await self._was_named(act.channel, said, context):
            return False
        about = {str(each) for each in (context.request.id, context.request.reply_to) if each is not None}
        for name in wording.exact:
            value = act.arguments.get(name)
            if value is not None and not (isinstance(value, str) and stands_in(value, said, also=about)):
                return False
        if not wording.text:
            return True
        text = act.arguments.get(wording.text)
        name = context.asker.name
        return isinstance(text, str) and is_wording_of(text, said, asker_name=name, to_asker=wording.to_asker)

    async def _was_named(self, channel: Channel, said: str, context: ToolContext) -> bool:
        """What the asker's word for a channel leads to must be this one: another of the same name is not meant."""
        if channel.id == context.channel.id:
            return True
        for name in names_of(channel, said):
            try:
                if (await self._directory.channel(context, name, exact=True)).id == channel.id:
                    return True
            except ToolError:
                continue
        return False

    async def _confirm(self, act: _Act, context: ToolContext) -> None:
        """Returns once the asker has agreed. Raises ToolError when they do not."""
        asker = context.asker.name
        if act.identity in self._refused:
            raise ToolError(f"{asker} has already not agreed to exactly this; do not ask again.")
        request = ApprovalRequest(
            key=context.call_key or f"{context.request.id}/{context.run_id}/{act.call.id}",
            tool=act.spec.name,
            title=act.spec.title,
            effect=act.spec.effect,
            channel=act.channel,
            text=act.text,
            arguments=act.arguments,
            reason=_reason(act.spec),
            seconds=self._seconds,
        )
        decision = await self._decision(request, context)
        logger.info("%s for message %s: %s", act.spec.name, context.request.id, decision.value)
        if decision is not Decision.APPROVED:
            self._refused.add(act.identity)
            why = "said no" if decision is Decision.REFUSED else "did not confirm it in time"
            raise ToolError(f"{act.spec.name} needed a confirmation, and {asker} {why}; it was not done.")

    async def _decision(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        try:
            async with asyncio.timeout(self._seconds + GRACE_SECONDS):
                return await self._approver.approve(request, context)
        except TimeoutError:
            return Decision.EXPIRED
        except SurfaceError as error:
            raise ToolError(f"{request.tool} needs a confirmation that cannot be asked for: {error}") from error


def _check_names(spec: ToolSpec, arguments: Mapping[str, JsonValue]) -> None:
    """Nobody is asked to confirm what cannot be carried out. Raises ToolError; the values are the tool's to judge."""
    required, known = spec.parameters.get("required"), spec.parameters.get("properties")
    missing = [name for name in required if name not in arguments] if isinstance(required, list) else []
    closed = isinstance(known, dict) and spec.parameters.get("additionalProperties") is False
    unknown = [name for name in arguments if closed and isinstance(known, dict) and name not in known]
    if missing or unknown:
        wrong = [*(f"`{name}` is missing" for name in missing), *(f"`{name}` is unknown" for name in unknown)]
        raise ToolError(f"The arguments of {spec.name} are wrong: {', '.join(wrong)}.")


def _reason(spec: ToolSpec) -> str:
    if spec.effect is Effect.DESTRUCTIVE:
        return "This cannot be taken back."
    return "I have read what other people wrote, and this is not word for word what you asked for."
