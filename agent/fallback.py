"""Several models in order: when one is down, the next answers."""

import logging
import time
from collections.abc import Callable, Sequence

from agent.model import Model, ModelError, OnText
from agent.transcript import Completion, TranscriptMessage
from tools.calls import ToolSpec

logger = logging.getLogger(__name__)

COOL_DOWN_SECONDS = 60.0


class FallbackModel:
    """A `Model` over models, best first. One that was down is left alone for a while, unless all of them were."""

    def __init__(
        self,
        models: Sequence[Model],
        *,
        cool_down: float = COOL_DOWN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not models:
            raise ValueError("there must be a model")
        self._models = list(models)
        self._cool_down = cool_down
        self._monotonic = monotonic
        self._down_until = [float("-inf")] * len(self._models)

    @property
    def name(self) -> str:
        return self._models[self._candidates()[0]].name

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        candidates = self._candidates()
        for position, index in enumerate(candidates, start=1):
            try:
                completion = await self._models[index].complete(messages, tools, on_text=on_text)
            except ModelError as error:
                if not error.is_down:
                    raise
                self._down_until[index] = self._monotonic() + self._cool_down
                if position == len(candidates):
                    raise
                logger.warning("asking the next model: %s", error.detail)
            else:
                self._down_until[index] = float("-inf")
                return completion
        raise AssertionError("there is always a candidate")

    def _candidates(self) -> list[int]:
        now = self._monotonic()
        up = [index for index, until in enumerate(self._down_until) if until <= now]
        return up or list(range(len(self._models)))
