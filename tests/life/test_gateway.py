"""A connection that breaks during answers: every mention, before, during and after, still gets one answer."""

import asyncio
from collections.abc import Callable

import pytest

from sandbox import Sandbox
from tests.life.house import House
from tests.life.model import Say, echo

pytestmark = pytest.mark.asyncio(loop_scope="module")


def dropped(box: Sandbox, bot: int) -> None:
    assert box.faults.drop_sockets(user_id=bot) == 1


def asked_to_reconnect(box: Sandbox, bot: int) -> None:
    assert box.faults.ask_to_reconnect(user_id=bot) == 1


def invalidated(box: Sandbox, bot: int) -> None:
    assert box.faults.invalidate_sessions(user_id=bot) == 1


def dropped_for_good(box: Sandbox, bot: int) -> None:
    box.faults.refuse_resumes(1)
    assert box.faults.drop_sockets(user_id=bot) == 1


@pytest.mark.parametrize("trouble", [dropped, asked_to_reconnect, invalidated, dropped_for_good])
@pytest.mark.timeout(90)
async def test_a_lost_connection_loses_no_mention(inhabited: House, trouble: Callable[[Sandbox, int], None]) -> None:
    gate, name = asyncio.Event(), trouble.__name__
    inhabited.model.on(f"during {name}", Say(["It began before the trouble", " and went on."], [gate]))
    during = await inhabited.mention("mia", "room-0", f"during {name}")
    await inhabited.reply(during, lambda text: text.startswith("It began"))

    trouble(inhabited.box, inhabited.bot_id)
    missed = await inhabited.mention("bob", "room-1", f"missed {name}")
    queued = await inhabited.mention("bob", "room-0", f"queued {name}")
    gate.set()

    await inhabited.answer(during, "It began before the trouble and went on.")
    await patiently(inhabited, missed, echo(f"missed {name}"))
    await patiently(inhabited, queued, echo(f"queued {name}"))
    await inhabited.after()
    assert [len(inhabited.answers(asked)) for asked in (during, missed, queued)] == [1, 1, 1]


async def patiently(house: House, asked: int, beginning: str) -> None:
    """discord.py waits up to several seconds before it comes back."""
    for _ in range(3):
        try:
            await house.reply(asked, lambda text: text.startswith(beginning))
        except AssertionError:
            continue
        return
    await house.reply(asked, lambda text: text.startswith(beginning))
