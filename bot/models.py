"""The language model that the settings name, with those that stand in for it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx as httpx  # chromadb imports it in a thread, and openai trips over a module that is half imported
import httpx2
from pydantic import SecretStr

from agent.fallback import FallbackModel
from agent.model import Model
from agent.openai_model import Endpoint
from agent.prepared import PreparedModel
from agent.retries import Retries
from bot.settings.model import Settings
from bot.settings.talking import ModelUse

# A proxy that the environment names cannot reach the servers of this machine.
PAST_ANY_PROXY: Mapping[str, None] = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


def endpoints_of(settings: Settings, use: ModelUse | None = None) -> Sequence[Endpoint]:
    """Where the answers come from, best first. `use`: for what; by default for replies."""
    general, use = settings.llm_general, use or settings.llm_reply
    named = use.model_name or settings.llm_reply.model_name

    def endpoint(base_url: str, model: str, api_key: SecretStr | None) -> Endpoint:
        return Endpoint(
            base_url=base_url,
            model=model,
            api_key=api_key.get_secret_value() if api_key else "",
            temperature=use.temperature,
            answer_tokens=use.answer_tokens,
            connect_seconds=general.connect_seconds,
            read_seconds=general.read_seconds,
        )

    others = (
        endpoint(other.base_url or general.base_url, other.model_name, other.api_key) for other in general.fallbacks
    )
    return [endpoint(general.base_url, named, general.api_key), *others]


@asynccontextmanager
async def open_model(settings: Settings, use: ModelUse | None = None) -> AsyncGenerator[Model]:
    """One HTTP client for all endpoints, closed at the end. The servers are looked at in the background.

    `use`: for what; by default for replies, and else the servers are only looked at when they are first needed.
    """
    rare = use is not None
    use = use or settings.llm_reply
    retries = Retries(seconds=settings.llm_general.retry_seconds)
    async with httpx2.AsyncClient(mounts=PAST_ANY_PROXY) as http:
        *others, last = endpoints_of(settings, use)
        size = use.context_size
        # Where another model stands in, there is no use in trying the same endpoint for long.
        models = [PreparedModel(each, context_size=size, http=http, retries=retries.brief) for each in others]
        models.append(PreparedModel(last, context_size=size, http=http, retries=retries))
        preparing = [asyncio.create_task(model.prepare()) for model in models if not rare]
        try:
            yield FallbackModel(models)
        finally:
            for task in preparing:
                task.cancel()
            await asyncio.gather(*preparing, return_exceptions=True)
