"""From a run that has ended to its trace. What quotes Discord's messages is kept as their ids, never as their words."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime

from agent.turn import CallTrace, StepTrace, TurnFailed, TurnResult
from bot.gathering import Gathered
from bot.tracing.values import CallFigures, CallWords, Figures, Source, StepFigures, Trace
from chat.ids import MessageId
from chat.messages import IncomingMessage, Message
from mcp_servers.outside.naming import BETWEEN
from tools.context import ToolContext

Redact = Callable[[str], str]

MOST_CHARACTERS = 1000
"""Of the arguments or the result of one call."""
MOST_QUOTED = 50
"""Messages of one result that are linked to."""
_LINK = re.compile(r"discord\.com/channels/(?:\d{1,20}|@me)/\d{1,20}/(\d{15,20})")
_QUOTE = re.compile(r'"id":\s*"(\d{15,20})",\s*"author"')


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended."""

    incoming: IncomingMessage
    context: ToolContext
    gathered: Gathered
    result: TurnResult | TurnFailed
    _: KW_ONLY
    is_task: bool
    began: datetime
    seconds: float
    tokens_left: int | None


def trace_of(ran: Ran, *, keeps_words: bool, redact: Redact) -> Trace:
    """`redact` takes secrets out of whatever is kept as words."""
    context, gathered, steps = ran.context, ran.gathered, ran.result.steps
    quoted = [_quoted(call) for step in steps for call in step.calls]
    replied_to = ran.incoming.replied_to
    asked = () if ran.is_task else (context.request.id,)  # a task may have been scheduled by a command
    read = [message.id for message in (*gathered.recent, *gathered.recalled, *([replied_to] if replied_to else []))]
    return Trace(
        run_id=context.run_id,
        asker_id=context.asker.id,
        guild_id=context.channel.guild_id,
        channel_id=context.channel.id,
        request_id=context.request.id,
        at=ran.began,
        figures=_figures(ran, steps),
        words=tuple(_words(step, redact) for step in steps) if keeps_words else None,
        sources=tuple(dict.fromkeys([*asked, *read, *(each for ids in quoted for each in ids)])),
    )


def _figures(ran: Ran, steps: Sequence[StepTrace]) -> Figures:
    gathered, result = ran.gathered, ran.result
    began_with = steps[0].contents if steps else None
    used = began_with.recalled if began_with else ()
    return Figures(
        is_answered=isinstance(result, TurnResult),
        is_task=ran.is_task,
        seconds=ran.seconds,
        stopped_by=result.stopped_by.value if isinstance(result, TurnResult) and result.stopped_by else None,
        steps=tuple(_step(step) for step in steps),
        recent=sum(message.id != ran.incoming.message.id for message in gathered.recent),
        recalled=tuple(_source(message) for message in gathered.recalled),
        recalled_used=tuple(gathered.recalled[place].id for place in used),
        facts=len(gathered.facts),
        facts_used=began_with.facts if began_with else 0,
        files=len(gathered.files),
        files_used=began_with.files if began_with else 0,
        is_reply=ran.incoming.replied_to is not None,
        tokens_left=ran.tokens_left,
    )


def _source(message: Message) -> Source:
    return Source(id=message.id, channel=message.channel_id, guild=message.guild_id)


def _step(step: StepTrace) -> StepFigures:
    return StepFigures(
        model=step.model,
        seconds=step.seconds,
        read=step.usage.prompt_tokens,
        written=step.usage.completion_tokens,
        is_counted=step.is_counted,
        recent=step.contents.recent,
        calls=tuple(_call(call) for call in step.calls),
    )


def _call(call: CallTrace) -> CallFigures:
    return CallFigures(
        tool=call.call.name,
        seconds=call.seconds,
        is_error=call.result.is_error,
        is_carried_out=call.is_carried_out,
        characters=len(call.result.content),
        quoted=_quoted(call),
    )


def _quoted(call: CallTrace) -> tuple[MessageId, ...]:
    found = [*_LINK.findall(call.result.content), *_QUOTE.findall(call.result.content)]
    return tuple(MessageId(int(each)) for each in dict.fromkeys(found) if int(each) < 2**63)[:MOST_QUOTED]


def _words(step: StepTrace, redact: Redact) -> tuple[CallWords, ...]:
    return tuple(
        CallWords(
            arguments=_kept(_flat(call.call.arguments), redact),
            result=_kept(call.result.content, redact) if _quotes_nobody_here(call) else None,
        )
        for call in step.calls
    )


def _quotes_nobody_here(call: CallTrace) -> bool:
    """An outside program's words are not Discord's messages; our own tools say when theirs quote some."""
    return BETWEEN in call.call.name or not call.result.untrusted


def _flat(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def _kept(text: str, redact: Redact) -> str:
    """Secrets are taken out before it is cut: half a secret would not be known as one."""
    text = redact(text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
