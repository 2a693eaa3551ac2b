"""A model's server is looked at before it is first asked."""

import httpx2
import pytest

from agent.failures import KEY_REFUSED, NONE_LISTED, UNREACHABLE
from agent.model import ModelError
from agent.ollama import derived_name
from agent.openai_model import Endpoint
from agent.prepared import PreparedModel
from tests.agent.scripted_server import Reply, Request, ScriptedServer, error, says, whole
from tests.agent.stage import AT_ONCE, HELLO
from tests.agent.test_ollama import Ollama


class TalkingOllama(Ollama):
    """Also answers."""

    def reply(self, request: Request) -> Reply:
        return says("Hi") if request.path == "/v1/chat/completions" else super().reply(request)


class Plain(ScriptedServer):
    """An endpoint that is no Ollama."""

    def reply(self, request: Request) -> Reply:
        return says("Hi") if request.path == "/v1/chat/completions" else error(404, "what?")


async def asked_twice(server: ScriptedServer) -> list[str]:
    async with server.running(), httpx2.AsyncClient() as http:
        endpoint = Endpoint(base_url=server.url, model="qwen3:8b")
        model = PreparedModel(endpoint, context_size=16384, http=http, retries=AT_ONCE)
        await model.complete(HELLO, [])
        await model.complete(HELLO, [])
    return [str(each.body["model"]) for each in server.requests if each.path == "/v1/chat/completions"]


async def test_ollama_is_asked_for_the_model_with_the_wanted_context() -> None:
    server = TalkingOllama()

    assert await asked_twice(server) == [derived_name("qwen3:8b", 16384)] * 2
    assert [each.path for each in server.requests].count("/api/version") == 1


async def test_others_are_asked_for_the_model_by_its_name_and_looked_at_once() -> None:
    server = Plain()

    assert await asked_twice(server) == ["qwen3:8b"] * 2
    assert [each.path for each in server.requests].count("/api/version") == 1


class Listing(ScriptedServer):
    """Lists these models, or answers the question for them with a status."""

    def __init__(self, *models: str) -> None:
        super().__init__()
        self.models: list[str] | int = list(models)

    def reply(self, request: Request) -> Reply:
        match request.path, self.models:
            case "/v1/chat/completions", _:
                return says("Hi")
            case "/v1/models", int(status):
                return error(status, "no")
            case "/v1/models", list(models):
                return whole({"data": [{"id": name} for name in models]})
            case _:
                return error(404, "what?")


async def test_without_a_name_the_first_listed_model_that_can_chat_is_asked() -> None:
    server = Listing("bge-m3", derived_name("qwen3:8b", 4096), "qwen3:8b", "llama3")
    async with server.running(), httpx2.AsyncClient() as http:
        model = PreparedModel(Endpoint(base_url=server.url, model=""), context_size=16384, http=http, retries=AT_ONCE)
        await model.complete(HELLO, [])
        await model.complete(HELLO, [])

    asked = [each.body["model"] for each in server.requests if each.path == "/v1/chat/completions"]
    assert (asked, model.name) == (["qwen3:8b"] * 2, "qwen3:8b")
    assert [each.path for each in server.requests].count("/v1/models") == 1


async def test_a_server_that_comes_up_later_is_asked_then() -> None:
    server = Listing("llama3")
    async with httpx2.AsyncClient() as http:
        async with server.running():
            pass
        endpoint = Endpoint(base_url=server.url, model="")
        model = PreparedModel(endpoint, context_size=16384, http=http, retries=AT_ONCE)
        await model.prepare()
        with pytest.raises(ModelError, match="cannot be reached") as down:
            await model.complete(HELLO, [])
        async with server.running(port=int(server.url.rpartition(":")[2].removesuffix("/v1"))):
            await model.complete(HELLO, [])

    assert (down.value.sentence, down.value.is_down) == (UNREACHABLE, True)
    assert model.name == "llama3"


@pytest.mark.parametrize(("models", "sentence"), [([], NONE_LISTED), (["tts-1"], NONE_LISTED), (401, KEY_REFUSED)])
async def test_where_none_can_be_chosen_the_reason_is_said(models: list[str] | int, sentence: str) -> None:
    server = Listing()
    server.models = models
    async with server.running(), httpx2.AsyncClient() as http:
        model = PreparedModel(Endpoint(base_url=server.url, model=""), context_size=16384, http=http, retries=AT_ONCE)
        with pytest.raises(ModelError) as caught:
            await model.complete(HELLO, [])

    assert caught.value.sentence == sentence
