"""Which language model the demo talks to: the configured one, else a local server that answers, else none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.models import PAST_ANY_PROXY

LOCAL_SERVERS = (
    "http://127.0.0.1:11434/v1",  # Ollama
    "http://127.0.0.1:1234/v1",  # LM Studio
    "http://127.0.0.1:8080/v1",  # llama.cpp
)
PROBE_SECONDS = 1.0
NOT_FOR_CHAT = re.compile("embed|rerank|whisper|tts|bge-|minilm", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint that answers, and a model it has."""

    base_url: str
    model: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str


class _Models(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: list[_Entry]


async def find_model(base_urls: Sequence[str], *, wanted: str = "", api_key: str = "") -> Found | None:
    """The first endpoint that answers, with the wanted model, or else the first one it lists that can chat."""
    async with httpx2.AsyncClient(timeout=PROBE_SECONDS, mounts=PAST_ANY_PROXY) as http:
        for base_url in base_urls:
            names = await _models(http, base_url, api_key)
            chatty = [name for name in names or [] if not NOT_FOR_CHAT.search(name)]
            if names is not None and (wanted or chatty):
                return Found(base_url, wanted or chatty[0])
    return None


async def _models(http: httpx2.AsyncClient, base_url: str, api_key: str) -> Sequence[str] | None:
    """The names of its models, none when it keeps them to itself; None when nothing answers there."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = await http.get(f"{base_url}/models", headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return None
    if answer.is_server_error:
        return None
    try:
        return [entry.id for entry in _Models.model_validate_json(answer.content).data]
    except ValidationError:
        return []
