"""What git knows: which version this is, what is newer, and a folder with any of them."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.rebuild.steps import StepFailed, run

FETCH_SECONDS = 300.0
LOOK_SECONDS = 60.0
FOUND = "refs/digmbot/rebuild"
"""Where what was fetched is kept, apart from anybody's branches."""
TOLD = 10
LONGEST_SUBJECT = 100


class CannotRebuild(Exception):  # noqa: N818 - what happened, and no fault
    """There is nothing to rebuild, or it may not be: one sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Newer:
    """A version that can be had by a fast-forward."""

    commit: str
    count: int
    """Of the commits between."""
    subjects: Sequence[str]
    """Their first lines, newest first: the newest ones."""


class Checkout:
    """The git checkout that a program runs from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def remote(self, name: str) -> str:
        """Its address. Raises StepFailed when there is none of this name."""
        return await self._git("remote", "get-url", "--", name)

    async def newer(self, than: str, remote: str, branch: str) -> Newer:
        """What `branch` of `remote` has beyond `than`.

        Raises CannotRebuild when there is nothing, when it is no fast-forward, or when it cannot be found out.
        """
        where = f"{remote}/{branch}"
        await self._refuse_changes()
        try:
            refs = f"+refs/heads/{branch}:{FOUND}"
            await self._git("fetch", "--no-tags", "--force", "--", remote, refs, seconds=FETCH_SECONDS)
        except StepFailed as error:
            raise CannotRebuild(f"Fetching {where} {error}; nothing has changed.") from None
        try:
            return await self._compared(than, where)
        except StepFailed as error:
            raise CannotRebuild(f"Comparing with {where} {error}; nothing has changed.") from None

    async def lay_out(self, commit: str, folder: Path) -> None:
        """A folder with this version, in the place of what was there. Raises StepFailed."""
        await self.remove(folder)
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._git("worktree", "add", "--force", "--detach", "--", str(folder), commit)

    async def remove(self, folder: Path) -> None:
        """A folder that was laid out, whole or not. Raises StepFailed."""
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await self._git("worktree", "prune")

    async def _refuse_changes(self) -> None:
        try:
            changed = await self._git("status", "--porcelain", "--untracked-files=no")
        except StepFailed as error:
            raise CannotRebuild(f"Looking at my own source {error}; nothing has changed.") from None
        if changed:
            raise CannotRebuild("My source has changes that are not committed, and a rebuild would run without them.")

    async def _compared(self, than: str, where: str) -> Newer:
        found = await self._git("rev-parse", "--verify", f"{FOUND}^{{commit}}")
        if found == than:
            raise CannotRebuild(f"I am the newest version already: {where} is at {found[:10]}, and so am I.")
        common = await self._common(than, found)
        if common == found:
            raise CannotRebuild(f"{where} is at {found[:10]}, which is older than what I run ({than[:10]}).")
        if common != than:
            raise CannotRebuild(f"{where} ({found[:10]}) has diverged from what I run ({than[:10]}), so I stay.")
        count = int(await self._git("rev-list", "--count", f"{than}..{found}"))
        subjects = await self._git("log", f"--max-count={TOLD}", "--format=%s", f"{than}..{found}")
        return Newer(found, count, [line[:LONGEST_SUBJECT] for line in subjects.splitlines()])

    async def _common(self, one: str, other: str) -> str:
        """Where both come from; empty when they have nothing in common."""
        try:
            return await self._git("merge-base", one, other)
        except StepFailed:
            return ""

    async def _git(self, *arguments: str, seconds: float = LOOK_SECONDS) -> str:
        # Nobody is there to be asked for a password, and no other repository's variables count here.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DIGMBOT_"))}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        said = await run(["git", *arguments], folder=self.folder, environment=environment, seconds=seconds)
        return said.strip()
