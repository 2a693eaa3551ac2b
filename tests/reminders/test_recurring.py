"""Recurring reminders: each turn once, one catch-up after an absence, and the next turn is never lost."""

import asyncio
from datetime import timedelta
from pathlib import Path

from chat.ids import MessageId
from reminders.claims import Claims
from reminders.schedule import Cron, Every
from reminders.turns import MOST_FAILED_TURNS
from reminders.values import Reminder, Status
from tests.reminders.parts import ADA, Channel, House, MovableClock, house, refused, unreachable

HOUR = timedelta(hours=1)
HOURLY = Cron("0 * * * *", "UTC")


async def test_each_turn_is_said_with_a_nonce_of_its_own_and_tells_the_next(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("drink", Every(HOUR, clock()))
        for turn in (1, 2, 3):
            clock.moved += HOUR + timedelta(seconds=0.5)
            now = await here.in_turn(made, turn + 1)

    assert [occasion.reminder.turn for occasion in channel.occasions] == [1, 2, 3]
    assert len(channel.said) == 3
    assert [occasion.next_at for occasion in channel.occasions] == [made.due_at + n * HOUR for n in (1, 2, 3)]
    assert [occasion.late_by for occasion in channel.occasions] == [None] * 3
    assert (now.status, now.attempts, now.due_at) == (Status.PENDING, 0, made.due_at + 3 * HOUR)
    assert now.delivered_message_id == list(channel.said.values())[-1]


async def test_after_an_absence_there_is_one_catch_up_and_then_the_next_regular_time(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here:
        made = await here.plan("drink", Every(HOUR, clock()))
        clock.moved = 7 * HOUR + timedelta(minutes=20)
        async with here.ringing(channel):
            now = await here.in_turn(made, 2)
            await here.settled(await here.promise("marker", 0.3))

    caught_up, marker = channel.occasions
    assert caught_up.reminder.due_at == made.due_at + 6 * HOUR
    assert caught_up.late_by is not None
    assert round(caught_up.late_by.total_seconds() / 60) == 20
    assert now.due_at == made.due_at + 7 * HOUR
    assert marker.reminder.text == "marker"


async def test_it_ends_with_its_last_time(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("pill", Every(HOUR, clock(), count=2))
        clock.moved += HOUR
        await here.in_turn(made, 2)
        clock.moved += HOUR
        ended = await here.settled(made)

    assert ended.status is Status.DELIVERED
    assert [occasion.next_at is None for occasion in channel.occasions] == [False, True]


async def test_a_series_that_is_cancelled_while_a_turn_is_said_ends_there(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    channel.gate.clear()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("x", HOURLY)
        clock.moved += HOUR
        await channel.until(lambda: channel.calls == 1)
        await here.reminders.cancel(made.id, ADA.id)
        channel.gate.set()
        await here.settled(await here.promise("marker", 0.1))
        after = await here.now_of(made)

    assert (after.status, after.delivered_message_id) == (Status.CANCELLED, channel.said[made.nonce])
    assert not after.may_still_appear


async def test_a_crash_between_send_and_settle_neither_doubles_a_turn_nor_loses_the_next(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here:
        made = await here.plan("x", Every(HOUR, clock()))
        clock.moved += HOUR
        await _claim_and_die(here)
        channel.said[made.nonce] = MessageId(77)  # it was said, and nobody wrote it down
        clock.moved += 3 * HOUR
        async with here.ringing(channel):
            now = await here.in_turn(made, 3)

    assert [occasion.reminder.turn for occasion in channel.occasions] == [2]
    assert channel.occasions[0].reminder.due_at == made.due_at + 3 * HOUR
    assert now.due_at == made.due_at + 4 * HOUR


async def test_a_turn_that_fails_for_good_leaves_the_next_and_many_in_a_row_end_it(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    channel.troubles = [refused(), unreachable(), *(refused() for _ in range(MOST_FAILED_TURNS))]
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("x", Every(HOUR, clock()))
        for turn in range(1, MOST_FAILED_TURNS):
            clock.moved += HOUR
            now = await here.in_turn(made, turn + 1)
            assert (now.failed_turns, now.failure) == (turn, "the channel is gone")
        clock.moved += HOUR
        ended = await here.settled(made)

    assert (ended.status, ended.failure, channel.said) == (Status.FAILED, "the channel is gone", {})


async def test_many_that_missed_a_turn_are_caught_up_without_a_burst(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here:
        made = [await here.plan(f"r{n}", HOURLY) for n in range(30)]
        clock.moved += 5 * HOUR + timedelta(minutes=5)
        async with here.ringing(channel):
            start = asyncio.get_running_loop().time()
            for reminder in made:
                await here.in_turn(reminder, 2)
            took = asyncio.get_running_loop().time() - start

    assert took > 0.4
    assert len(channel.occasions) == 30


async def _claim_and_die(here: House) -> list[Reminder]:
    now = here.clock()
    lease = now + timedelta(seconds=0.3)
    dead = Claims(here.database, by="dead")
    return list(await dead.claim(now=now, until=lease, late_before=now, fresh=9, late=9, but_not=()))
