"""What the model gets to see of the files that come with a mention."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from agent.prompt_input import LoadedImage, LoadedText, LoadedVoice, Skipped
from agent.speech import SpeechError
from bot.attachments import AttachmentLimits, AttachmentLoader, decoded
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import Attachment, Message
from chat.people import Person

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


@dataclass
class Ears:
    """Hears what it is told to."""

    says: str = ""
    fails: str = ""
    heard: list[tuple[bytes, str, str]] = field(default_factory=list[tuple[bytes, str, str]])

    async def transcribe(self, audio: bytes, *, filename: str, media_type: str) -> str:
        self.heard.append((audio, filename, media_type))
        if self.fails:
            raise SpeechError(self.fails)
        return self.says


@dataclass
class Files:
    """A file server on loopback."""

    url: str = ""
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[str] = field(default_factory=list[str])
    served: int = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        match name:
            case "endless.txt" | "endless.png":
                return await self._endless(request, PNG if name.endswith("png") else b"")
            case "never.txt":
                await asyncio.Event().wait()
            case "elsewhere.txt":
                raise web.HTTPFound("http://127.0.0.1:9/secret.txt")
            case "broken.txt":
                raise web.HTTPInternalServerError
            case _:
                pass
        return web.Response(body=self.contents[name])

    async def _endless(self, request: web.Request, head: bytes) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(head)
        while self.served < 100_000_000:
            await answer.write(b"x" * 65536)
            self.served += 65536
        return answer

    def file(self, name: str, content: bytes = b"", kind: str = "text/plain", size: int | None = None) -> Attachment:
        self.contents[name] = content
        return Attachment(name, kind, len(content) if size is None else size, f"{self.url}/attachments/1/2/{name}")


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    files = Files()
    application = web.Application()
    application.router.add_get("/cdn/attachments/1/2/{name}", files.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files.url = f"http://127.0.0.1:{runner.addresses[0][1]}/cdn"
    yield files
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def loader(
    http: aiohttp.ClientSession, files: Files, *, vision: bool = True, seconds: float = 5, ears: Ears | None = None
) -> AttachmentLoader:
    limits = AttachmentLimits(images=2, texts=2, image_bytes=1000, text_bytes=100, voice_seconds=60, seconds=seconds)
    return AttachmentLoader(http, vision=vision, origins=[files.url], speech=ears, limits=limits)


def line(number: int, *attachments: Attachment, pictures: Sequence[Attachment] = ()) -> Message:
    mia = Person(UserId(1), "Mia")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Message(
        MessageId(number), ChannelId(1), None, mia, "look", at, attachments=attachments, pictures=tuple(pictures)
    )


async def test_pictures_and_texts_are_loaded_in_their_order(http: aiohttp.ClientSession, files: Files) -> None:
    sent = [
        files.file("a.png", PNG, "image/png"),
        files.file("b.py", b"print('h\xc3\xa9')", "application/octet-stream"),
    ]
    picture, text = await loader(http, files).load(sent)
    assert isinstance(picture, LoadedImage)
    assert (picture.filename, picture.data_url[:22]) == ("a.png", "data:image/png;base64,")
    assert base64.b64decode(picture.data_url[22:]).startswith(PNG[:8])
    assert text == LoadedText("b.py", "print('hé')")


async def test_a_model_without_eyes_gets_a_line_instead_of_the_picture(
    http: aiohttp.ClientSession, files: Files
) -> None:
    sent = [files.file("a.png", PNG, "image/png")]
    loaded = await loader(http, files, vision=False).load(sent)
    assert loaded == [Skipped("a.png", "the model cannot look at pictures")]
    assert files.asked == []


async def test_a_hundred_megabytes_are_neither_fetched_nor_kept(http: aiohttp.ClientSession, files: Files) -> None:
    sent = [
        files.file("endless.txt", size=100_000_000),
        files.file("endless.png", kind="image/png", size=10),
        files.file("big.png", PNG, "image/png", size=100_000_000),
    ]
    text, lying, big = await loader(http, files).load(sent)
    assert isinstance(text, LoadedText)
    assert text.text == "x" * 100 + "\n[… cut after 100 bytes of 100.0 MB]"
    assert lying == Skipped("endless.png", "pictures may have 1 kB")
    assert big == Skipped("big.png", "100.0 MB, and pictures may have 1 kB")
    assert files.served < 50_000_000


async def test_what_goes_wrong_becomes_a_line(http: aiohttp.ClientSession, files: Files) -> None:
    gone = Attachment("gone.txt", "text/plain", 3, files.url.replace("/cdn", "/cdn/nothing"))
    broken, missing = await loader(http, files).load([files.file("broken.txt"), gone])
    assert broken == Skipped("broken.txt", "it could not be downloaded (status 500)")
    assert missing == Skipped("gone.txt", "it could not be downloaded (status 404)")
    (slow,) = await loader(http, files, seconds=0.05).load([files.file("never.txt")])
    assert slow == Skipped("never.txt", "it took longer than 0.05 seconds to download")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/cdn/a.txt", "file:///etc/passwd", "https://cdn.discordapp.com.evil.org/a", "http://[bad"],
)
async def test_only_discords_file_server_is_ever_asked(http: aiohttp.ClientSession, files: Files, url: str) -> None:
    (loaded,) = await loader(http, files).load([Attachment("a.txt", "text/plain", 3, url)])
    assert loaded == Skipped("a.txt", "it is not on Discord's file server")


async def test_paths_out_of_the_file_server_and_redirects_are_not_followed(
    http: aiohttp.ClientSession, files: Files
) -> None:
    up = Attachment("a.txt", "text/plain", 3, f"{files.url}/../secret")
    assert isinstance((await loader(http, files).load([up]))[0], Skipped)
    (moved,) = await loader(http, files).load([files.file("elsewhere.txt")])
    assert moved == Skipped("elsewhere.txt", "it could not be downloaded (status 302)")


async def test_too_many_and_other_kinds_of_files_are_named(http: aiohttp.ClientSession, files: Files) -> None:
    sent = [files.file(f"{n}.txt", b"hi") for n in range(3)] + [files.file("x.zip", b"PK", "application/zip")]
    *_, third, archive = await loader(http, files).load(sent)
    assert third == Skipped("2.txt", "more than 2 pictures or 2 text files at once")
    assert archive == Skipped("x.zip", "application/zip, 2 bytes: neither a picture nor text")
    (fake,) = await loader(http, files).load([files.file("fake.png", b"<html>", "image/png")])
    assert fake == Skipped("fake.png", "it is broken, or no PNG, JPEG, WebP, GIF, AVIF or BMP picture")


async def test_pictures_of_recent_lines_fill_what_the_request_leaves_and_the_newest_come_first(
    http: aiohttp.ClientSession, files: Files
) -> None:
    own, *others = (files.file(f"{n}.png", PNG, "image/png") for n in range(4))
    sticker = files.file("sticker.png", PNG, "image/png")
    lines = [line(1, others[0]), line(2, files.file("notes.txt", b"hi")), line(3, others[1], pictures=[sticker])]

    beside_one = await loader(http, files).seen(lines, beside=[own])
    alone = await loader(http, files).seen(lines, beside=[])

    assert [(file.filename, file.of) for file in beside_one] == [("2.png", lines[2])]
    assert [(file.filename, file.of) for file in alone] == [("2.png", lines[2]), ("sticker.png", lines[2])]
    assert all(isinstance(file, LoadedImage) for file in alone)
    assert "notes.txt" not in files.asked


async def test_a_model_without_eyes_and_a_full_request_fetch_no_pictures_of_others(
    http: aiohttp.ClientSession, files: Files
) -> None:
    lines = [line(1, files.file("a.png", PNG, "image/png"))]
    full = [files.file(f"{n}.png", PNG, "image/png") for n in range(2)]

    assert await loader(http, files, vision=False).seen(lines, beside=[]) == []
    assert await loader(http, files).seen(lines, beside=full) == []
    assert files.asked == []


async def test_what_is_replied_to_comes_after_the_request_and_shares_its_limits(
    http: aiohttp.ClientSession, files: Files
) -> None:
    mine = [files.file(f"{n}.png", PNG, "image/png") for n in range(2)]
    theirs = line(7, files.file("theirs.png", PNG, "image/png"), files.file("notes.txt", b"tea"))
    *_, picture, text = await loader(http, files).load(mine, theirs)

    assert picture == Skipped("theirs.png", "more than 2 pictures or 2 text files at once", theirs)
    assert text == LoadedText("notes.txt", "tea", theirs)


def voice(files: Files, seconds: float = 12.4, content: bytes = b"OggS", *, is_forwarded: bool = False) -> Attachment:
    made = files.file("voice-message.ogg", content, "audio/ogg")
    return replace(made, voice_seconds=seconds, is_forwarded=is_forwarded)


async def test_a_voice_message_is_heard(http: aiohttp.ClientSession, files: Files) -> None:
    ears, theirs = Ears("put the kettle on"), line(7, voice(files))
    spoken = await loader(http, files, vision=False, ears=ears).load([voice(files, is_forwarded=True)], theirs)

    assert spoken == [
        LoadedVoice("voice-message.ogg", "put the kettle on", 12.4, None, is_forwarded=True),
        LoadedVoice("voice-message.ogg", "put the kettle on", 12.4, theirs),
    ]
    assert ears.heard == [(b"OggS", "voice-message.ogg", "audio/ogg")] * 2


UNHEARD = "a voice message of 12 s that could not be heard: "


async def test_without_a_speech_endpoint_the_model_is_told_that_there_was_one(
    http: aiohttp.ClientSession, files: Files
) -> None:
    (told,) = await loader(http, files).load([voice(files)])

    assert told == Skipped("voice-message.ogg", f"{UNHEARD}no speech endpoint is configured")
    assert files.asked == []


async def test_what_keeps_a_voice_message_from_being_heard_is_told(http: aiohttp.ClientSession, files: Files) -> None:
    failing, ears = Ears(fails="the speech endpoint refuses the key"), Ears("yes")
    (failed,) = await loader(http, files, ears=failing).load([voice(files)])
    long, other = await loader(http, files, ears=ears).load([voice(files, 61), replace(voice(files), url="http://x/")])
    (*_, third) = await loader(http, files, ears=ears).load([voice(files, n) for n in (1, 2, 3)])

    assert failed == Skipped("voice-message.ogg", f"{UNHEARD}the speech endpoint refuses the key")
    assert long == Skipped("voice-message.ogg", "a voice message of 61 s that could not be heard: 60 s are the most")
    assert other == Skipped("voice-message.ogg", f"{UNHEARD}it is not on Discord's file server")
    assert third == Skipped("voice-message.ogg", "more than 2 voice messages at once")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_the_encodings_people_have(encoding: str) -> None:
    assert decoded("déjà vu at the café".encode(encoding)) == "déjà vu at the café"


def test_a_character_cut_at_the_end_is_left_out_and_binary_is_no_text() -> None:
    assert decoded("naïve 😀".encode()[:-1]) == "naïve "
    assert decoded(bytes(range(256))) is None
