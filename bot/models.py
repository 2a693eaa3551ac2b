"""The language model that the settings name, with those that stand in for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx as httpx  # chromadb imports it in a thread, and openai trips over a module that is half imported
import httpx2
from pydantic import SecretStr

from agent.fallback import FallbackModel
from agent.model import Model, OnText
from agent.openai_model import Endpoint
from agent.prepared import PreparedModel
from agent.retries import Retries
from agent.transcript import Completion, TranscriptMessage
from bot.settings.model import Settings
from bot.settings.talking import ModelUse
from tools.calls import ToolSpec

Use = Callable[[Settings], ModelUse]
"""For what a model is asked."""

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


def for_replies(settings: Settings) -> ModelUse:
    return settings.llm_reply


class Models:
    """The models that the settings name for one use. A `Model` itself, for who asks one question only; who asks more
    keeps to one `current`, since the settings may change in between.
    """

    def __init__(self, settings: Settings, use: Use, http: httpx2.AsyncClient) -> None:
        self._use = use
        self._http = http
        self._wanted = self._wanted_by(settings)
        self._preparing: set[asyncio.Task[None]] = set()
        self.current: Model = self._opened()

    @property
    def name(self) -> str:
        return self.current.name

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        return await self.current.complete(messages, tools, on_text=on_text)

    def change(self, settings: Settings) -> bool:
        """What is asked from now on goes by these settings. Whether that is anything else."""
        wanted = self._wanted_by(settings)
        if wanted == self._wanted:
            return False
        self._wanted = wanted
        self.current = self._opened()
        return True

    async def close(self) -> None:
        for task in self._preparing:
            task.cancel()
        await asyncio.gather(*self._preparing, return_exceptions=True)

    def _wanted_by(self, settings: Settings) -> tuple[Sequence[Endpoint], int, float]:
        use = self._use(settings)
        return endpoints_of(settings, use), use.context_size, settings.llm_general.retry_seconds

    def _opened(self) -> Model:
        (*others, last), size, seconds = self._wanted
        retries = Retries(seconds=seconds)
        # Where another model stands in, there is no use in trying the same endpoint for long.
        models = [PreparedModel(each, context_size=size, http=self._http, retries=retries.brief) for each in others]
        models.append(PreparedModel(last, context_size=size, http=self._http, retries=retries))
        for model in models if self._use is for_replies else ():  # others are looked at when they are first needed
            task = asyncio.create_task(model.prepare())
            self._preparing.add(task)
            task.add_done_callback(self._preparing.discard)
        return FallbackModel(models)


@asynccontextmanager
async def open_models(settings: Settings, use: Use = for_replies) -> AsyncGenerator[Models]:
    """One HTTP client for all endpoints, closed at the end. Those for replies are looked at in the background."""
    async with httpx2.AsyncClient(mounts=PAST_ANY_PROXY) as http:
        models = Models(settings, use, http)
        try:
            yield models
        finally:
            await models.close()
