"""Reminders arrive: on time, late, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from chat.clock import utc_now
from reminders.delivery import Pace
from reminders.values import Status
from tests.reminders.parts import ADA, BOB, BRISK, Channel, MovableClock, house, refused, unreachable


async def test_a_reminder_arrives_when_it_is_due_and_is_not_called_late(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel):
        reminder = await here.promise("stretch", 0.3)
        await channel.until(lambda: bool(channel.said))
        late_by = utc_now() - reminder.due_at
        settled = await here.settled(reminder)

    assert timedelta() <= late_by < timedelta(seconds=1)
    assert channel.late == {"stretch": None}
    assert (settled.status, settled.delivered_message_id) == (Status.DELIVERED, channel.said[reminder.nonce])
    assert channel.looked == 0


async def test_one_made_for_sooner_rings_before_one_made_earlier_for_later(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel, Pace(sweep=timedelta(minutes=5))):
        await here.promise("next year", 86_400 * 365)
        await here.promise("later", 0.5)
        await here.promise("sooner", 0.1)
        await channel.until(lambda: len(channel.said) == 2)

    assert list(channel.late) == ["sooner", "later"]


async def test_what_came_due_while_the_bot_was_away_is_said_at_once_and_marked_late(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here:
        await here.overdue("tea", 720)
        async with here.ringing(channel):
            await channel.until(lambda: bool(channel.said))

    assert round((channel.late["tea"] or timedelta()).total_seconds() / 60) == 12


async def test_after_a_long_absence_overdue_ones_are_spread_and_punctual_ones_do_not_queue_behind(
    tmp_path: Path,
) -> None:
    channel = Channel()
    async with house(tmp_path) as here:
        for n in range(30):
            await here.overdue(f"old {n:02}", 7200 - n)
        async with here.ringing(channel, Pace(catch_up_per_second=10)):
            start = asyncio.get_running_loop().time()
            await here.promise("fresh", 0.3)
            await channel.until(lambda: "fresh" in channel.late)
            before_fresh = len(channel.said)
            await channel.until(lambda: len(channel.said) == 31)
            took = asyncio.get_running_loop().time() - start

    assert before_fresh < 20
    assert took > 1.5
    assert [text for text in channel.late if text != "fresh"] == [f"old {n:02}" for n in range(30)]


async def test_two_clocks_on_one_database_say_each_reminder_once(tmp_path: Path) -> None:
    one, other = Channel(), Channel()
    async with house(tmp_path) as here, house(tmp_path) as there, here.ringing(one), there.ringing(other):
        made = [await here.promise(f"r{n}", 0.2) for n in range(40)]
        for reminder in made:
            assert (await here.settled(reminder)).status is Status.DELIVERED

    assert one.calls + other.calls == 40
    assert not one.said.keys() & other.said.keys()


async def test_a_passing_trouble_is_tried_again_and_the_channel_is_looked_at_first(tmp_path: Path) -> None:
    channel = Channel()
    channel.troubles = [unreachable(), RuntimeError("a bug"), TimeoutError()]
    async with house(tmp_path) as here, here.ringing(channel):
        settled = await here.settled(await here.promise("x", 0.05))

    assert (settled.status, settled.attempts, settled.failure) == (Status.DELIVERED, 4, "")
    assert (channel.calls, channel.looked) == (4, 3)


async def test_tries_end_and_the_reason_is_kept(tmp_path: Path) -> None:
    channel = Channel()
    channel.troubles = [unreachable() for _ in range(9)]
    async with house(tmp_path) as here, here.ringing(channel):
        settled = await here.settled(await here.promise("x", 0.05))

    assert (settled.status, settled.failure, channel.calls) == (Status.FAILED, "Discord does not answer", BRISK.tries)
    assert settled.closed_at is not None


async def test_a_refusal_for_good_is_not_repeated_and_does_not_hold_up_others(tmp_path: Path) -> None:
    channel = Channel()
    channel.troubles = [refused()]
    async with house(tmp_path) as here, here.ringing(channel):
        first = await here.settled(await here.promise("to a gone channel", 0.05))
        second = await here.settled(await here.promise("fine", 0.05, owner=BOB))

    assert (first.status, first.failure) == (Status.FAILED, "the channel is gone")
    assert (second.status, channel.calls) == (Status.DELIVERED, 2)


async def test_a_delivery_that_hangs_is_cut_off_and_tried_again(tmp_path: Path) -> None:
    channel = Channel()
    channel.gate.clear()
    pace = Pace(delivery_limit=timedelta(seconds=0.1), first_wait=timedelta(seconds=0.05))
    async with house(tmp_path) as here, here.ringing(channel, pace):
        reminder = await here.promise("x", 0.05)
        await channel.until(lambda: channel.calls >= 2)
        channel.gate.set()
        settled = await here.settled(reminder)

    assert settled.status is Status.DELIVERED


async def test_a_slow_delivery_outlives_its_lease_without_being_said_by_another(tmp_path: Path) -> None:
    slow, other = Channel(), Channel()
    slow.gate.clear()
    full = replace(BRISK, at_once=1)
    async with house(tmp_path) as here, house(tmp_path) as there, here.ringing(slow, full):
        reminder = await here.promise("x", 0.05)
        await slow.until(lambda: slow.calls == 1)
        async with there.ringing(other):
            await there.promise("three leases later", 3 * BRISK.lease.total_seconds(), source_key="31/1")
            await other.until(lambda: bool(other.said))
        slow.gate.set()
        settled = await here.settled(reminder)

    assert settled.attempts == 1
    assert (list(other.late), other.calls, other.looked) == (["three leases later"], 1, 0)


async def test_the_clock_set_forward_an_hour_is_noticed_at_the_next_sweep(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        await here.promise("in an hour", 3600)
        await clock.read_again(20)  # the alarm is set for an hour from now, and nothing else will ring
        clock.moved = timedelta(hours=1, seconds=1)
        await channel.until(lambda: bool(channel.said))

    assert channel.late == {"in an hour": None}


async def test_the_clock_set_back_an_hour_delays_what_is_due_by_clock_but_no_retry(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    channel.troubles = [unreachable()]
    pace = Pace(
        first_wait=timedelta(minutes=10),
        longest_wait=timedelta(seconds=0.3),
        sweep=timedelta(seconds=0.1),
        lease=timedelta(seconds=0.3),
    )
    async with house(tmp_path, clock) as here, here.ringing(channel, pace):
        retried = await here.promise("retried", 0.05)
        waiting = await here.promise("waiting", 1)
        await channel.until(lambda: channel.calls == 1)
        clock.moved = -timedelta(hours=1)
        assert (await here.settled(retried)).status is Status.DELIVERED
        await here.settled(await here.promise("marker", 1.2))
        assert (await here.now_of(waiting)).status is Status.PENDING


async def test_reminders_made_by_another_process_are_found_by_the_sweep(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as bot, bot.ringing(channel), house(tmp_path) as other:
        settled = await other.settled(await other.promise("from the command line", 0.05))

    assert settled.status is Status.DELIVERED
    assert settled.owner == ADA
