"""The steps of one turn: what was asked and answered so far, what it cost, and how it ends."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.model import ContextOverflow, Model, ModelError
from agent.prompt import Prompt, build_prompt
from agent.prompt_input import PromptInput
from agent.rules import LAST_STEP, PICTURES
from agent.tokens import Calibration, Calibrations, count_message
from agent.transcript import (
    AssistantMessage,
    Completion,
    Finish,
    ImagePart,
    PicturesMessage,
    ToolMessage,
    TranscriptMessage,
    Usage,
)
from agent.turn import CallTrace, Contents, Limit, Progress, StepTrace, TurnFailed, TurnLimits, TurnResult
from tools.calls import Effect, ToolSpec

logger = logging.getLogger(__name__)

NEARLY = 0.8  # of the time: from here on the model has to answer with what it has
EMPTY = "The model gave no answer. Please try again, or say it in other words."
FILTERED = "The model's provider withheld the answer with its content filter."
CUT = "-# The answer reached its limit of length and ends here."
LATE = "-# I stopped here: {seconds:g} seconds are my limit for one answer."
OUT_OF_TIME = "I could not finish within {seconds:g} seconds, my limit for one answer."


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request to the model came to."""

    message: AssistantMessage
    model: str
    finish: Finish
    usage: Usage
    is_counted: bool
    seconds: float
    contents: Contents


