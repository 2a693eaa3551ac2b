"""A version, made ready to run: laid out, installed into an environment of its own, and checked."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.rebuild.checkout import CannotRebuild, Checkout
from bot.rebuild.state import Release
from bot.rebuild.steps import StepFailed, run
from bot.settings.environment import PATH_VARIABLE
from storage.migrations import known_revisions

INSTALL_SECONDS = 1800.0
CHECK_SECONDS = 900.0
LOOK_SECONDS = 60.0
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
"""What must not reach the new version's environment from the one that `make run` and this program live in."""
REVISIONS = Path("storage/migrations/versions")


async def build(checkout: Checkout, release: Release, *, check: Sequence[str], config: Path | None) -> None:
    """Make all that is said of `release` true; nothing runs of it then. `config`: the file that it is checked with.

    Raises CannotRebuild.
    """
    short = release.short
    try:
        await checkout.lay_out(release.commit, release.folder)
    except StepFailed as error:
        raise CannotRebuild(f"Laying out {short} {error}; I go on as I was.") from None
    try:
        await _installed(release)
    except StepFailed as error:
        raise CannotRebuild(f"Installing {short} {error}; I go on as I was. The log has more.") from None
    try:
        await _checked(release, check, config)
    except StepFailed as error:
        raise CannotRebuild(f"The check of {short} {error}; I go on as I was. The log has more.") from None


def changes_the_database(folder: Path) -> bool:
    """Whether the version there knows other revisions of the database than this program, or has them elsewhere."""
    names = [path.name for path in (folder / REVISIONS).glob("[0-9]*.py")]
    return sorted(name[:4] for name in names) != known_revisions()


async def _installed(release: Release) -> None:
    environment = _environment({name: value for name, value in os.environ.items() if not name.startswith("DIGMBOT_")})
    command = ["make", "install", f"PYTHON={sys.executable}"]
    await run(command, folder=release.folder, environment=environment, seconds=INSTALL_SECONDS)
    # -P: what counts is what the environment has, not what lies in the folder.
    where = [release.python, "-P", "-c", "import bot; print(bot.__file__)"]
    found = Path((await run(where, folder=release.folder, environment=environment, seconds=LOOK_SECONDS)).strip())
    if not await asyncio.to_thread(_is_within, found, release.folder):
        raise StepFailed("made an environment that runs another version")


async def _checked(release: Release, check: Sequence[str], config: Path | None) -> None:
    environment = _environment(os.environ)
    environment["PATH"] = os.pathsep.join([str(release.python.parent), environment.get("PATH", os.defpath)])
    if config:
        environment[PATH_VARIABLE] = str(config)
    await run(check, folder=release.folder, environment=environment, seconds=CHECK_SECONDS)


def _is_within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _environment(of: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in of.items() if name not in OF_MAKE}
