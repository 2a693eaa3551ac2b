"""The process that searches by meaning: it comes back when it dies, ends with the bot, and takes nothing with it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from memory.apart import Apart, EndedError
from memory.meaning import Meaning
from memory.opening import OpenMemory
from tests.memory.parts import complete, found, message, opened, vector_ids


class Ledger:
    """Something to be served."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, number: int) -> int:
        self.total += number
        return self.total

    def fail(self, why: str) -> None:
        raise LookupError(why)

    def fail_oddly(self) -> None:
        class OddError(Exception):
            """Nobody else can make one of these."""

        raise OddError("odd")

    def wait_for(self, path: Path) -> bool:
        for _ in range(500):
            if path.exists():
                return True
            time.sleep(0.01)
        return False

    def close(self) -> None:
        pass


def cannot() -> Ledger:
    raise ValueError("no ledger today")


def nothing() -> None: ...


def ledger() -> Apart[Ledger]:
    return Apart[Ledger](ended=nothing)


async def test_it_answers_and_raises_what_was_raised_there() -> None:
    apart = ledger()
    try:
        await apart.make(Ledger)
        assert [await apart.change(Ledger.add, n) for n in (1, 2)] == [1, 3]
        with pytest.raises(LookupError, match="because") as raised:
            await apart.ask(Ledger.fail, "because")
        assert "in fail" in raised.value.__notes__[0]
        with pytest.raises(RuntimeError, match="OddError: odd"):
            await apart.ask(Ledger.fail_oddly)
        assert await apart.ask(Ledger.add, 0) == 3
    finally:
        apart.close()
    assert not psutil.pid_exists(apart.pid)


async def test_what_cannot_be_made_or_sent_is_an_error_here() -> None:
    apart = ledger()
    try:
        with pytest.raises(ValueError, match="no ledger today"):
            await apart.make(cannot)
    finally:
        apart.close()


async def test_questions_do_not_wait_for_a_change(tmp_path: Path) -> None:
    apart = ledger()
    try:
        await apart.make(Ledger)
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            change = tasks.create_task(apart.change(Ledger.wait_for, tmp_path / "now"))
            assert await apart.ask(Ledger.add, 1) == 1
            assert not change.done()
            (tmp_path / "now").touch()
        assert change.result()
    finally:
        apart.close()


async def test_closed_while_it_is_being_made_it_is_gone_at_once() -> None:
    apart = ledger()
    making = asyncio.create_task(apart.make(Ledger))
    await asyncio.to_thread(apart.close)

    await asyncio.gather(making, return_exceptions=True)
    assert not psutil.pid_exists(apart.pid)


async def test_a_call_under_way_is_told_when_the_process_is_killed(tmp_path: Path) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    apart = Apart[Ledger](ended=lambda: loop.call_soon_threadsafe(ended.set))
    try:
        await apart.make(Ledger)
        asked = asyncio.create_task(apart.ask(Ledger.wait_for, tmp_path / "never"))
        await apart.change(Ledger.add, 1)
        os.kill(apart.pid, signal.SIGKILL)

        async with asyncio.timeout(5):
            with pytest.raises(EndedError):
                await asked
            await ended.wait()
        with pytest.raises(EndedError):
            await apart.change(Ledger.add, 1)
    finally:
        apart.close()


async def test_killed_it_comes_back_and_has_lost_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        await memory.archive.archive_many([message(n, f"flamingo {n}") for n in range(600)])
        first = await awake(memory)
        os.kill(first.process, signal.SIGKILL)  # in the midst of indexing
        await memory.archive.archive(message(601, "we migrate on Thursday"))
        assert (await found(memory, "migrating"))[0] == "we migrate on Thursday"

        await complete(memory)

        assert len(await vector_ids(memory)) == 601
        second = await awake(memory)
        assert second.process != first.process
        assert await found(memory, "immigrants") != []


async def test_signals_for_everybody_do_not_reach_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as memory:
        meaning = await awake(memory)
        assert os.getsid(meaning.process) != os.getsid(0)
        for each in (signal.SIGINT, signal.SIGTERM):
            os.kill(meaning.process, each)
        await memory.archive.archive(message(1, "still here"))
        await memory.settled()
        assert await awake(memory) is meaning


async def test_it_ends_when_the_bot_is_killed(tmp_path: Path) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.memory.mortal", str(tmp_path), "0", stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout is not None
    async with asyncio.timeout(30):
        await bot.stdout.readline()
    [child] = psutil.Process(bot.pid).children()

    bot.kill()
    await bot.wait()

    await asyncio.to_thread(child.wait, 5)


async def test_the_bot_itself_carries_neither_chroma_nor_onnxruntime() -> None:
    code = "import sys, bot.app; print([m for m in ('chromadb', 'onnxruntime', 'tokenizers') if m in sys.modules])"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    said, _ = await asked.communicate()
    assert said.decode().strip() == "[]"


async def awake(memory: OpenMemory) -> Meaning:
    async with asyncio.timeout(5):
        while memory.door.now is None:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    return memory.door.now