class Steps:
    """Grows by `ask` and `add` in turn, and ends in one of `ended`, `failed` and `out_of_time`."""

    def __init__(
        self,
        source: PromptInput,
        *,
        model: Model,
        limits: TurnLimits,
        calibrations: Calibrations,
        progress: Progress,
        elapsed: Callable[[], float],
    ) -> None:
        """`elapsed`: seconds of the turn that count."""
        self.number = 0
        self._source = source
        self._model = model
        self._limits = limits
        self._calibrations = calibrations
        self._progress = progress
        self._run: list[TranscriptMessage] = []
        self._traces: list[StepTrace] = []
        self._done: list[str] = []
        self._most_flexible: int | None = None
        self._partial = ""
        self._clock = asyncio.get_running_loop().time
        self._elapsed = elapsed

    @property
    def usage(self) -> Usage:
        return sum((trace.usage for trace in self._traces), Usage())

    def near_limit(self, tools: Sequence[ToolSpec]) -> Limit | None:
        """The limit that leaves room for no more than an answer."""
        if self.number + 1 >= self._limits.steps:
            return Limit.STEPS
        if self._elapsed() > NEARLY * self._limits.seconds:
            return Limit.SECONDS
        if not self._traces:
            return None
        # After this step there must be room for one more, with which to answer.
        step = self._calibration.tokens(self._build(tools).estimated) + self._source.answer_tokens
        return Limit.TOKENS if self.usage.total + 2 * step > self._limits.tokens else None

    async def ask(self, tools: Sequence[ToolSpec], *, near: Limit | None) -> Answer:
        """One step's answer; near a limit no tools are offered. Raises ModelError."""
        self.number += 1
        self._partial = ""
        started = self._clock()
        prompt, completion = await self._complete([] if near else tools, is_last=near is not None)
        usage = completion.usage
        if usage:
            counted = usage.prompt_tokens
            self._calibrations.observed(completion.model, estimated=prompt.estimated, counted=counted)
        # The limit of tokens must hold for servers that do not count, too.
        guess = Usage(self._calibration.tokens(prompt.estimated), count_message(completion.message))
        return Answer(
            message=completion.message,
            model=completion.model,
            finish=completion.finish,
            usage=usage or guess,
            is_counted=usage is not None,
            seconds=self._clock() - started,
            contents=prompt.contents,
        )

    def add(self, answer: Answer, calls: Sequence[CallTrace], tools: Sequence[ToolSpec]) -> None:
        """The answer's calls have been carried out."""
        writes = {tool.name: tool.title for tool in tools if tool.effect is not Effect.READ}
        self._trace(answer, calls)
        self._run.append(answer.message)
        for each in calls:
            self._run.append(ToolMessage(each.call.id, each.call.name, each.result.content))
            if each.call.name in writes and not each.result.is_error:
                self._done.append(writes[each.call.name])
        if self._source.takes_images:
            self._run += _pictures(calls)

    def ended(self, answer: Answer, near: Limit | None) -> TurnResult:
        self._trace(answer, ())
        text = answer.message.text.strip()
        match answer.finish:
            case Finish.FILTERED:
                text = f"{text}\n-# {FILTERED}" if text else FILTERED + self._already_done()
                near = Limit.FILTER
            case Finish.LENGTH if text:
                text, near = f"{text}\n{CUT}", Limit.ANSWER
            case Finish.DONE | Finish.LENGTH:
                text = text or EMPTY + self._already_done()
        return TurnResult(text, tuple(self._traces), self.usage, near)

    def failed(self, error: ModelError) -> TurnFailed:
        sentence = error.sentence + self._already_done()
        return TurnFailed(sentence, error.detail, tuple(self._traces), self.usage, self._partial)

    def out_of_time(self) -> TurnResult | TurnFailed:
        seconds = self._limits.seconds
        if text := self._partial.strip():
            late = f"{text}\n{LATE.format(seconds=seconds)}"
            return TurnResult(late, tuple(self._traces), self.usage, Limit.SECONDS)
        sentence = OUT_OF_TIME.format(seconds=seconds) + self._already_done()
        detail = f"no answer within {seconds:g} seconds, in step {self.number}"
        return TurnFailed(sentence, detail, tuple(self._traces), self.usage)

    @property
    def _calibration(self) -> Calibration:
        return self._calibrations.of(self._model.name)

    async def _complete(self, tools: Sequence[ToolSpec], *, is_last: bool) -> tuple[Prompt, Completion]:
        prompt = self._build(tools, is_last=is_last)
        try:
            return prompt, await self._model.complete(prompt.messages, tools, on_text=self._hear)
        except ContextOverflow as error:
            self._most_flexible = prompt.flexible // 2
            logger.warning("asking again with half of what surrounds the request: %s", error.detail)
        prompt = self._build(tools, is_last=is_last)
        return prompt, await self._model.complete(prompt.messages, tools, on_text=self._hear)

    def _build(self, tools: Sequence[ToolSpec], *, is_last: bool = False) -> Prompt:
        run = _told_to_answer(self._run) if is_last else self._run
        return build_prompt(
            self._source,
            tools=tools,
            run=run,
            calibration=self._calibration,
            most_flexible=self._most_flexible,
        )

    async def _hear(self, text: str) -> None:
        self._partial = text
        await self._progress.text(self.number, text)

    def _trace(self, answer: Answer, calls: Sequence[CallTrace]) -> None:
        self._traces.append(
            StepTrace(
                number=self.number,
                model=answer.model,
                text=answer.message.text,
                calls=tuple(calls),
                usage=answer.usage,
                is_counted=answer.is_counted,
                seconds=answer.seconds,
                contents=answer.contents,
            )
        )

    def _already_done(self) -> str:
        """Who reads of a failure must know what happened all the same, or they ask for it twice."""
        return f" Already done: {', '.join(self._done)}." if self._done else ""


def _told_to_answer(run: Sequence[TranscriptMessage]) -> Sequence[TranscriptMessage]:
    """Said in the last result, because some servers accept no user message after one."""
    for index in range(len(run) - 1, -1, -1):
        message = run[index]
        if isinstance(message, ToolMessage):
            return [*run[:index], replace(message, content=f"{message.content}\n\n{LAST_STEP}"), *run[index + 1 :]]
    return run


def _pictures(calls: Sequence[CallTrace]) -> Sequence[PicturesMessage]:
    shown = [(each.call.name, picture) for each in calls for picture in each.result.pictures]
    if not shown:
        return ()
    images = tuple(
        ImagePart(f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}") for _, picture in shown
    )
    return [PicturesMessage(PICTURES.format(names=", ".join(name for name, _ in shown)), images)]
