"""A model whose server is looked at before it is first asked: a model without a name gets that of the first one
listed, and if it is Ollama, the context is made to fit.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import httpx2

from agent.failures import none_listed, refused, unreachable
from agent.listing import ListingError, first_for_chat, listed_models
from agent.model import Model, ModelError, OnText
from agent.ollama import ContextReady, ContextUnsure, NotOllama, ensure_context
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from agent.transcript import Completion, TranscriptMessage
from tools.calls import ToolSpec

logger = logging.getLogger(__name__)


class PreparedModel:
    """A `Model` at one endpoint, which may leave it open which model. `prepare` may be called early; until a first
    answer it is called by itself.
    """

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
        try:
            await self._prepare()
        except ModelError as error:
            logger.warning("there is no model to ask yet: %s", error.detail)

    async def _prepare(self) -> None:
        """Raises ModelError when there is no model to ask."""
        async with self._preparing:
            if self._is_prepared:
                return
            if not self._endpoint.model:
                self._take(replace(self._endpoint, model=await self._first_listed()))
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

    def _take(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._model = OpenAIModel(endpoint, http=self._http, retries=self._retries)

    async def _first_listed(self) -> str:
        """Raises ModelError."""
        at = self._endpoint
        try:
            names = await listed_models(at.base_url, http=self._http, seconds=at.connect_seconds, api_key=at.api_key)
        except ListingError as error:
            detail = f"{at.host} {error}"
            fault = unreachable(detail) if error.status is None else refused(error.status, "", detail)
            raise fault.error from error
        name = first_for_chat(names)
        if not name:
            raise none_listed(f"{at.host} lists no model that can chat; fill in llm_reply.model_name").error
        logger.info("%s is used, the first model that %s lists", name, at.host)
        return name

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        await self._prepare()
        completion = await self._model.complete(messages, tools, on_text=on_text)
        self._is_prepared = True
        return completion
