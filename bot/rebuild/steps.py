"""Other programs, run for a while: git, make, the check of a new version."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mcp_servers.outside import leash

LEASH = leash.__file__
logger = logging.getLogger(__name__)

TOLD = 40  # lines of what a program that failed has said, at its end
LONGEST = 1 << 20


class StepFailed(Exception):  # noqa: N818 - what happened, and maybe no fault of ours
    """The end of a sentence that begins with what was done: `failed with exit code 2`."""


async def run(command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str], seconds: float) -> str:
    """Its standard output. It is killed with all it started when the time is over, when nobody waits any more, and when
    this process is gone.

    Raises StepFailed; what the program said of that is in the log.
    """
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        raise StepFailed(f"could not be started: there is no program {command[0]} here")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", LEASH, str(os.getpid()), program, *map(str, command[1:])),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            said, complained = await asyncio.gather(_read(process.stdout), _read(process.stderr))
            code = await process.wait()
    except TimeoutError:
        raise StepFailed(f"was not done within {seconds:g} seconds") from None
    finally:
        if process.returncode is None:
            _kill(process)
            await process.wait()
    if code:
        end = f"{said}\n{complained}".strip().splitlines()[-TOLD:]
        logger.warning("%s ended with %d and said:\n%s", Path(command[0]).name, code, "\n".join(end))
        raise StepFailed(f"failed with exit code {code}")
    return said


async def _read(pipe: asyncio.StreamReader | None) -> str:
    """All of it, of which the end is kept."""
    assert pipe is not None  # noqa: S101 - it was asked for
    kept = b""
    while piece := await pipe.read(65_536):
        kept = (kept + piece)[-LONGEST:]
    return kept.decode(errors="replace")


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
