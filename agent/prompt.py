"""From a request and what surrounds it to the messages for a model, within its context. Pure.

The order serves providers' prompt caches: what never changes comes first, the moment comes late. The order of who gets
room: system prompt, tools and request always; then what this run has done; what the asker said aloud; the replied-to
message; files; recalled lines; and with what is left the channel's recent lines, newest first. Pictures of these lines
take what the lines leave, or a share of the oldest lines' room: when that is too little for one, there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from agent.budget import cut, fit_run
from agent.history import History, history
from agent.model import PromptTooLarge
from agent.prompt_input import LoadedFile, LoadedVoice, PromptInput
from agent.quoted import cost, quoted_facts, quoted_message, quoted_recall
from agent.quoted_files import QuotedFiles, quoted_files, quoted_voices
from agent.quoting import Kind, line, plain_name
from agent.rules import system_text
from agent.tokens import (
    PER_MESSAGE,
    PER_REQUEST,
    Calibration,
    count_message,
    count_messages,
    count_text,
    count_tools,
)
from agent.transcript import SystemMessage, TextPart, TranscriptMessage, UserMessage
from agent.turn import Contents
from chat.channels import ChannelKind
from chat.templates import fill_names
from tools.calls import ToolSpec

LEAST_REQUEST = 40  # tokens of the request that must fit, or nothing is asked
TOPIC_TOKENS = 80
FILES_SHARE = 0.75  # of what is left; the rest stays for the conversation
PICTURES_SHARE = 0.4  # of the conversation's room: a picture just posted says more than what was said long ago
LONGEST_RECALLED = 400  # tokens of one recalled line: the rest stays for other lines
UNCALIBRATED = Calibration()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to send, and what it is estimated to cost."""

    messages: tuple[TranscriptMessage, ...]
    estimated: int
    """Tokens of messages and tools, uncalibrated."""
    flexible: int
    """What of these could be less: all but system prompt, tools and request."""
    contents: Contents


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What belongs to the request besides the conversation, and the room that it leaves."""

    lines: tuple[str, ...]
    voices: tuple[str, ...]
    files: QuotedFiles
    left: int
    recalled: tuple[int, ...]
    facts: int


def build_prompt(
    source: PromptInput,
    *,
    tools: Sequence[ToolSpec] = (),
    run: Sequence[TranscriptMessage] = (),
    calibration: Calibration = UNCALIBRATED,
    most_flexible: int | None = None,
) -> Prompt:
    """Raises PromptTooLarge.

    Args:
        source: The request and what surrounds it.
        tools: What is offered with it.
        run: The calls and results of this run so far; they come after the request.
        calibration: What is known of the model's way of counting.
        most_flexible: A bound for `Prompt.flexible`, after a server found an earlier prompt too long.
    """
    system, context = SystemMessage(_system(source)), _context(source)
    fixed = PER_REQUEST + count_message(system) + count_tools(tools) + PER_MESSAGE + 1 + cost(context)
    left = calibration.estimated_room(source.context_size - source.answer_tokens) - fixed
    least = cost(_request(source, "")) + LEAST_REQUEST
    if left < least:
        raise _too_large(source, calibration.tokens(fixed + least))
    run_cost = sum(map(count_message, run))
    request = _fitted_request(source, max(left // 2, left - run_cost, least))
    left -= cost(request)
    if most_flexible is not None:
        left = min(left, most_flexible)
    run = fit_run(run, left)
    around = _surroundings(source, left - sum(map(count_message, run)))
    past, seen = _conversation(source, around)
    text = "\n".join([*past.open_lines, *around.lines, *seen.lines, context, *around.voices, request])
    last = UserMessage((TextPart(text), *around.files.images, *seen.images))
    messages = (system, *past.turns, last, *run)
    estimated = count_messages(messages) + count_tools(tools)
    contents = Contents(len(past.ids), around.recalled, around.facts, _shown(around, seen))
    return Prompt(messages, estimated, max(0, estimated - fixed - cost(request)), contents)


def _surroundings(source: PromptInput, room: int) -> _Surroundings:
    """Recalled lines, the replied-to message and files. They get room in another order than they are read in."""
    voices = quoted_voices(source.files, room=room)
    room -= sum(map(cost, voices))
    replied_to = source.incoming.replied_to
    reply = quoted_message(Kind.REPLIED_TO, replied_to, source.zone, room=room) if replied_to else None
    room -= cost(reply) if reply else 0
    files = quoted_files(_own_files(source), source.incoming, source.zone, room=int(max(0, room) * FILES_SHARE))
    room -= files.cost
    budget = min(room, source.recall_tokens)
    memory = quoted_facts(source.facts, room=budget // 2)
    facts, fitting = len(memory), list[int]()
    budget -= sum(map(cost, memory))
    for place, recalled in enumerate(source.recalled):
        quoted = quoted_recall(recalled, source.zone, room=LONGEST_RECALLED)
        if quoted is not None and cost(quoted) <= budget:
            memory.append(quoted)
            fitting.append(place)
            budget -= cost(quoted)
    lines = (*memory, *([reply] if reply else []), *files.lines)
    return _Surroundings(
        lines, tuple(voices), files, room - sum(map(cost, memory)), recalled=tuple(fitting), facts=facts
    )


def _shown(around: _Surroundings, seen: QuotedFiles) -> int:
    """How many files there was room for, in whole or in part."""
    return around.files.count + seen.count + len(around.voices)


def _own_files(source: PromptInput) -> list[LoadedFile]:
    """Of the request and of what it replies to."""
    replied_to = source.incoming.replied_to
    near = {None, replied_to.id if replied_to else None}
    return [
        file
        for file in source.files
        if (file.of.id if file.of else None) in near and not (isinstance(file, LoadedVoice) and file.is_askers)
    ]


def _conversation(source: PromptInput, around: _Surroundings) -> tuple[History, QuotedFiles]:
    """The channel's recent lines, and the pictures of those that are there."""
    incoming = source.incoming
    recent = [message for message in source.recent if message.id != incoming.message.id]
    lines = partial(history, recent, bot=incoming.bot.id, zone=source.zone)
    told = partial(quoted_files, incoming=incoming, zone=source.zone, after=len(around.files.images))
    own = _own_files(source)
    pictures = [file for file in source.files if file.of is not None and file not in own]
    past = lines(room=around.left)
    most = max(past.left, int(max(0, around.left) * PICTURES_SHARE))
    seen = told(pictures, room=most, name_left_out=False)
    if not seen.lines:
        return past, seen
    past = lines(room=around.left - seen.cost)
    there = [file for file in pictures if file.of is not None and file.of.id in past.ids]
    return past, told(there, room=seen.cost, name_left_out=False)


