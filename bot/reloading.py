"""The configuration file, followed while the bot runs: what can change without a restart does, once it is right.

Not the file is watched but its directory: editors, and Kubernetes with its links, put a new file into the place of the
old one, and a watch on the old one hears no more. Every few seconds it is looked at anyway, because file systems over
the network tell nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType] - it may take an event of trio's

from bot.settings.load import Loaded
from bot.settings.model import Settings
from bot.settings.problems import SettingsError
from bot.settings.secrets import Redactor, parts_of, secrets_of

logger = logging.getLogger(__name__)

LOOK_MILLISECONDS = 5000
GATHER_MILLISECONDS = 400
"""A file that is still being written is not read: so long changes are gathered."""
STEP_MILLISECONDS = 100
KEPT = "the configuration was not taken, and what was read before stays"


class Applier(Protocol):
    """A part of the running bot that takes new settings."""

    def apply(self, settings: Settings) -> str:
        """Make them hold. What became different, in a few words with names and no values; empty when nothing did."""
        ...

    def taken(self, before: Settings, after: Settings) -> Settings:
        """`before` with what this part takes from `after`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where the settings come from."""

    path: Path
    read: Callable[[], Loaded]
    """Anew, all sources together. Raises SettingsError, also for what is missing."""
    redactor: Redactor
    """Of the log: it learns new secrets before anything can name them."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whoever wants it read now, such as SIGHUP; also secrets in files of their own are then read."""


Print = tuple[str, int, int, int]
"""What tells one state of the file from another: where it really is, and its number, time and size."""


class Reloader:
    """`appliers` take what they can; of the rest it is said that it takes a restart."""

    def __init__(self, source: Source, settings: Settings, appliers: Sequence[Applier]) -> None:
        self._source = source
        self._settings = settings
        """What holds."""
        self._appliers = appliers
        self._seen = _print_of(source.path)

    async def run(self) -> None:
        """Until cancelled."""
        found = await asyncio.to_thread(_read, self._source)
        if isinstance(found, SettingsError) or found.settings != self._settings:
            await self.reload()  # it was edited while the bot started
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._wait_for_requests())

    async def reload(self) -> None:
        """Read everything and make it hold, or say what is wrong with it in the words of the start."""
        self._seen = await asyncio.to_thread(_print_of, self._source.path)
        if self._seen is None:
            logger.warning("%s is gone; what was read before stays", self._source.path)
            return
        match await asyncio.to_thread(_read, self._source):
            case SettingsError(problems=problems):
                for problem in problems:
                    logger.error("%s", problem)
                logger.error(KEPT)
            case loaded:
                self._heed(loaded)

    def _heed(self, loaded: Loaded) -> None:
        self._source.redactor.learn(secrets_of(loaded.settings))
        for warning in loaded.warnings:
            logger.warning("%s", warning)
        self._take(loaded.settings)

    def _take(self, new: Settings) -> None:
        told: list[str] = []
        for applier in self._appliers:
            told += filter(None, [applier.apply(new)])
            self._settings = applier.taken(self._settings, new)
        holds, wanted = parts_of(self._settings), parts_of(new)
        rest = [name for name in wanted if holds[name] != wanted[name]]
        if rest:
            told.append(f"with the next start: {', '.join(f'[{name}]' for name in rest)}")
        logger.info("the configuration was read again; %s", "; ".join(told) or "nothing is different")

    async def _watch(self) -> None:
        async for _ in _changes(self._source.path):
            if await asyncio.to_thread(_print_of, self._source.path) != self._seen:
                await self.reload()

    async def _wait_for_requests(self) -> None:
        while True:
            await self._source.asked.wait()
            self._source.asked.clear()
            await self.reload()


def _read(source: Source) -> Loaded | SettingsError:
    try:
        return source.read()
    except SettingsError as error:
        return error


async def _changes(path: Path) -> AsyncGenerator[None]:
    """Whenever something may have happened to the file, and every few seconds."""
    while True:
        folders = await asyncio.to_thread(_folders, path)
        try:
            watching = awatch(
                *folders,
                watch_filter=None,
                debounce=GATHER_MILLISECONDS,
                step=STEP_MILLISECONDS,
                rust_timeout=LOOK_MILLISECONDS,
                yield_on_timeout=True,
                recursive=False,
                ignore_permission_denied=True,
            )
            async with contextlib.aclosing(watching):
                async for _ in watching:
                    yield
                    if await asyncio.to_thread(_folders, path) != folders:
                        break
        except OSError as error:  # a folder that went away between looking and watching, or too many watches
            logger.debug("the folder of the configuration cannot be watched: %s", error)
            await asyncio.sleep(LOOK_MILLISECONDS / 1000)
            yield


def _folders(path: Path) -> Sequence[Path]:
    """Where the file is, and where it is in truth, as far as these are there."""
    folders = {path.absolute().parent}
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: links in a circle
        folders.add(path.resolve().parent)
    return sorted(folder for folder in folders if folder.is_dir())


def _print_of(path: Path) -> Print | None:
    """None when it is not there, or cannot be seen."""
    try:
        real = path.resolve()
        state = real.stat()
    except (OSError, RuntimeError):
        return None
    return str(real), state.st_ino, state.st_mtime_ns, state.st_size
