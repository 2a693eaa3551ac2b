"""One model behind an OpenAI-compatible endpoint: the only place that knows the openai package.

Its retries are off, ours are bounded in total and end once somebody has seen text. Chunks are taken as the raw JSON
they are, because many servers' chunks do not fit the package's types.
"""

import asyncio
import contextlib
import json
import logging
import random
import re
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream
from pydantic import JsonValue, TypeAdapter

from agent.answer import AnswerInPieces, BrokenAnswerError
from agent.failures import Fault, Secrets, broke_off, garbled, refused, shown_already, too_slow, unreachable
from agent.features import Feature, Refusals
from agent.model import OnText
from agent.retries import Retries
from agent.transcript import (
    Completion,
    ImagePart,
    PicturesMessage,
    TextPart,
    ToolMessage,
    TranscriptMessage,
    UserMessage,
)
from agent.wire import wire_messages, wire_tools
from tools.calls import ToolSpec

logger = logging.getLogger(__name__)

_JSON = TypeAdapter[JsonValue](JsonValue)
NO_KEY = "none"  # the package insists on one; local servers do not care
MAX_BODY = 10_000_000
_CODE = re.compile(r"[a-z0-9_.-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model is and how it is asked."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    temperature: float | None = None
    answer_tokens: int = 1024
    connect_seconds: float = 5.0
    read_seconds: float = 120.0
    """How long it may be silent before or within an answer."""

    @property
    def host(self) -> str:
        """For people: without any credentials."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


class _Hearing:
    """Passes on what is to be seen, and remembers whether anything was."""

    def __init__(self, on_text: OnText | None) -> None:
        self._on_text = on_text
        self.heard = ""

    async def hear(self, text: str) -> None:
        if self._on_text and text.strip() and text != self.heard:
            self.heard = text
            await self._on_text(text)


class OpenAIModel:
    """A `Model`. The HTTP client belongs to whoever made it, and may be shared."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        http: httpx2.AsyncClient,
        retries: Retries,
        dice: random.Random | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._retries = retries
        self._dice = dice or random.Random()  # noqa: S311 - spreads load, keeps no secret
        self._refusals = Refusals(endpoint.model)
        self._secrets = Secrets(endpoint.api_key)
        self._client = AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key or NO_KEY,
            timeout=httpx2.Timeout(endpoint.read_seconds, connect=endpoint.connect_seconds),
            max_retries=0,
            http_client=http,
        )

    @property
    def name(self) -> str:
        return self._endpoint.model

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        clock = asyncio.get_running_loop().time
        started, tried = clock(), 0
        while True:
            hearing = _Hearing(on_text)
            try:
                return await self._attempt(messages, tools, hearing)
            except Fault as fault:
                if fault.error.said:
                    logger.debug("the server said: %s", fault.error.said)
                if hearing.heard:
                    raise shown_already(fault.error) from fault
                if self._refusals.learn(fault.said, _used(messages, tools)):
                    continue
                tried += 1
                spent = clock() - started
                pause = self._retries.pause(tried, spent=spent, retry_after=fault.retry_after, dice=self._dice)
                if not fault.is_passing or pause is None:
                    raise fault.error from fault
                logger.warning("trying again in %.1f s: %s", pause, fault.error.detail)
            await asyncio.sleep(pause)

    async def _attempt(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], hearing: _Hearing
    ) -> Completion:
        """Raises Fault."""
        answer = AnswerInPieces({tool.name for tool in tools} if Feature.TOOLS not in self._refusals else ())
        try:
            async with contextlib.aclosing(self._chunks(messages, tools)) as chunks:
                async for chunk in chunks:
                    answer.add(chunk)
                    await hearing.hear(answer.visible)
        except BrokenAnswerError as error:
            raise garbled(self._detail(str(error))) from error
        except Fault as fault:
            if not answer.is_finished:
                raise
            logger.debug("what came after the end of the answer was broken: %s", fault.error.detail)
        try:
            completion = answer.completion(self.name, quoted=_quoted(messages))
        except BrokenAnswerError as error:
            raise broke_off(self._detail(str(error))) from error
        # What looked like a call while it came may have been an answer after all.
        if not completion.message.tool_calls:
            await hearing.hear(completion.message.text)
        return completion

    async def _chunks(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec]
    ) -> AsyncGenerator[JsonValue]:
        """Raises Fault."""
        with self._failures():
            stream = await self._client.post(
                "/chat/completions",
                cast_to=object,
                body=self._body(messages, tools),
                stream=True,
                stream_cls=AsyncStream[object],
            )
            async with stream:
                kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind.endswith("json") or "html" in kind:
                    yield await _whole(stream.response)
                    return
                async for chunk in stream:
                    yield _JSON.validate_python(chunk)

    def _body(self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec]) -> dict[str, JsonValue]:
        endpoint, refusals = self._endpoint, self._refusals
        body: dict[str, JsonValue] = {
            "model": endpoint.model,
            "messages": wire_messages(messages, model=endpoint.model, images=Feature.IMAGES not in refusals),
            "stream": True,
        }
        if Feature.STREAM_OPTIONS not in refusals:
            body["stream_options"] = {"include_usage": True}
        if endpoint.temperature is not None and Feature.TEMPERATURE not in refusals:
            body["temperature"] = endpoint.temperature
        most = "max_completion_tokens" if Feature.MAX_TOKENS in refusals else "max_tokens"
        body[most] = endpoint.answer_tokens
        if tools and Feature.TOOLS not in refusals:
            body["tools"] = wire_tools(tools)
        return body

    @contextlib.contextmanager
    def _failures(self) -> Generator[None]:
        """Whatever goes wrong in there is a Fault."""
        try:
            yield
        except openai.APITimeoutError as error:
            raise too_slow(self._detail("no answer in time")) from error
        except openai.APIConnectionError as error:
            raise unreachable(self._detail(f"{error} {type(error.__cause__).__name__}")) from error
        except openai.APIStatusError as error:
            said = f"{error.code or ''} {error.response.text}"
            detail, shown = self._detail(f"status {error.status_code}{_named(error.code)}"), self._secrets.hide(said)
            pause = _retry_after(error.response)
            raise refused(error.status_code, said, detail, shown=shown, retry_after=pause) from error
        except openai.APIError as error:  # within a stream
            said = f"{error.code or ''} {error.message}"
            detail = self._detail(f"error in the stream{_named(error.code)}")
            raise refused(_status_in(error.code), said, detail, shown=self._secrets.hide(said)) from error
        except httpx2.TransportError as error:
            raise unreachable(self._detail(type(error).__name__)) from error
        except (BrokenAnswerError, ValueError, RecursionError) as error:  # ValidationError is a ValueError
            what = f"no chat completion ({type(error).__name__})"
            raise garbled(self._detail(what), said=self._secrets.hide(str(error))) from error

    def _detail(self, what: str) -> str:
        return self._secrets.hide(f"{self._endpoint.model} at {self._endpoint.host}: {what}")


