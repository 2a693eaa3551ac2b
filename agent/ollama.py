"""Ollama's context. Its OpenAI-compatible side runs every model with a default of a few thousand tokens, and silently
drops what is longer, whatever the request says. A model derived from the wanted one can carry the size instead.
"""

import hashlib
import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx2
from pydantic import JsonValue, TypeAdapter, ValidationError

logger = logging.getLogger(__name__)

_JSON = TypeAdapter[JsonValue](JsonValue)
_CONTEXT = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)
_DERIVED = re.compile(r"digmbot-.*:ctx\d+")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
PROBE_SECONDS = 3.0
CREATE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class NotOllama:
    """Something else serves this endpoint: the model is asked by its own name."""


@dataclass(frozen=True, slots=True)
class ContextReady:
    """Ollama runs `model` with the wanted context."""

    model: str
    warning: str = ""
    """What is to be said loudly all the same; empty when all is well."""


@dataclass(frozen=True, slots=True)
class ContextUnsure:
    """It could not be made sure of; `warning` says what will go wrong and what to do."""

    warning: str


class OllamaError(Exception):
    """Ollama refused, or is none; says what it answered."""


async def ensure_context(
    base_url: str, model: str, context_size: int, *, http: httpx2.AsyncClient, api_key: str = ""
) -> NotOllama | ContextReady | ContextUnsure:
    """Make sure that the model runs with `context_size` if Ollama serves it. Never raises for what a server does."""
    ollama = _Ollama(base_url, http=http, api_key=api_key)
    if not await ollama.is_there():
        return NotOllama()
    try:
        shown = await ollama.show(model)
        warning = _beyond_training(shown, model, context_size)
        if _runs_with(shown) == context_size:
            return ContextReady(model, warning)
        derived = derived_name(model, context_size)
        await ollama.derive(derived, model, context_size)
    except OllamaError as error:
        return ContextUnsure(
            f"Ollama may run {model} with a smaller context than context_size = {context_size}, and would then "
            f"silently drop what is beyond it: {error}. Start Ollama with OLLAMA_CONTEXT_LENGTH={context_size}, or "
            f"make a model with `PARAMETER num_ctx {context_size}` and use its name."
        )
    logger.info("Ollama runs %s as %s, with a context of %d tokens", model, derived, context_size)
    return ContextReady(derived, warning)


def derived_name(model: str, context_size: int) -> str:
    """The same each time, so that restarts make no new models; different for models that are spelt alike."""
    readable = _NOT_IN_NAMES.sub("-", model.lower()).strip("-.")[:40]
    mark = hashlib.sha256(model.encode()).hexdigest()[:6]
    return f"digmbot-{readable}-{mark}:ctx{context_size}"


def is_derived(name: str) -> bool:
    """Whether a name is one of those."""
    return _DERIVED.fullmatch(name) is not None


class _Ollama:
    """Ollama's own API beside the OpenAI-compatible one."""

    def __init__(self, base_url: str, *, http: httpx2.AsyncClient, api_key: str) -> None:
        at = urlsplit(base_url)
        path = at.path.rstrip("/").removesuffix("/v1")
        self._root = urlunsplit((at.scheme, at.netloc, path, "", ""))
        self._http = http
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    async def is_there(self) -> bool:
        try:
            version = await self._ask("GET", "/api/version", None, seconds=PROBE_SECONDS)
        except OllamaError:
            return False
        match version:
            case {"version": str()}:
                return True
            case _:
                return False

    async def show(self, model: str) -> JsonValue:
        return await self._ask("POST", "/api/show", {"model": model}, seconds=PROBE_SECONDS)

    async def derive(self, name: str, model: str, context_size: int) -> None:
        """Shares the files of `model`, so that it takes no time and no room; made anew it follows an update.

        Raises OllamaError.
        """
        wanted: dict[str, JsonValue] = {
            "model": name,
            "from": model,
            "parameters": {"num_ctx": context_size},
            "stream": False,
        }
        await self._ask("POST", "/api/create", wanted, seconds=CREATE_SECONDS)
        if _runs_with(await self.show(name)) != context_size:
            raise OllamaError(f"{name} does not have the context it was made with")

    async def _ask(self, method: str, path: str, body: JsonValue, *, seconds: float) -> JsonValue:
        try:
            response = await self._http.request(
                method, f"{self._root}{path}", json=body, headers=self._headers, timeout=seconds
            )
        except httpx2.HTTPError as error:
            raise OllamaError(f"{path} could not be asked ({type(error).__name__})") from error
        try:
            answer = _JSON.validate_json(response.content)
        except ValidationError:
            raise OllamaError(f"{path} answered no JSON, status {response.status_code}") from None
        match answer:
            case {"error": str(said)}:
                raise OllamaError(" ".join(said.split())[:200])
            case _ if response.status_code != 200:
                raise OllamaError(f"{path} answered status {response.status_code}")
            case _:
                return answer


def _runs_with(shown: JsonValue) -> int | None:
    match shown:
        case {"parameters": str(parameters)}:
            found = _CONTEXT.search(parameters)
            return int(found[1]) if found else None
        case _:
            return None


def _beyond_training(shown: JsonValue, model: str, context_size: int) -> str:
    match shown:
        case {"model_info": dict(info)}:
            lengths = [
                each for name, each in info.items() if name.endswith(".context_length") and isinstance(each, int)
            ]
        case _:
            lengths = []
    if lengths and context_size > lengths[0]:
        return f"context_size = {context_size} is more than {model} was trained for; write at most {lengths[0]}."
    return ""
