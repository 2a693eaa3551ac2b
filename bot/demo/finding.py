"""Which language model the demo talks to: the configured one, else a local server that answers, else none."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from agent.listing import ListingError, first_for_chat, listed_models
from bot.models import PAST_ANY_PROXY

LOCAL_SERVERS = (
    "http://127.0.0.1:11434/v1",  # Ollama
    "http://127.0.0.1:1234/v1",  # LM Studio
    "http://127.0.0.1:8080/v1",  # llama.cpp
)
PROBE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint that answers, and a model it has."""

    base_url: str
    model: str


async def find_model(base_urls: Sequence[str], *, wanted: str = "", api_key: str = "") -> Found | None:
    """The first endpoint that answers, with the wanted model, or else the first one it lists that can chat."""
    async with httpx2.AsyncClient(mounts=PAST_ANY_PROXY) as http:
        for base_url in base_urls:
            try:
                names = await listed_models(base_url, http=http, seconds=PROBE_SECONDS, api_key=api_key)
            except ListingError:
                continue
            if name := wanted or first_for_chat(names):
                return Found(base_url, name)
    return None