async def _whole(response: httpx2.Response) -> JsonValue:
    """One answer in one piece, from a server that does not stream."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            raise BrokenAnswerError(f"more than {MAX_BODY} bytes")
    try:
        answer = _JSON.validate_python(json.loads(body))
    except ValueError:
        raise BrokenAnswerError(bytes(body[:100]).decode("utf-8", "replace")) from None
    match answer:
        case {"error": dict() | str() as error} if error:
            raise openai.APIError(str(error), response.request, body=error)
        case _:
            return answer


def _quoted(messages: Sequence[TranscriptMessage]) -> list[str]:
    """What others wrote, as the model read it."""
    texts: list[str] = []
    for message in messages:
        match message:
            case UserMessage(parts):
                texts += [part.text for part in parts if isinstance(part, TextPart)]
            case ToolMessage(_, _, content):
                texts.append(content)
            case _:
                pass
    return texts


def _used(messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec]) -> frozenset[Feature]:
    asked = any(isinstance(part, ImagePart) for m in messages if isinstance(m, UserMessage) for part in m.parts)
    pictures = asked or any(isinstance(message, PicturesMessage) for message in messages)
    missing = {feature for feature, used in ((Feature.IMAGES, pictures), (Feature.TOOLS, bool(tools))) if not used}
    return frozenset(Feature) - missing


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds, from any of the forms this header has. A date counts from the server's own now."""
    headers = response.headers
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        written = headers.get("retry-after", "")
        if not written or written.replace(".", "", 1).isdigit():
            return float(written) if written else None
        now = parsedate_to_datetime(headers["date"])
        return max(0.0, (parsedate_to_datetime(written) - now).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None


def _named(code: object) -> str:
    """An error's code, if it is one: some servers put sentences there."""
    return f", {code}" if isinstance(code, str | int) and _CODE.fullmatch(str(code)) else ""


def _status_in(code: str | None) -> int | None:
    """Gateways put the status of the server behind them into an error's code."""
    return int(code) if code and str(code).isdigit() else None
