"""A server's program never outlives the bot, and never keeps it from ending."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mcp_servers.outside import leash
from mcp_servers.outside.wishes import Program, ServerWish
from tests.mcp_servers.outside.house import links, plain, programs, until

HOLDER = """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # which who runs the tests may have had ignored
from tests.mcp_servers.outside.house import links, plain
async def main():
    async with links(plain()) as here:
        await here.up("plain")
        print("up", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
LEASHING = """
import os, subprocess, sys, time
leashed = [str(os.getpid()) if word == "PARENT" else word for word in sys.argv[1:]]
subprocess.Popen([sys.executable, *leashed], start_new_session=True)
time.sleep(60)
"""
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    open(sys.argv[1], "w").write(str(os.getpid()))
while True:
    time.sleep(1)
"""


def holding(script: str, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


async def gone(*found: psutil.Process) -> None:
    await until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in found), 10)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_killing_the_bot_takes_its_servers_along(how: signal.Signals) -> None:
    with holding(HOLDER) as holder:
        assert holder.stdout is not None
        assert await asyncio.to_thread(holder.stdout.readline) == b"up\n"
        below = psutil.Process(holder.pid).children(recursive=True)
        assert len(below) == 2  # the leash and the server
        holder.send_signal(how)
        await gone(*below)


async def test_a_stubborn_program_and_what_it_started_are_put_down_when_the_bot_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    leashed = [leash.__file__, "PARENT", sys.executable, "-c", STUBBORN, str(note)]
    with holding(LEASHING, *leashed) as holder:
        await until(lambda: note.exists() and note.read_text() != "")
        below = psutil.Process(holder.pid).children(recursive=True)
        assert psutil.Process(int(note.read_text())) in below
        holder.kill()
        await gone(*below)


async def test_a_program_that_does_not_want_to_end_is_left_all_the_same(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    stubborn = ServerWish("stubborn", Program(sys.executable, ("-c", STUBBORN, str(note))))
    async with links(stubborn, plain()) as here:
        await here.up("plain")
        await until(lambda: note.exists() and note.read_text() != "")
        left = psutil.Process(int(note.read_text()))
        start = time.monotonic()
    assert time.monotonic() - start < 30  # and not when it ends by itself
    await gone(left)
    assert not programs("plain.py")


def test_the_leash_ends_as_its_program_ends() -> None:
    def run(*command: str) -> int:
        leashed = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command]
        return subprocess.run(leashed, check=False, stderr=subprocess.DEVNULL, start_new_session=True).returncode

    assert run("true") == 0
    assert run(sys.executable, "-c", "raise SystemExit(7)") == 7
    assert run("no-such-program") == leash.NOT_FOUND


def test_the_leash_starts_nothing_for_a_parent_that_is_already_gone(tmp_path: Path) -> None:
    note = tmp_path / "note"
    leashed = [sys.executable, "-I", "-S", leash.__file__, "1", "touch", str(note)]
    assert subprocess.run(leashed, check=False, start_new_session=True).returncode == 1
    assert not note.exists()
