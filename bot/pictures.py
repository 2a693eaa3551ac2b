"""A picture as a model gets it: small, upright, one frame, without anything that only the file knew (place, camera)."""

import asyncio
import io
import logging

from PIL import Image, ImageOps

from tools.calls import Picture

logger = logging.getLogger(__name__)

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP")
LOSSLESS = {"PNG", "GIF", "BMP"}
MAX_PIXELS = 16_000_000
"""Of a file, before it is decoded: a few hundred bytes may claim to be billions. So many take up to 350 MB."""
MAX_JPEG_PIXELS = 50_000_000
"""More of these, because they can be decoded at a fraction of their size."""
LONGEST_SIDE = 1568
MOST_PIXELS = 1_150_000
"""What providers look at; more is scaled down by them, or costs more tokens than we counted."""
MOST_BYTES = 1_000_000
QUALITIES = (85, 70, 50, 30)
SIXTEEN_BITS = {"I;16", "I;16L", "I;16B", "I;16N", "I"}


class PictureError(Exception):
    """Why it cannot be shown, for the middle of a sentence."""


def scaled(data: bytes) -> Picture:
    """The first frame as a JPEG or PNG of bounded size. Takes up to some seconds: to be called in a thread.

    Raises PictureError.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            return _encoded(_small(opened), is_lossless=opened.format in LOSSLESS)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(_too_large(MAX_PIXELS)) from None
    except Exception as error:  # boundary: decoders raise whatever comes to their mind about a broken file
        logger.debug("a picture could not be decoded", exc_info=True)
        raise PictureError("it is broken, or no PNG, JPEG, WebP, GIF, AVIF or BMP picture") from error


def _small(opened: Image.Image) -> Image.Image:
    """Upright, in plain colours, on white where it is transparent."""
    most = MAX_JPEG_PIXELS if opened.format in {"JPEG", "MPO"} else MAX_PIXELS
    if opened.width * opened.height > most:
        raise PictureError(_too_large(most))
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
    upright = ImageOps.exif_transpose(opened)
    shrink = min(1.0, LONGEST_SIDE / max(upright.size), (MOST_PIXELS / (upright.width * upright.height)) ** 0.5)
    size = max(1, int(upright.width * shrink)), max(1, int(upright.height * shrink))
    plain = _plain(upright)
    return plain if size == plain.size else plain.resize(size, Image.Resampling.LANCZOS)


def _too_large(most: int) -> str:
    return f"it has more than {most // 1_000_000} million pixels"


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode in SIXTEEN_BITS:
        darker = picture.convert("I").point(lambda value: value * (1 / 256))
        return darker.convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def _encoded(picture: Image.Image, *, is_lossless: bool) -> Picture:
    # A copy of the bare pixels: writers put comments and profiles that a picture carries into the new file.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    if is_lossless:
        data = _written(bare, "PNG", quality=None)
        if len(data) <= MOST_BYTES:
            return Picture("image/png", data)
    for quality in QUALITIES:
        data = _written(bare, "JPEG", quality=quality)
        if len(data) <= MOST_BYTES:
            return Picture("image/jpeg", data)
    raise PictureError("it does not get small enough")


def _written(picture: Image.Image, kind: str, *, quality: int | None) -> bytes:
    out = io.BytesIO()
    if quality is None:
        picture.save(out, kind, compress_level=6)
    else:
        picture.save(out, kind, quality=quality)
    return out.getvalue()


class Scaler:
    """`scaled` in threads, few at once: a decoded picture takes a hundred times its file's memory.

    A thread cannot be stopped. One that takes too long is waited for no more, but keeps its turn until it is through.
    """

    def __init__(self, *, at_once: int = 2, seconds: float = 15.0) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def scaled(self, data: bytes) -> Picture:
        """Raises PictureError."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
                working = asyncio.get_running_loop().run_in_executor(None, scaled, data)
                working.add_done_callback(self._done)
                return await asyncio.shield(working)
        except TimeoutError:
            raise PictureError(f"it took longer than {self._seconds:g} seconds to read") from None

    def _done(self, working: "asyncio.Future[Picture]") -> None:
        self._turns.release()
        if not working.cancelled():
            working.exception()  # heard, also when nobody waits any more
