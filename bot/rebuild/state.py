"""Which version is to run, written down: it must survive whatever happens to the one that is tried."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

logger = logging.getLogger(__name__)


class Release(BaseModel):
    """One version of the program: a git checkout with the environment that runs it."""

    model_config = ConfigDict(frozen=True)

    commit: str
    """The whole object id."""
    folder: Path
    python: Path
    """The interpreter of its environment."""

    @property
    def short(self) -> str:
        return self.commit[:10]


class Place(BaseModel):
    """Where somebody asked for it."""

    model_config = ConfigDict(frozen=True)

    channel_id: int
    request_id: int


class Phase(StrEnum):
    """How far a rebuild has come."""

    BUILDING = auto()
    """The new version is made and checked beside the running one."""
    TRYING = auto()
    """The new version was started and is not ready yet."""
    SETTLED = auto()
    """The new version was ready once, and is the one to run."""
    BACK = auto()
    """It came to nothing, and the version before is the one to run."""


class State(BaseModel):
    """The last rebuild."""

    model_config = ConfigDict(frozen=True)

    phase: Phase
    origin: Release
    """What is started from outside, by hand or by a service manager. It hands over to the one that is to run."""
    before: Release
    """What ran when the rebuild began."""
    target: Release
    ready_seconds: float
    """How long the new version may take to be connected."""
    changes_database: bool = True
    """Whether the new version may change the database, so that it is kept as it was."""
    asked: Place | None = None
    """Whom it is still to be told how it went."""
    fault: str = ""
    """Why it came to nothing: the end of a sentence."""

    @property
    def current(self) -> Release:
        """The version that is to run."""
        return self.target if self.phase in {Phase.TRYING, Phase.SETTLED} else self.before

    def gone_back(self, fault: str) -> "State":
        return self.model_copy(update={"phase": Phase.BACK, "fault": fault})


@dataclass(frozen=True, slots=True)
class StateFile:
    """The state of one data directory."""

    folder: Path
    """Below it are also the versions that were built."""

    @property
    def path(self) -> Path:
        return self.folder / "state.json"

    def read(self) -> State | None:
        """None when there was no rebuild, or what was written of it makes no sense (that is logged)."""
        try:
            return State.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            logger.error("%s cannot be read (%s): the version at hand is run", self.path, type(error).__name__)  # noqa: TRY400 - a sentence says it all
            return None

    def write(self, state: State) -> None:
        """All or nothing, and on the disk when it returns. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(state.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def update(self, change: Callable[[State], State]) -> State | None:
        """What was made of the present state; None where there is none. Raises OSError."""
        state = self.read()
        if state is None:
            return None
        changed = change(state)
        if changed != state:
            self.write(changed)
        return changed

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
