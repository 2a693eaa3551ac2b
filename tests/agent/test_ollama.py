"""Ollama is made to run the model with the wanted context, or somebody is told that it may not."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from pydantic import JsonValue

from agent.ollama import ContextReady, ContextUnsure, NotOllama, derived_name, ensure_context
from tests.agent.scripted_server import Ending, Reply, Request, ScriptedServer, error, whole

LENGTH: JsonValue = {"qwen3.context_length": 40960}


@dataclass
class Ollama(ScriptedServer):
    """As much of Ollama as is asked: models with parameters."""

    models: dict[str, JsonValue] = field(default_factory=lambda: {"qwen3:8b": {"top_k": 20}})
    obeys: bool = True

    def __post_init__(self) -> None:
        super().__init__()

    def reply(self, request: Request) -> Reply:
        match request.path, request.body:
            case "/api/version", _:
                return whole({"version": "0.13.3"})
            case "/api/show", {"model": str(name)} if name in self.models:
                parameters = self.models[name]
                assert isinstance(parameters, dict)
                lines = "\n".join(f"{key:<30} {value}" for key, value in parameters.items())
                return whole({"parameters": lines, "model_info": LENGTH})
            case "/api/create", {"model": str(name), "from": str(), "parameters": dict(parameters), "stream": False}:
                if not self.obeys:
                    return error_of("you may not create models", 403)
                self.models[name] = parameters
                return whole({"status": "success"})
            case _:
                return error_of("model not found", 404)


def error_of(said: str, status: int) -> Reply:
    return whole({"error": said}, status=status)


@asynccontextmanager
async def serving(server: ScriptedServer) -> AsyncGenerator[httpx2.AsyncClient]:
    async with server.running(), httpx2.AsyncClient() as http:
        yield http


def made(server: Ollama) -> list[Mapping[str, JsonValue]]:
    return [request.body for request in server.requests if request.path == "/api/create"]


async def test_a_model_with_the_wanted_context_is_derived_under_a_stable_name() -> None:
    server = Ollama()
    async with serving(server) as http:
        first = await ensure_context(server.url, "qwen3:8b", 16384, http=http)
        again = await ensure_context(server.url, "qwen3:8b", 16384, http=http)

    assert isinstance(first, ContextReady)
    assert (first, first.warning) == (again, "")
    assert first.model == derived_name("qwen3:8b", 16384) == "digmbot-qwen3-8b-801dca:ctx16384"
    assert server.models[first.model] == {"num_ctx": 16384}


async def test_a_model_that_has_it_already_stays_as_it_is() -> None:
    server = Ollama(models={"mine": {"num_ctx": 16384}})
    async with serving(server) as http:
        assert await ensure_context(server.url, "mine", 16384, http=http) == ContextReady("mine")
    assert made(server) == []


async def test_more_than_the_model_was_trained_for_is_said() -> None:
    server = Ollama()
    async with serving(server) as http:
        ready = await ensure_context(server.url, "qwen3:8b", 100_000, http=http)
    assert isinstance(ready, ContextReady)
    assert "at most 40960" in ready.warning


@pytest.mark.parametrize(
    ("server", "model", "reason"),
    [(Ollama(obeys=False), "qwen3:8b", "you may not create models"), (Ollama(), "gone", "model not found")],
)
async def test_a_refusal_is_a_loud_warning_that_says_what_to_do(server: Ollama, model: str, reason: str) -> None:
    async with serving(server) as http:
        unsure = await ensure_context(server.url, model, 16384, http=http)
    assert isinstance(unsure, ContextUnsure)
    assert reason in unsure.warning
    assert "OLLAMA_CONTEXT_LENGTH=16384" in unsure.warning


@pytest.mark.parametrize(
    "other",
    [
        error(404, "not found"),
        whole({"version": 3}),
        whole([1]),
        Reply([b"<html>"], kind="text/html"),
        Reply([b"{"], kind="application/json", ending=Ending.CUT),
    ],
)
async def test_another_server_is_left_alone(other: Reply) -> None:
    server = ScriptedServer(other)
    async with serving(server) as http:
        assert await ensure_context(server.url, "gpt", 8192, http=http, api_key="k") == NotOllama()
    assert [(each.path, each.headers["authorization"]) for each in server.requests] == [("/api/version", "Bearer k")]


async def test_a_server_that_is_not_there_is_left_alone() -> None:
    server = ScriptedServer(whole({}))
    async with serving(server):
        pass
    async with httpx2.AsyncClient() as http:
        assert await ensure_context(server.url, "gpt", 8192, http=http) == NotOllama()


def test_names_are_ones_that_ollama_takes_and_differ_where_models_do() -> None:
    names = {
        derived_name(each, 8192) for each in ("a/b:c", "a-b:c", "A/B:C", "hf.co/x/y-GGUF:Q4_K_M", "模型", "x" * 300)
    }

    assert len(names) == 6
    assert all(name.isascii() and len(name) < 80 and name.count(":") == 1 and "/" not in name for name in names)
