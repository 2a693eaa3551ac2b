"""The models that an OpenAI-compatible server lists, and which of them is taken where nobody named one."""

import re
from collections.abc import Sequence

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.ollama import is_derived

_NOT_FOR_CHAT = re.compile("embed|rerank|whisper|tts|bge-|minilm", re.IGNORECASE)


class ListingError(Exception):
    """The server is of no use as it is. The text says why, to stand behind its name."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        """None when nothing answers there."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str


class _Models(BaseModel):
    model_config = ConfigDict(extra="ignore")

    data: list[_Entry]


async def listed_models(base_url: str, *, http: httpx2.AsyncClient, seconds: float, api_key: str = "") -> Sequence[str]:
    """Empty when it keeps them to itself. Raises ListingError."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = await http.get(f"{base_url}/models", headers=headers, timeout=seconds)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ListingError(f"cannot be reached ({type(error).__name__})") from error
    status = answer.status_code
    if status in {401, 403}:
        raise ListingError(f"refuses the key (status {status})", status=status)
    if answer.is_server_error:
        raise ListingError(f"has a fault (status {status})", status=status)
    try:
        return [entry.id for entry in _Models.model_validate_json(answer.content).data]
    except ValidationError:
        return []


def first_for_chat(names: Sequence[str]) -> str:
    """The first that can chat, those that we derived ourselves after all others; empty when there is none."""
    chatty = [name for name in names if not _NOT_FOR_CHAT.search(name)]
    return min(chatty, key=is_derived, default="")
