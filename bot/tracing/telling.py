"""A trace in words: for who asked with what the run read and said, for managers in figures and links alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.tracing.values import CallFigures, CallWords, Figures, StepFigures, Trace
from chat.ids import MessageId
from chat.messages import Message, jump_link
from tools.quoting import aside

GONE_WORDS = "-# Something that this run has read was deleted, edited or is not kept, so its words are not kept either."
NOT_YOURS = "-# What was asked, read and said is for who asked."


@dataclass(frozen=True, slots=True)
class Sight:
    """What the person who looks may see of a trace, judged now."""

    is_asker: bool
    messages: Mapping[MessageId, Message]
    """Those of the run's messages that still stand and that this person may read."""
    words: Sequence[Sequence[CallWords]] | None
    titles: Mapping[str, str]
    """What tools are called, for people."""


def told(trace: Trace, sight: Sight) -> str:
    figures = trace.figures
    link = jump_link(trace.guild_id, trace.channel_id, trace.request_id)
    how = "answered" if figures.is_answered else "failed"
    kind = "task" if figures.is_task else "request"
    lines = [
        f"**How it came about** ({kind} {link}, {discord.utils.format_dt(trace.at, 'R')}, {how}, run `{trace.run_id}`)",
        *_cost(figures),
        *_context(figures),
        *_memory(figures, sight),
        *(line for number, step in enumerate(figures.steps) for line in _step(number, step, sight)),
    ]
    if not sight.is_asker:
        lines.append(NOT_YOURS)
    elif sight.words is None and any(step.calls for step in figures.steps):
        lines.append(GONE_WORDS)
    return "\n".join(lines)


def _context(figures: Figures) -> list[str]:
    used = figures.steps[0].recent if figures.steps else 0
    parts = [_share(used, figures.recent, "lines of the channel")]
    if figures.is_reply:
        parts.append("the message it replies to")
    if figures.facts:
        parts.append(_share(figures.facts_used, figures.facts, "facts kept on purpose"))
    if figures.files:
        parts.append(_share(figures.files_used, figures.files, "files"))
    lines = [f"**Context used:** {', '.join(parts)}"]
    if figures.steps and figures.steps[-1].recent < used:
        lines.append(f"- at the end there was room for {figures.steps[-1].recent} lines of the channel only")
    return lines


def _share(used: int, there: int, what: str) -> str:
    left_out = f" ({there - used} left out for lack of room)" if used < there else ""
    return f"{used} of {there} {what}{left_out}"


def _memory(figures: Figures, sight: Sight) -> list[str]:
    if not figures.recalled:
        return ["**From memory:** nothing"]
    lines = [f"**From memory:** {_share(len(figures.recalled_used), len(figures.recalled), 'hits')}"]
    unseen = 0
    for source in figures.recalled:
        if (message := sight.messages.get(source.id)) is None:
            unseen += 1
            continue
        words = f" {discord.utils.escape_markdown(aside(message))}" if sight.is_asker else ""
        mark = "" if source.id in figures.recalled_used else " (left out)"
        lines.append(f"- {message.link}{words}{mark}")
    if unseen:
        lines.append(f"- {unseen} more, deleted since or not for you to read")
    return lines


def _step(number: int, step: StepFigures, sight: Sight) -> list[str]:
    counted = "" if step.is_counted else " (estimated)"
    tokens = f"{step.read:,} tokens read and {step.written:,} written{counted}"
    lines = [f"**Step {number + 1}:** {step.model}, {step.seconds:.1f} s, {tokens}"]
    words = sight.words[number] if sight.is_asker and sight.words and number < len(sight.words) else ()
    for place, call in enumerate(step.calls):
        lines += _call(call, words[place] if place < len(words) else None, sight)
    return lines


def _call(call: CallFigures, words: CallWords | None, sight: Sight) -> list[str]:
    title = sight.titles.get(call.tool, call.tool)
    end = "refused, the same call over and over" if not call.is_carried_out else "failed" if call.is_error else "done"
    lines = [f"- {title} (`{call.tool}`): {end}, {call.seconds:.1f} s, a result of {call.characters:,} characters"]
    if words is not None:
        lines.append(f"  - asked with {_code(words.arguments)}")
        if words.result is not None:
            lines.append(f"  - came back: {_code(words.result)}")
    seen = [sight.messages[each].link for each in call.quoted if each in sight.messages]
    lines += [f"  - {link}" for link in seen]
    if hidden := len(call.quoted) - len(seen):
        lines.append(f"  - {hidden} messages, deleted since or not for you to read")
    return lines


def _code(text: str) -> str:
    flat = " ".join(text.split()).replace("`", "ˋ")
    return f"`{flat}`" if flat else "nothing"


def _cost(figures: Figures) -> list[str]:
    read, written = sum(step.read for step in figures.steps), sum(step.written for step in figures.steps)
    models = Counter(step.model for step in figures.steps)
    tokens = f"{read + written:,} tokens ({read:,} read, {written:,} written)"
    steps = f"{len(figures.steps)} steps{' of ' + ', '.join(models) if models else ''}"
    lines = [f"**In all:** {figures.seconds:.1f} s, {tokens}, {steps}"]
    limits = [f"the limit of {figures.stopped_by} ended it"] if figures.stopped_by else []
    if figures.tokens_left is not None:
        limits.append(f"{figures.tokens_left:,} tokens of the day were left when it began")
    lines.append(f"**Limits:** {'; '.join(limits) or 'none was reached'}")
    return lines
