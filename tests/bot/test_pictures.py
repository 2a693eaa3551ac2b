"""A picture as a model gets it: small, upright, one frame, nothing of where it was taken; and bombs are refused."""

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from bot.pictures import LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, PictureError, Scaler, scaled

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
Colour = tuple[int, ...]
SECRET = "taken at home"


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # pyright: ignore[reportArgumentType] - options of all writers
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def near(colour: float | Colour | None, wanted: Colour) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) < 30 for a, b in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
def test_every_kind_that_people_post_is_shown(kind: str) -> None:
    picture = scaled(written(Image.new("RGB", (40, 30), RED), kind))

    assert picture.media_type == ("image/png" if kind in {"PNG", "GIF", "BMP"} else "image/jpeg")
    shown = read(picture.data)
    assert shown.size == (40, 30)
    assert near(shown.convert("RGB").getpixel((5, 5)), RED)


@pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (9000, 100), (30, 9000), (1568, 1568), (20000, 1)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_is_scaled_down_and_keeps_its_shape(size: tuple[int, int], kind: str) -> None:
    shown = read(scaled(written(Image.new("RGB", size, BLUE), kind)).data)

    assert max(shown.size) <= LONGEST_SIDE
    assert shown.width * shown.height <= MOST_PIXELS
    if min(size) > 100:
        assert shown.width / shown.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_even_noise_stays_within_the_bound() -> None:
    noise = Image.effect_noise((1600, 1600), 255).convert("RGB")
    picture = scaled(written(noise, "PNG"))

    assert picture.media_type == "image/jpeg"
    assert len(picture.data) <= MOST_BYTES


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, GREEN, BLUE)]
    data = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert getattr(read(data), "n_frames", 1) == 3

    shown = read(scaled(data).data)

    assert getattr(shown, "n_frames", 1) == 1
    assert near(shown.convert("RGB").getpixel((10, 10)), RED)


def with_metadata(kind: str) -> bytes:
    """Half red, half blue, lying on its side, and saying where it was taken."""
    picture = Image.new("RGB", (200, 100), RED)
    picture.paste(BLUE, (0, 0, 100, 100))
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Artist] = SECRET
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    text = PngInfo()
    text.add_text("Comment", SECRET)
    more = {"pnginfo": text} if kind == "PNG" else {"comment": SECRET.encode()} if kind == "JPEG" else {}
    return written(picture, kind, exif=exif, **more)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_stands_upright_and_nothing_is_told_of_where_it_was_taken(kind: str) -> None:
    data = with_metadata(kind)
    assert SECRET.encode() in data

    picture = scaled(data)

    shown = read(picture.data)
    assert shown.size == (100, 200)
    assert near(shown.convert("RGB").getpixel((50, 20)), BLUE)
    assert near(shown.convert("RGB").getpixel((50, 180)), RED)
    assert SECRET.encode() not in picture.data
    assert not shown.getexif()
    assert not {"exif", "xmp", "comment", "Comment", "icc_profile"} & set(shown.info)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 10, 20))
    shown = read(scaled(written(picture.convert(mode), "PNG")).data).convert("RGB")

    assert near(shown.getpixel((5, 5)), (0, 0, 0))
    assert near(shown.getpixel((15, 5)), WHITE)


@pytest.mark.parametrize(("mode", "kind"), [("I;16", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("1", "PNG")])
def test_rare_kinds_of_colour_are_shown_too(mode: str, kind: str) -> None:
    light = {"I;16": 60_000, "L": 235, "CMYK": (20, 20, 20, 0), "1": 1}[mode]
    shown = read(scaled(written(Image.new(mode, (20, 20), light), kind)).data).convert("RGB")

    assert near(shown.getpixel((5, 5)), (235, 235, 235))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(5000, 5000), (8000, 8000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="more than 16 million pixels"):
        scaled(bomb(*size))


def test_a_photo_may_be_larger_and_a_huge_one_is_refused() -> None:
    assert read(scaled(written(Image.new("L", (7000, 6000)), "JPEG")).data).height < LONGEST_SIDE
    with pytest.raises(PictureError, match="more than 50 million pixels"):
        scaled(written(Image.new("L", (8000, 7000)), "JPEG"))


PNG = written(Image.effect_noise((60, 60), 50), "PNG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>not found</html>",
        SVG,
        PNG[:8],
        PNG[: len(PNG) // 2],
        PNG[:40] + bytes(len(PNG) - 40),
        written(Image.new("RGB", (60, 60)), "JPEG")[:200],
        b"GIF89a" + bytes(10),
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(20),
        written(Image.new("RGB", (60, 60)), "TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        bomb(10, 10),
    ],
    ids=["empty", "html", "svg", "head", "half", "zeros", "jpeg", "gif", "webp", "tiff", "postscript", "lying"],
)
def test_a_broken_file_is_a_sentence(data: bytes) -> None:
    with pytest.raises(PictureError, match="it is broken, or no PNG"):
        scaled(data)


async def test_few_are_decoded_at_once_and_nobody_waits_for_ever() -> None:
    large = written(Image.effect_noise((1000, 1000), 100), "PNG")
    patient, hasty = Scaler(at_once=2, seconds=30), Scaler(at_once=1, seconds=0.001)

    done = await asyncio.gather(*(patient.scaled(large) for _ in range(4)))
    with pytest.raises(PictureError, match=r"longer than 0\.001 seconds"):
        await hasty.scaled(large)

    assert len({picture.data for picture in done}) == 1


async def test_after_broken_pictures_there_are_turns_left() -> None:
    scaler = Scaler(at_once=1, seconds=10)
    for _ in range(3):
        with pytest.raises(PictureError):
            await scaler.scaled(b"broken")

    assert (await scaler.scaled(PNG)).media_type == "image/png"
