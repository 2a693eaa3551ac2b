"""A rebuild, from the wish of an owner to the moment when the bot ends to go on as its new version."""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.rebuild.building import build, changes_the_database
from bot.rebuild.checkout import CannotRebuild, Checkout, Newer
from bot.rebuild.program import Program
from bot.rebuild.state import Phase, Place, Release, State
from bot.settings.model import Settings
from bot.settings.plugins import Rebuild

logger = logging.getLogger(__name__)


Tell = Callable[[str], Awaitable[None]]
"""Says something where the rebuild was asked for; never raises."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    newer: Newer
    place: Place
    tell: Tell


class Rebuilder:
    """Carries out one wish at a time."""

    def __init__(self, wishes: Rebuild, program: Program, *, config: Path | None, elsewhere: bool) -> None:
        """`config`: the file to check a new version with. `elsewhere`: whether the database is no file of ours."""
        self._wishes = wishes
        self._program = program
        self._config = config.absolute() if config else None  # it is checked from another folder
        self._elsewhere = elsewhere
        self._waiting: asyncio.Queue[_Wanted] = asyncio.Queue()
        self._busy = False

    async def begin(self, place: Place, tell: Tell) -> str:
        """Look whether there is something newer, and if so begin to make it. What to say of it at once.

        Raises CannotRebuild.
        """
        if self._busy:
            raise CannotRebuild("I am being rebuilt already; how it goes is said where that was asked for.")
        self._busy = True
        try:
            remote, branch = self._wishes.remote, self._wishes.branch
            here = self._here()
            newer = await Checkout(here.folder).newer(here.commit, remote, branch)
            self._waiting.put_nowait(_Wanted(newer, place, tell))
        except BaseException:
            self._busy = False
            raise
        return f"{remote}/{branch} has {_commits(newer)}I build and check {newer.commit[:10]} now."

    async def run(self) -> None:
        """Until cancelled, or the bot ends to go on as another version. What is under way is told at the next start."""
        while True:
            wanted = await self._waiting.get()
            try:
                state = await self._made(wanted)
            except CannotRebuild as error:
                await wanted.tell(str(error))
            except OSError as error:
                logger.exception("the rebuild failed")
                await wanted.tell(f"The rebuild failed ({error.strerror or type(error).__name__}); I go on as I was.")
            else:
                short = state.target.short
                await wanted.tell(f"{short} is built and checked. I restart as it, and say here when I am back.")
                self._program.go_on_as(state)
                return
            self._busy = False

    def connected(self) -> tuple[Place, str] | None:
        """The bot has come up as this version. What is to be told of the last rebuild, and where; then call `told`."""
        self._program.ready()
        state = self._program.files.read()
        if state is None or state.asked is None:
            return None
        match state.phase:
            case Phase.SETTLED:
                return state.asked, f"Rebuilt: I run {state.target.short} now; before it was {state.before.short}."
            case Phase.BACK:
                return state.asked, f"{state.target.short} {state.fault}, so I run {state.before.short} again."
            case _:
                return None

    def told(self) -> None:
        self._program.files.update(lambda state: state.model_copy(update={"asked": None}))

    def _here(self) -> Release:
        if self._program.here is None:
            raise CannotRebuild("I do not run from a git checkout, so there is nothing to rebuild from.")
        return self._program.here

    async def _made(self, wanted: _Wanted) -> State:
        """Built and checked, and nothing runs of it yet."""
        here, commit = self._here(), wanted.newer.commit
        former = self._program.files.read()
        try:
            state = await asyncio.to_thread(self._begun, here, commit, former, wanted.place)
            await build(Checkout(here.folder), state.target, check=self._wishes.check, config=self._config)
            changes = changes_the_database(state.target.folder)
            self._refuse(state.target, changes=changes)
        except (CannotRebuild, OSError):
            self._put_back(former)
            raise
        return state.model_copy(update={"changes_database": changes})

    def _begun(self, here: Release, commit: str, former: State | None, place: Place) -> State:
        """Written down, so that the next start knows of it if this process ends."""
        folder = self._program.files.folder / commit[:16]
        self._clear(here)
        state = State(
            phase=Phase.BUILDING,
            origin=former.origin if former else here,
            before=here,
            target=Release(commit=commit, folder=folder, python=folder / ".venv/bin/python"),
            ready_seconds=self._wishes.ready_seconds,
            asked=place,
        )
        self._program.files.write(state)
        return state

    def _refuse(self, target: Release, *, changes: bool) -> None:
        if changes and self._elsewhere:
            raise CannotRebuild(
                f"{target.short} changes the database, which I could only take back in a file of my own; "
                "keep a copy of it and update me by hand."
            )

    def _put_back(self, former: State | None) -> None:
        if former:
            self._program.files.write(former.model_copy(update={"asked": None}))
        else:
            self._program.files.forget()

    def _clear(self, here: Release) -> None:
        """Take away what was built before, but not what runs."""
        folder = self._program.files.folder
        for old in folder.iterdir() if folder.is_dir() else ():
            if old.is_dir() and old != here.folder:
                shutil.rmtree(old, ignore_errors=True)


def _commits(newer: Newer) -> str:
    """How many, and what they say."""
    lines = "".join(f"\n• {subject}" for subject in newer.subjects)
    rest = newer.count - len(newer.subjects)
    more = f"\n… and {rest} more" if rest else ""
    return f"{newer.count} new {'commit' if newer.count == 1 else 'commits'}:{lines}{more}\n"


async def open_rebuilder(settings: Settings, program: Program | None, config: Path | None) -> Rebuilder | None:
    """None where the operator does not want it."""
    if program is None or not settings.rebuild.enabled:
        return None
    await asyncio.to_thread(program.look)
    return Rebuilder(settings.rebuild, program, config=config, elsewhere=settings.storage.url is not None)
