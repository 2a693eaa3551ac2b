"""This process, as one version of the program: it hands over to the version that is to run, and comes back from one
that does not get ready.

Handing over is `exec`: the process stays the same for whoever watches over it, a service manager or a terminal. Files
and locks are closed by it. A version that is tried is watched by itself; one that ends so hard that it cannot come back
is left for good by the next start, because that begins with the version that was there first.
"""

import contextlib
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import bot
from bot.rebuild.kept_database import KeptDatabase
from bot.rebuild.state import Phase, Release, State, StateFile
from storage.data_dir import DataDir
from storage.errors import StorageError

logger = logging.getLogger(__name__)

SOURCE = Path(bot.__file__).resolve().parent.parent
GIT_SECONDS = 30
CUT_OFF = "was not finished, because I was stopped while it was made"
ENDED = "ended before it was ready"
FAILED = "failed before it was ready (the log has more)"


def this_release() -> Release | None:
    """What runs here; None when that is no git checkout. Blocking."""
    if not (SOURCE / ".git").exists():
        return None
    command = ["git", "-C", str(SOURCE), "rev-parse", "--verify", "HEAD^{commit}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=True)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return None
    return Release(commit=done.stdout.strip(), folder=SOURCE, python=Path(sys.executable))


class Program:
    """What runs here and what is to run, for one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.files = StateFile(data_dir / "rebuild")
        self.here: Release | None = None
        """None when this is no git checkout. Known once `look` was called."""
        self.stop: Callable[[], None] | None = None
        """Ends the bot, so that another version can go on."""
        self._data_dir = data_dir
        self._kept = KeptDatabase(data_dir / "digmbot.db", self.files.folder / "database.kept")
        self._next: State | None = None

    @classmethod
    def begin(cls, data_dir: Path) -> "Program":
        """At the start of `digmbot run`. Does not return when another version is to run: this process becomes it."""
        program = cls(data_dir)
        state = program.files.read()
        if state is None:
            return program
        program.look()
        state = program._of_use(state)
        if state is not None and state.current.folder != SOURCE:
            try:
                hand_over(state.current)
            except OSError as error:
                logger.exception(
                    "version %s cannot be started (%s): what is here runs", state.current.short, error.strerror
                )
        return program

    def look(self) -> None:
        """Find out what this is. Blocking."""
        self.here = this_release()

    @contextmanager
    def guarded(self) -> Generator[None]:
        """Around the life of the bot: while this version is only tried, an error or too much time leads back."""
        state = self._trial()
        if state is None:
            yield
            return
        timer = threading.Timer(state.ready_seconds, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if self._trial():
                logger.exception("version %s cannot be run", state.target.short, exc_info=error)
                self._go_back(FAILED)
            raise
        finally:
            timer.cancel()

    def ready(self) -> None:
        """The bot is connected: if this version was only tried, it is the one to run from now on."""
        if self._trial():
            self.files.update(lambda state: state.model_copy(update={"phase": Phase.SETTLED}))
            self._kept.drop()

    def go_on_as(self, state: State) -> None:
        """End the bot, to become the target of `state` in `follow`."""
        self._next = state
        if self.stop:
            self.stop()

    def follow(self) -> None:
        """When the bot has ended: become the version that was asked for, if one was. Then it does not return."""
        if self._next is None:
            return
        state = self._next.model_copy(update={"phase": Phase.TRYING})
        try:
            self._kept.drop()
            if state.changes_database:
                self._kept.keep()
            self.files.write(state)
        except (OSError, sqlite3.Error):
            logger.exception("version %s is not tried: its database could not be kept", state.target.short)
            self._kept.drop()
            self.files.write(state.gone_back("was not tried, because there was no room to keep the database as it was"))
            hand_over(state.before)
        hand_over(state.target)

    def _trial(self) -> State | None:
        """The rebuild in which this version is tried; None when it is not."""
        state = self.files.read()
        return state if state and state.phase is Phase.TRYING and state.target.folder == SOURCE else None

    def _of_use(self, state: State) -> State | None:
        """What is written down, as far as it still holds. What was begun and has not come to an end never will."""
        here = self.here
        known = [state.origin, state.before, state.target]
        if here is None or not any((here.folder, here.commit) == (each.folder, each.commit) for each in known):
            logger.warning("%s is no version of the last rebuild: what is there now is run", SOURCE)
            self.files.forget()
            return None
        if not state.current.python.exists():
            logger.error("version %s is gone from %s: %s runs", state.current.short, state.current.folder, here.short)
            self.files.forget()
            return None
        if state.phase in {Phase.BUILDING, Phase.TRYING} and state.target.folder != SOURCE:
            return self._ended(state)
        return state

    def _ended(self, state: State) -> State | None:
        try:
            with DataDir(self._data_dir):  # another digmbot that has it may be the one in which this is going on
                if state.phase is Phase.TRYING:
                    self._kept.put_back()
                return self.files.update(lambda now: now.gone_back(CUT_OFF if now.phase is Phase.BUILDING else ENDED))
        except StorageError:
            return None

    def _too_late(self) -> None:
        if state := self._trial():
            logger.error("version %s was not ready within %g seconds", state.target.short, state.ready_seconds)
            self._go_back(f"was not ready within {state.ready_seconds:g} seconds")

    def _go_back(self, fault: str) -> None:
        """Does not return."""
        self._kept.put_back()
        state = self.files.update(lambda now: now.gone_back(fault))
        if state:
            hand_over(state.before)


def follow_current(data_dir: Path) -> None:
    """For all that is not `run`: carried out by the version that runs, which knows its database and its settings."""
    state = StateFile(data_dir / "rebuild").read()
    if state is None or state.phase in {Phase.BUILDING, Phase.TRYING} or state.current.folder == SOURCE:
        return
    here = this_release()
    if here and (here.folder, here.commit) == (state.origin.folder, state.origin.commit):
        with contextlib.suppress(OSError):
            hand_over(state.current)


def hand_over(release: Release) -> NoReturn:
    """This process becomes that version, with the same arguments. Raises OSError when it cannot be started."""
    logger.info("going on as version %s in %s", release.short, release.folder)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: a folder named bot where this was started must not be taken for the program.
    os.execv(release.python, [str(release.python), "-P", "-m", "bot.cli", *sys.argv[1:]])  # noqa: S606 - that is what it is for
