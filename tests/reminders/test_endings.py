"""What cancelling, stopping and crashing do to a reminder that is being said."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chat.ids import MessageId
from reminders.claims import Claims
from reminders.values import Reminder, Status
from tests.reminders.parts import ADA, BRISK, Channel, House, house, impatient, unreachable


async def test_a_cancelled_reminder_is_not_said(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel):
        reminder = await here.promise("no", 0.2)
        await here.reminders.cancel(reminder.id, ADA.id)
        await here.settled(await here.promise("marker", 0.4))

    assert list(channel.late) == ["marker"]


async def test_one_cancelled_while_it_is_said_is_recorded_as_said(tmp_path: Path) -> None:
    channel = Channel()
    channel.gate.clear()
    async with house(tmp_path) as here, here.ringing(channel):
        reminder = await here.promise("x", 0.05)
        await channel.until(lambda: channel.calls == 1)
        cancelled = await here.reminders.cancel(reminder.id, ADA.id)
        channel.gate.set()
        await here.settled(await here.promise("marker", 0.1))
        after = await here.now_of(reminder)

    assert cancelled is not None
    assert (cancelled.status, cancelled.may_still_appear) == (Status.CANCELLED, True)
    assert (after.status, after.delivered_message_id) == (Status.DELIVERED, channel.said[reminder.nonce])


async def test_one_cancelled_while_a_try_fails_is_not_tried_again(tmp_path: Path) -> None:
    channel = Channel()
    channel.gate.clear()
    channel.troubles = [unreachable()]
    async with house(tmp_path) as here, here.ringing(channel):
        reminder = await here.promise("x", 0.05)
        await channel.until(lambda: channel.calls == 1)
        await here.reminders.cancel(reminder.id, ADA.id)
        channel.gate.set()
        await here.settled(await here.promise("marker", 0.3))
        after = await here.now_of(reminder)

    assert (after.status, list(channel.late)) == (Status.CANCELLED, ["marker"])


async def test_one_forgotten_while_it_is_said_leaves_no_row(tmp_path: Path) -> None:
    channel = Channel()
    channel.gate.clear()
    async with house(tmp_path) as here:
        async with here.ringing(channel):
            reminder = await here.promise("x", 0.05)
            await channel.until(lambda: channel.calls == 1)
            assert await here.reminders.forget(ADA.id) == 1
            channel.gate.set()
        assert await here.store.get(reminder.id) is None


async def test_stopping_waits_for_a_running_delivery(tmp_path: Path) -> None:
    channel = Channel()
    channel.gate.clear()
    async with house(tmp_path) as here:
        async with here.ringing(channel):
            reminder = await here.promise("x", 0.05)
            await channel.until(lambda: channel.calls == 1)
            asyncio.get_running_loop().call_later(0.3, channel.gate.set)
        after = await here.now_of(reminder)

    assert (after.status, after.attempts) == (Status.DELIVERED, 1)


async def test_stopping_gives_up_on_a_stuck_delivery_and_the_next_start_says_it_at_once(tmp_path: Path) -> None:
    stuck, channel = Channel(), Channel()
    stuck.gate.clear()
    async with house(tmp_path) as here:
        async with here.ringing(stuck, replace(BRISK, grace=timedelta(seconds=0.1), lease=timedelta(hours=1))):
            reminder = await here.promise("x", 0.05)
            await stuck.until(lambda: stuck.calls == 1)
        assert (await here.now_of(reminder)).status is Status.PENDING
        async with here.ringing(channel):
            await here.settled(reminder)

    assert (channel.calls, channel.looked) == (1, 1)


async def test_what_a_dead_process_had_claimed_is_looked_for_and_said_when_the_lease_ends(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here:
        unsaid, said = await here.overdue("unsaid", 1), await here.overdue("said", 1)
        channel.said[said.nonce] = MessageId(77)
        await _claim_and_die(here)
        async with here.ringing(channel):
            assert (await here.settled(unsaid)).status is Status.DELIVERED
            assert (await here.settled(said)).delivered_message_id == 77

    assert (channel.calls, channel.looked) == (1, 2)


async def test_a_claim_that_was_taken_over_cannot_be_settled_by_its_first_holder(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        reminder = await here.overdue("x", 60)
        first, second = Claims(here.database, by="first"), Claims(here.database, by="second")
        assert [r.id for r in await _claim(here, first, timedelta(seconds=-1))] == [reminder.id]
        assert [r.attempts for r in await _claim(here, second, timedelta(minutes=1))] == [2]
        assert not await first.settle(reminder, message_id=MessageId(1), failure="", now=here.clock())
        assert not await first.put_back(reminder.id, "", here.clock())
        assert not await first.settle(reminder, message_id=None, failure="gone", now=here.clock())
        await first.let_go(here.clock())
        assert await second.settle(reminder, message_id=MessageId(2), failure="", now=here.clock())
        assert (await here.now_of(reminder)).delivered_message_id == 2


async def test_a_database_locked_by_another_process_delays_reminders_and_loses_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel()
    async with house(tmp_path) as here:
        impatient(here)
        due = await here.overdue("due", 60)
        other = sqlite3.connect(tmp_path / "digmbot.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with here.ringing(channel):
            await complaint("cannot be read or claimed", caplog)
            assert channel.calls == 0
            other.execute("ROLLBACK")
            channel.gate.clear()
            await channel.until(lambda: channel.calls == 1)
            other.execute("BEGIN IMMEDIATE")  # now the outcome cannot be written down
            channel.gate.set()
            await complaint("cannot be written yet", caplog)
            other.execute("ROLLBACK")
            await here.settled(due)
        other.close()
        due = await here.now_of(due)

    assert (due.status, channel.calls) == (Status.DELIVERED, 1)


async def complaint(words: str, caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(5):
        while words not in caplog.text:
            await asyncio.to_thread(int)


async def _claim(here: House, claims: Claims, lease: timedelta) -> list[Reminder]:
    now = here.clock()
    found = await claims.claim(now=now, until=now + lease, late_before=now, fresh=9, late=9, but_not=())
    return list(found)


async def _claim_and_die(here: House) -> None:
    assert len(await _claim(here, Claims(here.database, by="dead"), timedelta(seconds=0.5))) == 2
