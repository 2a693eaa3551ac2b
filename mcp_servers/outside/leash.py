"""Starts a server's program, and takes it along when the process that wanted it is gone, also by `kill -9`.

Run as a file of its own, with nothing but the standard library: `python -I -S leash.py PARENT COMMAND [ARG …]`, as the
leader of a process group. It keeps none of the program's streams open, waits, and ends as the program ended.

Linux tells a process that its parent has died (PR_SET_PDEATHSIG), but forgets to do so for grandchildren, and means the
parent's thread rather than its process; so the signal comes here, where the parent is looked for before the whole
group is put down. Elsewhere the parent is looked for once a second.
"""

import ctypes
import os
import signal
import sys
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h
GRACE_SECONDS = 1.0  # of the two that the mcp library waits between asking a group to end and killing it
NOT_FOUND = 127
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def main(parent: int, command: list[str]) -> int:
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    seconds = 5.0 if _hear_of_death() else 1.0

    def kill_the_group_if_orphaned(_signal: int, _frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)

    def kill_the_group(_signal: int, _frame: FrameType | None) -> None:
        os.killpg(0, signal.SIGKILL)

    def end_the_group_soon(_signal: int, _frame: FrameType | None) -> None:
        """The whole group got this signal; who has not ended in a moment is ended."""
        signal.signal(signal.SIGALRM, kill_the_group)
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)

    signal.signal(signal.SIGUSR1, kill_the_group_if_orphaned)
    signal.signal(signal.SIGALRM, kill_the_group_if_orphaned)
    signal.signal(signal.SIGTERM, end_the_group_soon)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    if os.getppid() != parent:
        return 1
    try:
        child = os.posix_spawnp(command[0], command, os.environ, setsigdef=IGNORED_BY_PYTHON)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return NOT_FOUND
    _let_go_of_streams()
    _, status = os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    os.killpg(0, signal.SIGTERM)  # what it started and left behind
    return os.waitstatus_to_exitcode(status) % 256


def _hear_of_death() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGUSR1), 0, 0, 0) == 0


def _let_go_of_streams() -> None:
    """So that whoever reads from the program sees its end, and the program the end of whoever writes to it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
