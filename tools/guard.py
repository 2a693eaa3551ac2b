"""Taint and approval: once a run has read what others wrote, a write that was not literally asked for needs a click.

One guard per run, around all of its tools. A run is tainted when a result that quotes others has come back, or from
the start when its prompt quotes them (`Reading`). Then a write goes through when the operator allowed the tool by
name, when the asker literally asked for it (`tools.asked_for`), or when they click; so does a question to an outside
program, which may carry something out. Destructive tools always need the click. `docs/approval.md` has the table.

Calls that stand in one answer run side by side. The model wrote all of them before it saw any of their results, so
each is judged by the taint *before* that answer. For this `call` notes the taint first and then lets every sibling
begin before anything runs. Nothing is judged too mildly by that: a result reaches the model only after `call` has
returned it, and by then the taint is set, so a call of a later answer always finds it.

What was judged or clicked is what is carried out: the arguments are read once, the channel is pinned to its id, links
that the run was not given are taken out of the words, and that is what the tool gets, under the same call key. The
tool checks rights again when it acts.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence

from tools.acts import Act, read_act, with_safe_text
from tools.approval import ApprovalRequest, Approver, Decision, Journal, State
from tools.arguments import read_arguments
from tools.asked_for import carries_nothing_new, was_asked_for
from tools.calls import Approval, Effect, ToolCall, ToolError, ToolResult, Toolset, ToolSpec
from tools.context import ToolContext
from tools.directory import Directory
from tools.reading import Reading
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

DEFAULT_SECONDS = 120.0  # the clock of the run stands still meanwhile
GRACE_SECONDS = 10.0  # the approver ends in time by itself, and shows that; this is for one that does not
MOST_QUESTIONS = 5
"""Of one run. Whoever is asked again and again ends by agreeing to anything."""

DONE = (
    "{tool} was carried out with exactly this before I was restarted, and its result was not kept; do not do it again."
)
BEGUN = (
    "I was restarted while {tool} was carried out with exactly this, so it is not known whether it took effect; "
    "say so, and do not do it again."
)


class Guard:
    """The toolset of one run, watched."""

    def __init__(
        self,
        toolset: Toolset,
        *,
        directory: Directory,
        approver: Approver,
        journal: Journal,
        reading: Reading,
        allowed: Collection[str] = (),
        seconds: float = DEFAULT_SECONDS,
    ) -> None:
        """`allowed`: tools that need no click. `seconds`: how long a person has to click."""
        self._toolset = toolset
        self._directory = directory
        self._approver = approver
        self._journal = journal
        self._reading = reading
        self._allowed = frozenset(allowed)
        self._seconds = seconds
        self._refused: set[str] = set()
        self._of_before: dict[str, str] = {}
        self._questions = 0

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        return await self._toolset.specs(context)

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        tainted = self._reading.tainted
        self._reading.wrote(call.arguments)
        await asyncio.sleep(0)  # the siblings note the taint, too, before anything of this answer runs
        spec = next((each for each in await self.specs(context) if each.name == call.name), None)
        result = await self._judged(call, spec, context, tainted=tainted)
        self._reading.hear(result.content)
        self._reading.tainted = self._reading.tainted or result.untrusted
        return result

    async def _judged(
        self, call: ToolCall, spec: ToolSpec | None, context: ToolContext, *, tainted: bool
    ) -> ToolResult:
        if spec is None:
            return await self._toolset.call(call, context)
        try:
            if tainted:
                call = with_safe_text(spec, call, self._reading)
            if self._needs_a_reason(spec, tainted=tainted):
                act = await read_act(spec, call, context, self._directory)
                if not await self._has_a_reason(act, context):
                    await self._confirm(act, context)
                call = act.call
            return await self._carried_out(spec, call, context)
        except ToolError as error:
            return ToolResult(call.id, str(error), is_error=True, untrusted=error.quotes_others)

    def _needs_a_reason(self, spec: ToolSpec, *, tainted: bool) -> bool:
        match spec.approval:
            case Approval.NEVER:
                return False
            case Approval.ALWAYS:
                return True
            case Approval.WRITES if spec.name in self._allowed:
                return False
            case Approval.WRITES:
                return spec.effect is Effect.DESTRUCTIVE or (
                    tainted and (spec.effect is Effect.WRITE or spec.sends_out)
                )

    async def _has_a_reason(self, act: Act, context: ToolContext) -> bool:
        """Whether the asker's own words are enough."""
        if act.spec.approval is Approval.ALWAYS:
            return False
        match act.spec.effect:
            case Effect.READ:
                return carries_nothing_new(act, context, self._reading)
            case Effect.WRITE:
                return await was_asked_for(act, context, self._directory)
            case Effect.DESTRUCTIVE:
                return False

    async def _carried_out(self, spec: ToolSpec, call: ToolCall, context: ToolContext) -> ToolResult:
        """Once: a tool of ours knows its call by the key; for an outside one it is written down. Raises ToolError."""
        if spec.effect is Effect.READ or not spec.sends_out:
            return await self._toolset.call(call, context)
        identity = Act(spec, call, read_arguments(call.arguments), None).identity
        if identity not in self._of_before:
            match await self._journal.begin(identity, context):
                case State.DONE:
                    self._of_before[identity] = DONE.format(tool=spec.name)
                case State.BEGUN:
                    self._of_before[identity] = BEGUN.format(tool=spec.name)
                case State.NEW:
                    result = await self._toolset.call(call, context)
                    await self._journal.done(identity, context)
                    return result
        raise ToolError(self._of_before[identity])

    async def _confirm(self, act: Act, context: ToolContext) -> None:
        """Returns once the asker has agreed. Raises ToolError when they do not."""
        asker = context.asker.name
        if act.identity in self._refused:
            raise ToolError(f"{asker} has already not agreed to exactly this; do not ask again.")
        if self._questions >= MOST_QUESTIONS:
            raise ToolError(f"{asker} has been asked {MOST_QUESTIONS} times for this request; that is all I may ask.")
        self._questions += 1
        decision = await self._decision(self._request(act, context), context)
        logger.info("%s for message %s: %s", act.spec.name, context.request.id, decision.value)
        if decision is not Decision.APPROVED:
            self._refused.add(act.identity)
            why = "said no" if decision is Decision.REFUSED else "did not confirm it in time"
            raise ToolError(f"{act.spec.name} needed a confirmation, and {asker} {why}; it was not done.")

    def _request(self, act: Act, context: ToolContext) -> ApprovalRequest:
        return ApprovalRequest(
            key=context.call_key or f"{context.root}/{context.run_id}/{act.call.id}",
            identity=act.identity,
            tool=act.spec.name,
            title=act.spec.title,
            effect=act.spec.effect,
            channel=act.channel,
            text=act.text,
            arguments=act.arguments,
            reason=_reason(act.spec),
            seconds=self._seconds,
            details=act.details,
        )

    async def _decision(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        try:
            with context.paused():
                async with asyncio.timeout(self._seconds + GRACE_SECONDS):
                    return await self._approver.approve(request, context)
        except TimeoutError:
            return Decision.EXPIRED
        except SurfaceError as error:
            raise ToolError(f"{request.tool} needs a confirmation that cannot be asked for: {error}") from error


def _reason(spec: ToolSpec) -> str:
    if spec.effect is Effect.DESTRUCTIVE:
        return "This cannot be taken back."
    if spec.approval is Approval.ALWAYS:
        return "My operator wants you to be asked each time."
    if spec.effect is Effect.READ:
        return "I have read what other people wrote, and this would be sent to a program outside of Discord."
    return "I have read what other people wrote, and this is not word for word what you asked for."
