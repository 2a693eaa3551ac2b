"""What the model gets to see of the files that come with a mention."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.attachments import AttachmentLimits, AttachmentLoader, LoadedImage, LoadedText, Skipped, decoded
from chat.messages import Attachment

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


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


def loader(http: aiohttp.ClientSession, files: Files, *, vision: bool = True, seconds: float = 5) -> AttachmentLoader:
    limits = AttachmentLimits(images=2, texts=2, image_bytes=1000, text_bytes=100, seconds=seconds)
    return AttachmentLoader(http, vision=vision, origins=[files.url], limits=limits)


async def test_pictures_and_texts_are_loaded_in_their_order(http: aiohttp.ClientSession, files: Files) -> None:
    sent = [
        files.file("a.png", PNG, "image/png"),
        files.file("b.py", b"print('h\xc3\xa9')", "application/octet-stream"),
    ]
    picture = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert await loader(http, files).load(sent) == [LoadedImage("a.png", picture), LoadedText("b.py", "print('hé')")]


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
    assert fake == Skipped("fake.png", "it is no PNG, JPEG, WebP or GIF picture")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_the_encodings_people_have(encoding: str) -> None:
    assert decoded("déjà vu at the café".encode(encoding)) == "déjà vu at the café"


def test_a_character_cut_at_the_end_is_left_out_and_binary_is_no_text() -> None:
    assert decoded("naïve 😀".encode()[:-1]) == "naïve "
    assert decoded(bytes(range(256))) is None
