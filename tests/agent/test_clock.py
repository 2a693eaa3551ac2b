"""The time of a turn stands still while a person decides, and not for ever."""

import asyncio

import pytest

from agent.clock import TurnClock


async def wait(seconds: float) -> None:
    with_nobody: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(seconds):
            await with_nobody
    except TimeoutError:
        return


async def test_waiting_for_people_does_not_count() -> None:
    async with TurnClock(0.2) as clock:
        with clock.paused(), clock.paused():
            await wait(0.3)
        assert clock.elapsed() < 0.15


async def too_long(clock: TurnClock, *, paused: float, after: float) -> None:
    async with clock:
        with clock.paused():
            await wait(paused)
        await wait(after)


async def test_it_ends_when_its_own_time_is_up() -> None:
    clock = TurnClock(0.05)
    with pytest.raises(TimeoutError):
        await too_long(clock, paused=0.05, after=10)

    assert clock.expired()


async def test_people_are_not_waited_for_without_end() -> None:
    clock = TurnClock(0.05, most_paused=0.1)
    with pytest.raises(TimeoutError):
        await too_long(clock, paused=10, after=0)

    assert clock.elapsed() < 5
