"""The scripted model as a server: it says what it is, and refuses what is no request."""

import json

import httpx2
import pytest

from bot.demo.scripted_model import LABEL, scripted_model
from bot.demo.served import Served

ASKED = {"model": "scripted-demo", "messages": [{"role": "user", "content": "hello"}]}


async def test_it_says_what_it_is_streamed_or_whole() -> None:
    async with Served(scripted_model(word_seconds=0)) as url, httpx2.AsyncClient(base_url=f"{url}/v1") as http:
        models = (await http.get("/models")).json()
        whole = (await http.post("/chat/completions", json=ASKED)).json()
        streamed = (await http.post("/chat/completions", json={**ASKED, "stream": True})).text
    assert models["data"][0]["owned_by"] == LABEL == "scripted demo model, not an LLM"
    said = whole["choices"][0]["message"]["content"]
    assert said.endswith(LABEL)
    *events, end = [line.removeprefix("data: ") for line in streamed.splitlines() if line]
    chunks = [json.loads(event)["choices"] for event in events]
    assert end == "[DONE]"
    assert "".join(choices[0]["delta"].get("content", "") for choices in chunks if choices) == said


@pytest.mark.parametrize("body", [b"", b"{", b'{"messages": 3}', b'{"messages": [{"role": 1}]}'])
async def test_what_is_no_request_is_refused(body: bytes) -> None:
    async with Served(scripted_model(word_seconds=0)) as url, httpx2.AsyncClient() as http:
        answer = await http.post(f"{url}/v1/chat/completions", content=body)
    assert answer.status_code == 400
    assert "no chat completion request" in answer.text


async def test_a_conversation_without_messages_gets_its_help() -> None:
    async with Served(scripted_model(word_seconds=0)) as url, httpx2.AsyncClient() as http:
        answer = await http.post(f"{url}/v1/chat/completions", json={"messages": []})
    assert LABEL in answer.json()["choices"][0]["message"]["content"]
