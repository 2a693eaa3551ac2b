"""What the doctor says of language models."""

import socket
from collections.abc import Sequence

import httpx2
import pytest

from agent.openai_model import Endpoint
from bot.demo.served import Served
from bot.doctor.findings import Finding, Status
from bot.doctor.model_checks import check_model, check_stand_in
from tests.bot.doctor.scripted import Kind, server


async def examined(kind: Kind, *, vision: bool = False) -> Sequence[Finding]:
    async with Served(server(kind)) as url, httpx2.AsyncClient() as http:
        endpoint = Endpoint(base_url=f"{url}/v1", model="good", api_key="sk-secret-key")
        return [f async for f in check_model(endpoint, http, context_size=8192, vision=vision)]


def said(findings: Sequence[Finding], status: Status) -> str:
    return "\n".join(f"{f.text} {f.hint}" for f in findings if f.status is status)


async def test_a_good_model_answers_calls_tools_and_sees() -> None:
    found = await examined(Kind(), vision=True)

    assert {f.status for f in found} == {Status.OK}
    assert [f.text.split(";")[0].split(" to be")[0] for f in found] == [
        "answers, streaming",
        "calls tools",
        "takes images",
        "its context is taken",
    ]


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (Kind(models=("other", "third")), Status.WARNING, "does not list it (it lists other, third)"),
        (Kind(refuses_key=True), Status.BROKEN, "refuses the key"),
        (Kind(html=True), Status.BROKEN, "the server said"),
        (Kind(refuses_tools=True), Status.BROKEN, "does not take tools"),
        (Kind(calls_tools=False), Status.WARNING, "did not call it"),
        (Kind(llama_context=2048), Status.BROKEN, "2048 tokens of context, not 8192"),
        (Kind(llama_context=32768), Status.OK, "32768 tokens of context"),
        (Kind(ollama_context=4096), Status.WARNING, "OLLAMA_CONTEXT_LENGTH=8192"),
        (Kind(ollama_context=8192), Status.OK, "with a context of 8192 tokens"),
        (Kind(models=None), Status.OK, "calls tools"),
    ],
)
async def test_what_is_wrong_with_a_model_is_said(kind: Kind, status: Status, words: str) -> None:
    found = await examined(kind)

    assert words in said(found, status)
    assert "sk-secret-key" not in repr(found)


async def test_a_closed_port_is_broken_for_the_model_and_a_warning_for_a_stand_in() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = Endpoint(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1", model="good")
        async with httpx2.AsyncClient() as http:
            [main] = [f async for f in check_model(endpoint, http, context_size=8192, vision=False)]
            [other] = [f async for f in check_stand_in(endpoint, http)]

    assert (main.status, other.status) == (Status.BROKEN, Status.WARNING)
    assert "cannot be reached" in main.text


async def test_a_stand_in_that_is_there_is_ok() -> None:
    async with Served(server(Kind())) as url, httpx2.AsyncClient() as http:
        [there] = [f async for f in check_stand_in(Endpoint(base_url=f"{url}/v1", model="good"), http)]
        [unknown] = [f async for f in check_stand_in(Endpoint(base_url=f"{url}/v1", model="bad"), http)]

    assert (there.status, unknown.status) == (Status.OK, Status.WARNING)
