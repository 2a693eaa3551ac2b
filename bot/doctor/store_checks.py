"""Is there a place to keep things, is it whole, and can text be turned into vectors?"""

import asyncio
import logging
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doctor.findings import Finding, broken, ok, warning
from memory.embedders import EmbedderError
from memory.embedders.spec import EmbedderSpec, load
from storage.data_dir import DataDir
from storage.errors import StorageError
from storage.migrations import known_revisions

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000
SCARCE, DIRE = 1000 * MEGABYTE, 50 * MEGABYTE


async def check_data_dir(folder: Path) -> AsyncIterator[Finding]:
    """May be used while the bot runs: it only reads."""
    area = "data"
    try:
        with DataDir(folder):
            yield ok(area, f"{folder} can be written to")
    except StorageError as error:
        if "in use by" not in str(error):
            yield broken(area, str(error), "see above")
            return
        yield ok(area, f"{error}, which is how it is while the bot runs")
    free = shutil.disk_usage(folder).free
    told = f"{free // MEGABYTE:,} MB free where {folder} is"
    if free < DIRE:
        yield broken(area, told, "free some space: nothing can be remembered without")
    elif free < SCARCE:
        yield warning(area, told, "free some space soon")
    else:
        yield ok(area, told)


async def check_database(path: Path) -> AsyncIterator[Finding]:
    area = "database"
    if not await asyncio.to_thread(path.exists):
        yield ok(area, "there is none yet; it is made at the first start")
        return
    try:
        version, trouble = await asyncio.to_thread(_looked_into, path)
    except sqlite3.Error as error:
        yield broken(area, f"{path} cannot be read: {error}", "restore a backup, or move the file away")
        return
    known = known_revisions()
    if trouble != "ok":
        yield broken(
            area, f"{path} is damaged: {trouble[:200]}", "restore a backup, or rescue it with sqlite3's .recover"
        )
    elif version not in known:
        yield broken(area, f"its schema is {version}, and this program knows up to {known[-1]}", "update digmbot")
    else:
        newer = f"; the next start brings it to {known[-1]}" if version != known[-1] else ""
        yield ok(area, f"whole, schema {version}{newer}")


def _looked_into(path: Path) -> tuple[str, str]:
    """Its schema's revision and what SQLite says of its health."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        trouble = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]), trouble
    finally:
        connection.close()


async def check_embedder(spec: EmbedderSpec) -> AsyncIterator[Finding]:
    area, without = "embedder", "search by words works without"

    def measured() -> tuple[str, int, float]:
        embedder = load(spec)
        embedder.embed(["warm up"])
        started = time.perf_counter()
        vector = embedder.embed_question("Who suggested the new logo, and when?")
        return embedder.name, len(vector), (time.perf_counter() - started) * 1000

    try:
        name, dimension, milliseconds = await asyncio.to_thread(measured)
    except EmbedderError as error:
        yield broken(area, str(error), f"see the section [memory]; {without}")
        return
    except Exception as error:  # boundary: whatever a broken installation raises is the finding
        logger.debug("the embedder cannot be loaded", exc_info=True)
        yield broken(area, f"cannot be loaded: {error}", f"install digmbot again; {without}")
        return
    yield ok(area, f"{name}, {dimension} dimensions, {milliseconds:.0f} ms a text")


async def check_clock_and_zones(zone: str) -> AsyncIterator[Finding]:
    area = "time zones"
    try:
        for name in (zone, "Europe/Berlin", "America/New_York"):
            ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        yield broken(area, f"{error.args[0]}", "install the package tzdata")
        return
    yield ok(area, f"known; people without one are in {zone}")
    yield ok("python", f"{sys.version.split()[0]} on {sys.platform}")
