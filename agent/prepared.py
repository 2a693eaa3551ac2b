"""A model whose server is looked at before it is first asked: if it is Ollama, the context is made to fit."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import httpx2

from agent.model import Model, OnText
from agent.ollama import ContextReady, ContextUnsure, NotOllama, ensure_context
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from agent.transcript import Completion, TranscriptMessage
from tools.calls import ToolSpec

logger = logging.getLogger(__name__)


class PreparedModel:
    """A `Model` at one endpoint. `prepare` may be called early; until a first answer it is called by itself."""

    def __init__(self, endpoint: Endpoint, *, context_size: int, http: httpx2.AsyncClient, retries: Retries) -> None:
        self._endpoint = endpoint
        self._context_size = context_size
        self._http = http
        self._retries = retries
        self._model: Model = OpenAIModel(endpoint, http=http, retries=retries)
        self._is_prepared = False
        self._preparing = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    async def prepare(self) -> None:
        """Look at the server, unless that is done. What it will not do is said loudly in the log; never raises."""
        async with self._preparing:
            if self._is_prepared:
                return
            endpoint = self._endpoint
            match await ensure_context(
                endpoint.base_url,
                endpoint.model,
                self._context_size,
                http=self._http,
                api_key=endpoint.api_key,
            ):
                case NotOllama():
                    return  # or not started yet: looked at again until a first answer has come
                case ContextReady(model, warning):
                    self._model = OpenAIModel(replace(endpoint, model=model), http=self._http, retries=self._retries)
                case ContextUnsure(warning):
                    pass
            self._is_prepared = True
            if warning:
                logger.warning("%s", warning)

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        await self.prepare()
        completion = await self._model.complete(messages, tools, on_text=on_text)
        self._is_prepared = True
        return completion
