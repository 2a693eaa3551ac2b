"""What a server asks in the middle of a call: of the person whose call it is, and of nobody else.

With the newest protocol a question is part of the answer to a call, and over HTTP it comes on the stream of its call:
then the call is known. Otherwise a server just asks; the question then belongs to the only person who has calls under
way on that connection, and to nobody when there are several.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import mcp_types as types
from mcp.client.session import ClientRequestContext
from pydantic import JsonValue, TypeAdapter, ValidationError

from mcp_servers.outside.people import (
    Action,
    Elicitation,
    Elicitor,
    SampledTurn,
    Sampler,
    SamplingRefusedError,
    SamplingWish,
)
from tools.calls import Picture
from tools.context import ToolContext

logger = logging.getLogger(__name__)

MOST_SAMPLED_TOKENS = 4096
_SCHEMA: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@dataclass(eq=False, slots=True)
class InFlight:
    """A call under way, and its clock."""

    context: ToolContext
    seconds: float
    clock: asyncio.Timeout
    is_sent: bool = True
    """False only while it is known that nothing of it has left for the server."""
    _questions: int = field(default=0, init=False)

    def went_on(self) -> None:
        """Progress was made: the time starts anew."""
        if not self._questions:
            self._allow(self.seconds)

    @contextmanager
    def questioned(self, seconds: float) -> Generator[None]:
        """Time in which a person thinks is not the server's."""
        self._questions += 1
        self._allow(seconds + self.seconds)
        try:
            yield
        finally:
            self._questions -= 1
            self.went_on()

    def _allow(self, seconds: float) -> None:
        if self.clock.when() is not None and not self.clock.expired():
            self.clock.reschedule(asyncio.get_running_loop().time() + seconds)


_mine: ContextVar[InFlight | None] = ContextVar("_mine", default=None)


def mine() -> InFlight | None:
    """The call that runs here: also within the library, which carries contexts along over HTTP."""
    return _mine.get()


class Asking:
    """The questions of one connection."""

    def __init__(self, server: str, *, elicitor: Elicitor | None, sampler: Sampler | None) -> None:
        self._server = server
        self._elicitor = elicitor
        self._sampler = sampler
        self._calls: list[InFlight] = []

    @property
    def can_elicit(self) -> bool:
        return self._elicitor is not None

    @property
    def can_sample(self) -> bool:
        return self._sampler is not None

    @property
    def is_busy(self) -> bool:
        return bool(self._calls)

    @contextmanager
    def during(self, call: InFlight) -> Generator[InFlight]:
        token = _mine.set(call)
        self._calls.append(call)
        try:
            yield call
        finally:
            self._calls.remove(call)
            _mine.reset(token)

    async def elicit(
        self,
        context: ClientRequestContext,  # noqa: ARG002 - as the library calls it
        params: types.ElicitRequestParams,
    ) -> types.ElicitResult | types.ErrorData:
        call = self._whose("an answer")
        if call is None or self._elicitor is None:
            return types.ElicitResult(action="cancel")
        match params:
            case types.ElicitRequestURLParams(url=url, message=message):
                question = Elicitation(self._server, message, {}, url=url)
            case types.ElicitRequestFormParams(message=message):
                try:
                    schema = _SCHEMA.validate_python(params.requested_schema)
                except ValidationError:
                    return types.ElicitResult(action="cancel")
                question = Elicitation(self._server, message, schema)
        with call.questioned(question.seconds):
            answered = await self._elicitor.elicit(question, call.context)
        if answered.action is not Action.ACCEPT:
            return types.ElicitResult(action=answered.action.value)
        content = None if question.url else dict(answered.content)
        return types.ElicitResult.model_validate({"action": "accept", "content": content})

    async def sample(
        self,
        context: ClientRequestContext,  # noqa: ARG002 - as the library calls it
        params: types.CreateMessageRequestParams,
    ) -> types.CreateMessageResult | types.ErrorData:
        call = self._whose("text of our model")
        if call is None or self._sampler is None:
            return _refused("It is not known for whom this is asked.")
        turns = [_turn(message) for message in params.messages]
        if params.tools or None in turns:
            return _refused("Only text and images are written about here, without tools.")
        wish = SamplingWish(
            self._server,
            params.system_prompt or "",
            tuple(turn for turn in turns if turn is not None),
            max_tokens=max(1, min(params.max_tokens, MOST_SAMPLED_TOKENS)),
        )
        try:
            with call.questioned(wish.seconds):
                sampled = await self._sampler.sample(wish, call.context)
        except SamplingRefusedError as error:
            return _refused(str(error))
        return types.CreateMessageResult(
            role="assistant",
            content=types.TextContent(text=sampled.text),
            model=sampled.model,
            stop_reason="maxTokens" if sampled.is_cut else "endTurn",
        )

    def _whose(self, what: str) -> InFlight | None:
        if (known := mine()) is not None and known in self._calls:
            return known
        people = {call.context.asker.id for call in self._calls}
        if len(people) == 1:
            return self._calls[-1]
        whose = "nobody has a call under way" if not people else f"{len(people)} people have calls under way"
        logger.warning("%s asked for %s and gets none: %s there", self._server, what, whose)
        return None


def _refused(sentence: str) -> types.ErrorData:
    return types.ErrorData(code=-1, message=sentence)  # the specification's own code for a person's no


def _turn(message: types.SamplingMessage) -> SampledTurn | None:
    """None when it holds what cannot be shown to our model."""
    blocks = message.content if isinstance(message.content, list) else [message.content]
    texts: list[str] = []
    pictures: list[Picture] = []
    for block in blocks:
        match block:
            case types.TextContent(text=text):
                texts.append(text)
            case types.ImageContent(data=data, mime_type=kind):
                try:
                    pictures.append(Picture(kind, base64.b64decode(data, validate=True)))
                except (ValueError, binascii.Error):
                    return None
            case _:
                return None
    return SampledTurn(message.role == "assistant", "\n".join(texts), tuple(pictures))
