"""What the doctor says of the endpoint for voice messages."""

import socket

import httpx2
import pytest

from agent.speech import SpeechEndpoint
from bot.demo.served import Served
from bot.doctor.findings import Finding, Status
from bot.doctor.speech_checks import check_speech
from tests.bot.doctor.scripted import Kind, server


async def found_at(url: str) -> Finding:
    async with httpx2.AsyncClient() as http:
        endpoint = SpeechEndpoint(base_url=url, model="whisper-1", api_key="sk-secret-key")
        [found] = [each async for each in check_speech(endpoint, http)]
    assert "sk-secret-key" not in repr(found)
    return found


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (Kind(models=("tts-1", "whisper-1")), Status.OK, "whisper-1 is there"),
        (Kind(models=None), Status.OK, "keeps its models to itself"),
        (Kind(models=("tts-1",)), Status.WARNING, "does not list whisper-1 (it lists tts-1)"),
        (Kind(refuses_key=True), Status.BROKEN, "refuses the key (status 401) look at speech.api_key"),
    ],
)
async def test_what_a_server_lists_and_refuses_is_said(kind: Kind, status: Status, words: str) -> None:
    async with Served(server(kind)) as url:
        found = await found_at(f"{url}/v1")

    assert found.status is status
    assert words in f"{found.text} {found.hint}"


async def test_a_closed_port_is_broken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = await found_at(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")

    assert (found.status, found.hint) == (Status.BROKEN, "start the server, or look at speech.base_url")