def _system(source: PromptInput) -> str:
    incoming = source.incoming
    bot, user = plain_name(incoming.bot.name), plain_name(incoming.asker.name)
    return system_text(fill_names(source.system, bot=bot, user=user), incoming.bot)


def _context(source: PromptInput) -> str:
    incoming, channel = source.incoming, source.incoming.channel
    is_direct = channel.kind is ChannelKind.DM
    minutes = None if incoming.late_by is None else max(1, round(incoming.late_by.total_seconds() / 60))
    return line(
        Kind.CONTEXT,
        server=plain_name(incoming.guild.name) if incoming.guild else None,
        channel="a direct message" if is_direct else f"#{plain_name(channel.name)}",
        topic=cut(channel.topic, count_text, TOPIC_TOKENS) if channel.topic else None,
        now=f"{source.now.astimezone(source.zone):%A %Y-%m-%d %H:%M}",
        time_zone=source.zone.key,
        occasion=source.occasion,
        late=None if minutes is None else f"The request waited {minutes} min, because you were away; say so briefly.",
    )


def _request(source: PromptInput, text: str) -> str:
    message = source.incoming.message
    return line(
        Kind.REQUEST,
        id=str(message.id),
        from_=plain_name(message.author.name),
        from_id=str(message.author.id),
        text=text,
    )


def _fitted_request(source: PromptInput, room: int) -> str:
    quoted = partial(_request, source)
    text = cut(source.incoming.message.text, lambda each: cost(quoted(each)), room)
    return quoted(text or "")


def _too_large(source: PromptInput, needed: int) -> PromptTooLarge:
    return PromptTooLarge(
        "My instructions and tools are too long for the language model I run on; my operator has to change that.",
        detail=f"system prompt, tools and the shortest request need about {needed} tokens, but "
        f"context_size {source.context_size} less answer_tokens {source.answer_tokens} is "
        f"{source.context_size - source.answer_tokens}; raise context_size, shorten `system` or offer fewer tools",
    )
