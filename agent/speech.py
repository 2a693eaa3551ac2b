"""Speech to text at an OpenAI-compatible endpoint, however it words its answer."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx2
import openai
from openai import AsyncOpenAI, omit
from pydantic import JsonValue, TypeAdapter

from agent.openai_model import NO_KEY

logger = logging.getLogger(__name__)

_JSON = TypeAdapter[JsonValue](JsonValue)
MAX_BODY = 1_000_000
MAX_TEXT = 50_000
NOTHING = "no words were recognised in it"


class SpeechError(Exception):
    """Why there is no transcript, for the middle of a sentence; nothing of what a server said is in it."""


class Speech(Protocol):
    """Hears."""

    async def transcribe(self, audio: bytes, *, filename: str, media_type: str) -> str:
        """What is said, never empty. Raises SpeechError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEndpoint:
    """Where speech is turned into text, and how."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    language: str | None = None
    seconds: float = 60.0
    """For one transcription, a second try included."""

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


class OpenAISpeech:
    """A `Speech`. The HTTP client belongs to whoever made it."""

    def __init__(self, endpoint: SpeechEndpoint, *, http: httpx2.AsyncClient) -> None:
        self._endpoint = endpoint
        self._client = AsyncOpenAI(
            base_url=endpoint.base_url, api_key=endpoint.api_key or NO_KEY, max_retries=1, http_client=http
        )

    async def transcribe(self, audio: bytes, *, filename: str, media_type: str) -> str:
        try:
            async with asyncio.timeout(self._endpoint.seconds):
                kind, body = await self._asked(audio, filename, media_type)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise self._failed(f"the speech endpoint took longer than {self._endpoint.seconds:g} s", error) from error
        except openai.APIStatusError as error:
            raise self._failed(_refusal(error.status_code), error) from error
        except (openai.APIError, httpx2.HTTPError) as error:
            raise self._failed("the speech endpoint could not be reached", error) from error
        try:
            text = _text_in(kind, body)
        except ValueError as error:
            raise self._failed("the speech endpoint gave no transcript", error) from error
        if not text:
            raise SpeechError(NOTHING)
        return text[:MAX_TEXT]

    async def _asked(self, audio: bytes, filename: str, media_type: str) -> tuple[str, bytes]:
        """The raw answer: the package insists on JSON, and not all servers give any."""
        body = bytearray()
        async with self._client.audio.transcriptions.with_streaming_response.create(
            file=(filename, audio, media_type),
            model=self._endpoint.model,
            language=self._endpoint.language or omit,
            response_format="json",
        ) as answer:
            async for piece in answer.iter_bytes():
                body += piece
                if len(body) > MAX_BODY:
                    break
            return answer.headers.get("content-type", "").partition(";")[0].strip().lower(), bytes(body)

    def _failed(self, why: str, error: BaseException) -> SpeechError:
        logger.warning("%s at %s: %s (%s)", self._endpoint.model, self._endpoint.host, why, type(error).__name__)
        return SpeechError(why)


def _refusal(status: int) -> str:
    if status in {401, 403}:
        return "the speech endpoint refuses the key"
    if status == 413:
        return "it is too long for the speech endpoint"
    return f"the speech endpoint answered with status {status}"


def _text_in(kind: str, body: bytes) -> str:
    """Raises ValueError."""
    if len(body) > MAX_BODY:
        raise ValueError("too long")
    written = body.decode("utf-8", "replace").strip()
    if "html" in kind or written.startswith("<"):
        raise ValueError("a web page")
    try:
        answer = _JSON.validate_python(json.loads(written))
    except (ValueError, RecursionError):
        if kind.endswith("json"):
            raise ValueError("broken JSON") from None
        return written  # plain text, as some servers give whatever they were asked for
    match answer:
        case str():
            return answer.strip()
        case {"text": str() as text}:
            return text.strip()
        case {"segments": [*segments]}:
            return " ".join(filter(None, map(_segment, segments)))
        case _:
            raise ValueError("neither text nor segments")


def _segment(segment: JsonValue) -> str:
    text = segment.get("text") if isinstance(segment, Mapping) else None
    return text.strip() if isinstance(text, str) else ""
