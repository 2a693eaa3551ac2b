"""Speech to text over real sockets: what servers answer, however they word it, and what is told when they fail."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import httpx2
import pytest

from agent.speech import MAX_TEXT, NOTHING, OpenAISpeech, SpeechEndpoint, SpeechError
from tests.agent.speech_server import Reply, SpeechServer, heard

CANARY = "elderflower"
KEY = "sk-very-secret"


@asynccontextmanager
async def speech(
    *script: Reply, language: str | None = None, seconds: float = 5
) -> AsyncGenerator[tuple[OpenAISpeech, SpeechServer]]:
    async with SpeechServer(list(script)).running() as server, httpx2.AsyncClient() as http:
        endpoint = SpeechEndpoint(
            base_url=server.url, model="whisper-1", api_key=KEY, language=language, seconds=seconds
        )
        yield OpenAISpeech(endpoint, http=http), server


async def transcript(speech: OpenAISpeech) -> str:
    return await speech.transcribe(b"OggS sound", filename="voice-message.ogg", media_type="audio/ogg")


async def test_the_file_is_sent_as_it_is_and_the_words_come_back() -> None:
    async with speech(heard(" Put the kettle on. "), language="en") as (ears, server):
        assert await transcript(ears) == "Put the kettle on."

        (upload,) = server.uploads
        assert (upload.audio, upload.filename, upload.media_type) == (b"OggS sound", "voice-message.ogg", "audio/ogg")
        assert upload.fields == {"model": "whisper-1", "language": "en", "response_format": "json"}
        assert upload.key == KEY


async def test_without_a_language_the_server_guesses() -> None:
    async with speech(heard("Hallo")) as (ears, server):
        assert await transcript(ears) == "Hallo"
        assert "language" not in server.uploads[0].fields


@pytest.mark.parametrize(
    "reply",
    [
        Reply('{"text":"Tea, please","duration":3,"segments":[{"text":"no"}]}'),
        Reply("Tea, please\n", kind="text/plain"),
        Reply('"Tea, please"'),
        Reply('{"text":"Tea, please"}', kind="text/plain"),
        Reply('{"task":"transcribe","segments":[{"id":0,"text":" Tea,"},{"text":"please "},{"id":2},7]}'),
    ],
    ids=["json", "text", "a string", "json called text", "segments"],
)
async def test_however_a_server_words_it(reply: Reply) -> None:
    async with speech(reply) as (ears, _):
        assert await transcript(ears) == "Tea, please"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([Reply('{"error":"nope"}', 401)], "the speech endpoint refuses the key"),
        ([Reply("", 413)], "it is too long for the speech endpoint"),
        ([Reply('{"error":{"message":"no such model"}}', 404)], "the speech endpoint answered with status 404"),
        ([Reply(CANARY, 400)], "the speech endpoint answered with status 400"),
        ([Reply("", 500)], "the speech endpoint answered with status 500"),
        ([Reply("<html>welcome</html>", kind="text/html")], "the speech endpoint gave no transcript"),
        ([Reply("<html>welcome</html>", kind="text/plain")], "the speech endpoint gave no transcript"),
        ([Reply('{"text":')], "the speech endpoint gave no transcript"),
        ([Reply('{"error":"busy"}')], "the speech endpoint gave no transcript"),
        ([Reply('{"text":null}')], "the speech endpoint gave no transcript"),
        ([Reply("[" * 100_000, kind="application/json")], "the speech endpoint gave no transcript"),
        ([Reply("x" * 2_000_000, kind="text/plain")], "the speech endpoint gave no transcript"),
        ([heard("  ")], NOTHING),
        ([Reply("", kind="text/plain")], NOTHING),
    ],
)
async def test_a_failure_is_a_sentence_that_repeats_nothing_of_what_was_said(
    script: Sequence[Reply], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with speech(*script) as (ears, _):
        with pytest.raises(SpeechError) as caught:
            await transcript(ears)

    assert str(caught.value) == why
    assert CANARY not in caplog.text
    assert KEY not in caplog.text


async def test_a_hiccup_is_tried_once_more() -> None:
    async with speech(Reply("", 503), heard("Here now")) as (ears, server):
        assert await transcript(ears) == "Here now"
        assert len(server.uploads) == 2


async def test_a_server_that_never_answers_is_given_up() -> None:
    gate = asyncio.Event()
    async with speech(Reply("", gate=gate), seconds=0.3) as (ears, _):
        with pytest.raises(SpeechError, match=r"took longer than 0\.3 s"):
            await transcript(ears)
        gate.set()


async def test_a_closed_port_is_a_sentence() -> None:
    async with httpx2.AsyncClient() as http:
        endpoint = SpeechEndpoint(base_url="http://127.0.0.1:9/v1", model="m", seconds=5)
        with pytest.raises(SpeechError, match="could not be reached"):
            await transcript(OpenAISpeech(endpoint, http=http))


async def test_an_endless_talk_is_cut() -> None:
    async with speech(Reply(json.dumps({"text": "and " * 50_000}))) as (ears, _):
        assert len(await transcript(ears)) == MAX_TEXT
