"""The language model that the settings name, with those that stand in for it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2

from agent.model import Model
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from bot.settings.model import Settings


@asynccontextmanager
async def open_model(settings: Settings) -> AsyncGenerator[Model]:
    """One HTTP client for all endpoints, closed at the end."""
    general, use = settings.llm_general, settings.llm_reply
    key = general.api_key
    async with httpx2.AsyncClient() as http:
        endpoint = Endpoint(
            base_url=general.base_url,
            model=use.model_name,
            api_key=key.get_secret_value() if key else "",
            temperature=use.temperature,
            answer_tokens=use.answer_tokens,
            connect_seconds=general.connect_seconds,
            read_seconds=general.read_seconds,
        )
        yield OpenAIModel(endpoint, http=http, retries=Retries(seconds=general.retry_seconds))
