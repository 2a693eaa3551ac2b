"""A model's server is looked at before it is first asked."""

import httpx2

from agent.ollama import derived_name
from agent.openai_model import Endpoint
from agent.prepared import PreparedModel
from tests.agent.scripted_server import Reply, Request, ScriptedServer, error, says
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
