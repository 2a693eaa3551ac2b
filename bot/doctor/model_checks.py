"""Is there a language model, does it answer, does it call tools, does it read as much as we send?"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import httpx2
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agent.listing import ListingError, first_for_chat, listed_models
from agent.model import ModelError
from agent.ollama import ContextReady, ContextUnsure, NotOllama, ensure_context
from agent.openai_model import Endpoint, OpenAIModel
from agent.retries import Retries
from agent.transcript import ImagePart, SystemMessage, TextPart, TranscriptMessage, UserMessage
from bot.doctor.findings import Finding, broken, ok, warning
from tools.calls import Effect, ToolSpec

NO_RETRIES = Retries(seconds=0, tries=1)
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PIXEL = f"data:image/png;base64,{PNG}"
PARAMETERS: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
}
TOOL = ToolSpec("report_number", "Report a number", "Report a number to the person asking.", PARAMETERS, Effect.READ)


async def check_model(
    endpoint: Endpoint, http: httpx2.AsyncClient, *, context_size: int, vision: bool
) -> AsyncIterator[Finding]:
    """Reachable, known or else chosen, answering, calling tools, seeing, and with how long a context."""
    area = f"model {endpoint.model}".rstrip()
    try:
        listed = await listed_models(
            endpoint.base_url, http=http, seconds=endpoint.connect_seconds, api_key=endpoint.api_key
        )
    except ListingError as error:
        yield broken(area, f"{endpoint.host} {error}", hint_for(error, "llm_general"))
        return
    if not endpoint.model:
        endpoint = replace(endpoint, model=first_for_chat(listed))
        area = f"model {endpoint.model}".rstrip()
        if not endpoint.model:
            yield broken(area, f"{endpoint.host} lists no model that can chat", "fill in llm_reply.model_name")
            return
        yield ok(area, f"is used, the first that {endpoint.host} lists, because llm_reply.model_name is not filled in")
    elif listed and endpoint.model not in listed:
        some = ", ".join(listed[:5])
        yield warning(area, f"{endpoint.host} does not list it (it lists {some})", "look at llm_reply.model_name")
    model = OpenAIModel(endpoint, http=http, retries=NO_RETRIES)
    try:
        yield await _answers(area, model)
    except ModelError as error:
        yield broken(area, error.sentence, f"the server said: {_whole(error)}")
        return
    yield await _calls_tools(area, model)
    if vision:
        yield await _sees(area, model)
    yield await _context(area, endpoint, http, context_size)


async def check_stand_in(endpoint: Endpoint, http: httpx2.AsyncClient) -> AsyncIterator[Finding]:
    area = f"fallback {endpoint.model}"
    try:
        listed = await listed_models(
            endpoint.base_url, http=http, seconds=endpoint.connect_seconds, api_key=endpoint.api_key
        )
    except ListingError as error:
        yield warning(area, f"{endpoint.host} {error}", "look at llm_general.fallback_models")
        return
    if listed and endpoint.model not in listed:
        yield warning(area, f"{endpoint.host} does not list it", "look at llm_general.fallback_models")
    else:
        yield ok(area, f"is there at {endpoint.host}")


def hint_for(error: ListingError, section: str) -> str:
    """What to look at, by whether the server answered."""
    if error.status in {401, 403}:
        return f"look at {section}.api_key"
    return f"start the server, or look at {section}.base_url"


async def _answers(area: str, model: OpenAIModel) -> Finding:
    """Raises ModelError."""
    completion = await model.complete(_ask("Answer with the word yes."), [])
    if completion.message.text.strip():
        return ok(area, "answers, streaming")
    return warning(area, "answers with nothing", "try another model")


async def _calls_tools(area: str, model: OpenAIModel) -> Finding:
    hint = "take a model that is trained for function calling; without it the bot can only talk"
    try:
        completion = await model.complete(_ask("Call the tool report_number with the number 7."), [TOOL])
    except ModelError as error:
        return broken(area, f"does not take tools: {_whole(error)}", hint)
    calls = completion.message.tool_calls
    if not calls:
        return warning(area, "was offered a tool and did not call it", hint)
    try:
        arguments: JsonValue = json.loads(calls[0].arguments)
    except ValueError:
        return warning(area, "calls tools, but with arguments that are no JSON", hint)
    if calls[0].name != TOOL.name or not isinstance(arguments, dict) or "number" not in arguments:
        return warning(area, f"calls tools, but not as asked: {calls[0].name[:40]}", hint)
    return ok(area, "calls tools")


async def _sees(area: str, model: OpenAIModel) -> Finding:
    messages = [UserMessage((TextPart("What colour is this?"), ImagePart(PIXEL)))]
    try:
        await model.complete([SystemMessage("Answer in one word."), *messages], [])
    except ModelError as error:
        return broken(area, f"does not take images: {_whole(error)}", "set llm_general.vision = false")
    return ok(area, "takes images")


async def _context(area: str, endpoint: Endpoint, http: httpx2.AsyncClient, wanted: int) -> Finding:
    match await ensure_context(endpoint.base_url, endpoint.model, wanted, http=http, api_key=endpoint.api_key):
        case ContextReady(model, ""):
            return ok(area, f"Ollama runs it with a context of {wanted} tokens, as {model}")
        case ContextReady(_, text) | ContextUnsure(text):
            return warning(area, text, "without the room it silently forgets its tools and its rules")
        case NotOllama():
            pass
    real = await _llama_context(endpoint, http)
    if real is None:
        return ok(
            area, f"its context is taken to be {wanted} tokens (llm_reply.context_size); the server does not tell"
        )
    if real < wanted:
        return broken(
            area, f"its server gives it {real} tokens of context, not {wanted}", "lower llm_reply.context_size"
        )
    return ok(area, f"its server gives it {real} tokens of context; {wanted} are used")


class _Generation(BaseModel):
    model_config = ConfigDict(extra="ignore")

    n_ctx: int


class _Props(BaseModel):
    model_config = ConfigDict(extra="ignore")

    default_generation_settings: _Generation


async def _llama_context(endpoint: Endpoint, http: httpx2.AsyncClient) -> int | None:
    """What llama.cpp's server says of itself at /props."""
    at = urlsplit(endpoint.base_url)
    root = urlunsplit((at.scheme, at.netloc, at.path.rstrip("/").removesuffix("/v1"), "", ""))
    try:
        answer = await http.get(f"{root}/props", timeout=endpoint.connect_seconds)
        return _Props.model_validate_json(answer.content).default_generation_settings.n_ctx
    except (httpx2.HTTPError, ValidationError):
        return None


def _whole(error: ModelError) -> str:
    return f"{error.detail} {error.said}".strip()


def _ask(text: str) -> list[TranscriptMessage]:
    return [SystemMessage("This is a test of the connection."), UserMessage((TextPart(text),))]
