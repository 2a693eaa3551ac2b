"""Outside servers that want our model to write something: `mcp_servers.outside.people.Sampler`.

Nothing is asked of the model before its asker has seen all of it and clicked. It is a conversation of its own: no
tools, no memory, nothing of the channel, so that there is nothing to be talked out of it. It is paid from the asker's
hourly allowance, not from the run's own tokens, which only the agent's loop counts.
"""

import asyncio
import base64
import logging
from collections.abc import Sequence
from hashlib import sha256

from agent.model import Model, ModelError
from agent.tokens import count_messages, count_text
from agent.transcript import (
    AssistantMessage,
    Completion,
    Finish,
    ImagePart,
    Part,
    SystemMessage,
    TextPart,
    TranscriptMessage,
    UserMessage,
)
from bot.mcp.allowance import Allowance
from bot.mcp.quoting import inert
from mcp_servers.outside.people import Sampled, SampledTurn, SamplingRefusedError, SamplingWish
from tools.approval import ApprovalRequest, Approver, Decision
from tools.calls import Effect
from tools.context import ToolContext
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

MAX_PROMPT = 8_000
"""Tokens of what one wish may send."""
LONGEST_SHOWN = 50_000
TO_DECIDE = 0.75
"""Of the time there is, for the click: the model needs some, too."""
SYSTEM = (
    "You write a text for a program outside, which is not the person you serve. You have no tools and no knowledge of "
    "anybody's conversations. What the program says follows."
)


class ModelSampler:
    """Over the model that answers on Discord."""

    def __init__(
        self, *, model: Model, approver: Approver, allowance: Allowance, answer_tokens: int, vision: bool
    ) -> None:
        """`answer_tokens`: what the model is configured to write at most."""
        self._model = model
        self._approver = approver
        self._allowance = allowance
        self._answer_tokens = answer_tokens
        self._vision = vision

    async def sample(self, wish: SamplingWish, context: ToolContext) -> Sampled:
        transcript = [_system(wish), *(self._turn(turn) for turn in wish.turns)]
        size, most = count_messages(transcript), min(wish.max_tokens, self._answer_tokens)
        if size > MAX_PROMPT or most < 1 or not wish.turns:
            raise SamplingRefusedError("The request is empty, or longer than what is completed here.")
        person, held = context.asker.id, size + most
        if not self._allowance.take(person, held):
            raise SamplingRefusedError("The person has no tokens left for this hour.")
        used = 0
        try:
            async with asyncio.timeout(wish.seconds):
                await self._confirm(wish, most, context)
                used = held  # from here on it costs something, whatever becomes of it
                sampled, used = await self._write(transcript, most, size)
                return sampled
        except TimeoutError as error:
            raise SamplingRefusedError("It took too long.") from error
        finally:
            self._allowance.settle(person, held=held, used=used)

    async def _confirm(self, wish: SamplingWish, most: int, context: ToolContext) -> None:
        shown = _shown(wish)
        identity = sha256(f"{most} {shown}".encode()).hexdigest()
        request = ApprovalRequest(
            key=f"{context.call_key or context.run_id}/sampling/{identity}",
            identity=identity,
            tool="sampling",
            title=f"Let {inert(wish.server, 40)} have my model write at most {most} tokens",
            effect=Effect.WRITE,
            channel=None,
            text=shown,
            arguments={"server": wish.server, "max_tokens": most},
            reason=f"{inert(wish.server, 40)} sends this to my model and gets the answer; it counts as yours.",
            seconds=wish.seconds * TO_DECIDE,
        )
        try:
            decision = await self._approver.approve(request, context)
        except SurfaceError as error:
            raise SamplingRefusedError("The person cannot be asked.") from error
        if decision is not Decision.APPROVED:
            raise SamplingRefusedError("The person did not agree.")

    async def _write(self, transcript: Sequence[TranscriptMessage], most: int, size: int) -> tuple[Sampled, int]:
        """And how many tokens it took."""

        async def watch(text: str) -> None:
            if count_text(text) > most:
                raise _EnoughError(text)

        try:
            completion = await self._model.complete(transcript, [], on_text=watch)
        except _EnoughError as enough:
            return Sampled(_cut(enough.text, most), self._model.name, is_cut=True), size + most
        except ModelError as error:
            logger.warning("sampling failed: %s", error.detail)
            raise SamplingRefusedError("The model gave no answer.") from error
        return _sampled(completion, most), _cost(completion, size)

    def _turn(self, turn: SampledTurn) -> TranscriptMessage:
        if turn.is_assistant:
            return AssistantMessage(turn.text)
        parts: list[Part] = [TextPart(turn.text)] if turn.text else []
        for picture in turn.pictures:
            if self._vision:
                data = base64.b64encode(picture.data).decode()
                parts.append(ImagePart(f"data:{picture.media_type};base64,{data}"))
            else:
                parts.append(TextPart("(a picture, which this model cannot see)"))
        return UserMessage(tuple(parts))


class _EnoughError(Exception):
    """The model has written as much as was wished for."""

    def __init__(self, text: str) -> None:
        super().__init__("enough")
        self.text = text


def _system(wish: SamplingWish) -> SystemMessage:
    return SystemMessage(f"{SYSTEM}\n\n{wish.system}" if wish.system else SYSTEM)


def _shown(wish: SamplingWish) -> str:
    turns = [
        f"{'Model' if turn.is_assistant else 'Server'}: {turn.text}"
        + "".join(f"\n(a picture, {picture.media_type}, {len(picture.data)} bytes)" for picture in turn.pictures)
        for turn in wish.turns
    ]
    return inert("\n\n".join([*([f"Instructions: {wish.system}"] if wish.system else []), *turns]), LONGEST_SHOWN)


def _sampled(completion: Completion, most: int) -> Sampled:
    if completion.finish is Finish.FILTERED:
        raise SamplingRefusedError("The model gave no answer.")
    text = completion.message.text
    is_long = count_text(text) > most
    is_cut = is_long or completion.finish is Finish.LENGTH
    return Sampled(_cut(text, most) if is_long else text, completion.model, is_cut=is_cut)


def _cost(completion: Completion, size: int) -> int:
    return completion.usage.total if completion.usage else size + count_text(completion.message.text)


def _cut(text: str, most: int) -> str:
    """The longest beginning of so many tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_text(text[:middle]) <= most else (low, middle - 1)
    return text[:low]
