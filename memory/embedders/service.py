"""Any server with OpenAI's `/v1/embeddings`, over plain HTTP."""

import base64
import hashlib
import logging
import time
import weakref
from collections.abc import Sequence
from typing import NoReturn

import httpx2
import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from memory.batches import batches
from memory.embedders import EmbedderAwayError, EmbedderError, Vectors, unit
from memory.embedders.spec import Service

logger = logging.getLogger(__name__)

SECONDS = 30.0
QUESTION_SECONDS = 5.0  # somebody waits for the answer
PAUSES = (0.5, 2.0, 5.0)
LONGEST_PAUSE = 30.0
BUSY = frozenset({408, 409, 425, 429})
MAX_CHARACTERS = 2000  # sure to be within the 8192 tokens that such models read, in any script
NOTHING = "."  # in the place of an empty text, which servers refuse
SAMPLE = "Who suggested the new logo, and when?"


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Vector(_Lenient):
    embedding: list[float] | str
    """Numbers, or the bytes of little-endian floats in base64."""
    index: int | None = None


class _Answer(_Lenient):
    data: list[_Vector]


class _Trouble(_Lenient):
    message: str = ""


class _Refusal(_Lenient):
    error: _Trouble | str = ""
    detail: str = ""
    message: str = ""


class ServiceEmbedder:
    """An `Embedder` that asks. Calls are tried again while the server is busy or away, for some seconds."""

    def __init__(self, service: Service, http: httpx2.Client, *, pauses: Sequence[float] = PAUSES) -> None:
        self._service = service
        self._http = http
        self._pauses = pauses
        self.dimension = service.dimensions or len(self._asked([SAMPLE], SECONDS)[0])
        told = (service.base_url, service.model, self.dimension, service.before_question, service.before_passage)
        self.name = f"openai-{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        before = self._service.before_passage
        found = [self._vectors([before + t for t in some], SECONDS) for some in batches(texts, self._service.batch)]
        return np.concatenate(found) if found else np.empty((0, self.dimension), np.float32)

    def embed_question(self, question: str) -> Vectors:
        return self._vectors([self._service.before_question + question], QUESTION_SECONDS)[0]

    def _vectors(self, texts: Sequence[str], seconds: float) -> Vectors:
        vectors = self._asked(texts, seconds)
        if vectors.shape[1] != self.dimension:
            self._fail(
                f"answers with {vectors.shape[1]} dimensions instead of {self.dimension}; "
                "set memory.openai_dimensions to what the model has, or leave it out"
            )
        return vectors

    def _asked(self, texts: Sequence[str], seconds: float) -> Vectors:
        """Ask, and while the server is busy or away ask again; within about `seconds` for all."""
        deadline = time.monotonic() + seconds
        for pause in (*self._pauses, None):
            try:
                return self._once(texts, seconds)
            except _BusyError as error:
                wait = None if pause is None else max(pause, error.wait)
                if wait is None or time.monotonic() + wait > deadline:
                    raise EmbedderAwayError(f"{self._who} {error}") from error
                logger.info("%s %s; asking again in %.1f s", self._who, error, wait)
                time.sleep(wait)
        raise AssertionError("the last of the tries has no pause after it")

    def _once(self, texts: Sequence[str], seconds: float) -> Vectors:
        service = self._service
        asked: dict[str, object] = {"model": service.model, "input": [_sendable(text) for text in texts]}
        if service.dimensions is not None:
            asked["dimensions"] = service.dimensions
        headers = {"Authorization": f"Bearer {service.api_key}"} if service.api_key else {}
        try:
            response = self._http.post(f"{service.base_url}/embeddings", json=asked, headers=headers, timeout=seconds)
        except httpx2.TransportError as error:
            raise _BusyError(f"cannot be reached ({type(error).__name__})") from error
        except httpx2.HTTPError as error:
            self._fail(f"does not speak HTTP as it should ({type(error).__name__})")
        if response.status_code in BUSY or response.status_code >= 500:
            raise _BusyError(f"is busy or broken (HTTP {response.status_code})", _retry_after(response))
        if not response.is_success:
            self._refused(response)
        return self._read(response, len(texts))

    def _read(self, response: httpx2.Response, count: int) -> Vectors:
        try:
            data = _Answer.model_validate_json(response.content).data
            if all(each.index is not None for each in data):
                data.sort(key=lambda each: each.index or 0)
            rows = [_row(each.embedding) for each in data]
        except (ValidationError, ValueError):
            rows = []
        if len(rows) != count or len({row.shape for row in rows}) != 1 or not rows[0].size:
            self._fail("answers with something that is not the vectors asked for; is memory.openai_base_url right?")
        return unit(np.stack(rows))

    def _refused(self, response: httpx2.Response) -> NoReturn:
        status, told = response.status_code, self._told(response)
        if status in {401, 403}:
            self._fail(f"refuses the key (HTTP {status}{told}); check memory.openai_api_key")
        if status == 404:
            self._fail(f"has no embeddings there, or not of this model (HTTP 404{told}); check memory.openai_base_url")
        self._fail(f"refuses the request (HTTP {status}{told}); check memory.openai_model and memory.openai_dimensions")

    def _told(self, response: httpx2.Response) -> str:
        """What the server says of its refusal: cut, on one line, and without the key, which some repeat."""
        try:
            refusal = _Refusal.model_validate_json(response.content)
        except ValidationError:
            return ""
        error = refusal.error if isinstance(refusal.error, str) else refusal.error.message
        words = " ".join((error or refusal.detail or refusal.message).split())
        if key := self._service.api_key:
            words = words.replace(key, "…")
        return f": {words[:200]}" if words else ""

    @property
    def _who(self) -> str:
        return f"the embedding model {self._service.model} at {self._service.base_url}"

    def _fail(self, what: str) -> NoReturn:
        raise EmbedderError(f"{self._who} {what}") from None


class _BusyError(Exception):
    """The same request may succeed after `wait` seconds."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        super().__init__(what)
        self.wait = wait


def load_service(service: Service) -> ServiceEmbedder:
    """Asks the server for one vector when it is not told how many dimensions to expect."""
    http = httpx2.Client(follow_redirects=False)
    try:
        embedder = ServiceEmbedder(service, http)
    except EmbedderError:
        http.close()
        raise
    weakref.finalize(embedder, http.close)  # an embedder has no end of its own: it is dropped
    return embedder


def _sendable(text: str) -> str:
    whole = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return whole if whole.strip() else NOTHING


def _row(embedding: list[float] | str) -> Vectors:
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4").astype(np.float32)
    return np.asarray(embedding, np.float32)


def _retry_after(response: httpx2.Response) -> float:
    """What the server asks for in seconds; a date, or nonsense, is no wish."""
    try:
        return min(max(float(response.headers.get("retry-after", "0")), 0.0), LONGEST_PAUSE)
    except ValueError:
        return 0.0
