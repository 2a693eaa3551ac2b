"""Promising, listing, cancelling and forgetting reminders."""

import asyncio
import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from chat.ids import ChannelId, MessageId, UserId
from chat.people import Person
from reminders.store import closed_before
from reminders.values import Limits, ReminderError, Status
from tests.reminders.parts import ADA, BOB, GUILD, LINK, MovableClock, house, impatient


async def test_a_promised_reminder_is_listed_to_its_owner_only_soonest_first(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        later = await here.promise("later", 900)
        sooner = await here.promise("sooner", 60)

        assert list(await here.reminders.pending(ADA.id)) == [sooner, later]
        assert not await here.reminders.pending(BOB.id)


async def test_what_was_promised_is_there_after_a_restart_word_for_word(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.promise("🧘 drink\n`tea`; DROP TABLE reminders --", 60)
    async with house(tmp_path) as here:
        assert list(await here.reminders.pending(ADA.id)) == [made]


async def test_the_same_request_carried_out_twice_promises_once_even_when_it_is_past_by_then(tmp_path: Path) -> None:
    clock = MovableClock()
    async with house(tmp_path, clock) as here:
        first = await here.promise("x", 60, source_key="30/1/call/1")
        both = await asyncio.gather(*(here.promise("x", 60, source_key="30/1/call/2") for _ in range(5)))
        clock.moved = timedelta(minutes=5)
        again = await here.promise("x", -240, source_key="30/1/call/1")

        assert again == first
        assert len({reminder.id for reminder in both}) == 1
        assert len(await here.reminders.pending(ADA.id)) == 2


async def test_only_its_owner_can_cancel_a_reminder_and_twice_does_no_harm(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        reminder = await here.promise("x", 60)

        assert await here.reminders.cancel(reminder.id, BOB.id) is None
        assert await here.reminders.cancel("no-such", ADA.id) is None
        cancelled = await here.reminders.cancel(reminder.id, ADA.id)
        assert cancelled is not None
        assert (cancelled.status, cancelled.may_still_appear) == (Status.CANCELLED, False)
        assert await here.reminders.cancel(reminder.id, ADA.id) == cancelled
        assert not await here.reminders.pending(ADA.id)


async def test_withdrawing_a_request_cancels_what_it_made_and_nothing_else(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        mine = [await here.promise("x", 60, source_key=f"77/{n}") for n in range(2)]
        others = [await here.promise("x", 60, source_key=key) for key in ("777/1", "7/1", "76/77/1", "no id/77")]

        cancelled = await here.reminders.cancel_from(MessageId(77))
        assert {reminder.id for reminder in cancelled} == {reminder.id for reminder in mine}
        assert list(await here.reminders.pending(ADA.id)) == others
        assert not await here.reminders.cancel_from(MessageId(77))


async def test_forgetting_a_person_leaves_others_alone_and_says_how_many(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.reminders.cancel((await here.promise("a", 60)).id, ADA.id)
        await here.promise("b", 60)
        kept = await here.promise("c", 60, owner=BOB)

        assert await here.reminders.forget(ADA.id) == 2
        assert list(await here.reminders.upcoming()) == [kept]
        assert await here.reminders.forget_guild(GUILD) == 1
        assert not await here.reminders.upcoming(guild_id=GUILD)


async def test_the_operator_can_cancel_anybodys(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        reminder = await here.promise("x", 60)
        withdrawn = await here.reminders.withdraw(reminder.id)

        assert withdrawn is not None
        assert withdrawn.status is Status.CANCELLED
        assert await here.reminders.withdraw(reminder.id) is None


async def test_a_person_and_a_server_have_limits_which_cancelling_frees(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(per_person=2, per_guild=3)) as here:
        first = await here.promise("1", 60)
        await here.promise("2", 60)
        with pytest.raises(ReminderError, match="You have 2 reminders waiting already"):
            await here.promise("3", 60)
        await here.promise("3", 60, owner=BOB)
        with pytest.raises(ReminderError, match="This server has 3 reminders waiting already"):
            await here.promise("4", 60, owner=BOB)
        assert len(await here.reminders.upcoming()) == 3
        await here.reminders.cancel(first.id, ADA.id)
        await here.promise("4", 60, owner=BOB)


async def test_the_limit_of_a_person_holds_against_many_requests_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(per_person=5)) as here:
        tries = await asyncio.gather(*(here.promise(f"{n}", 60) for n in range(20)), return_exceptions=True)

        assert sum(isinstance(outcome, ReminderError) for outcome in tries) == 15
        assert len(await here.reminders.pending(ADA.id)) == 5


async def test_what_cannot_be_promised_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for text, seconds in (("", 60), ("x" * 1701, 60), ("x", -1), ("x", 86_400 * 366 * 5)):
            with pytest.raises(ReminderError):
                await here.promise(text, seconds)
        assert not await here.reminders.upcoming()


async def test_a_direct_message_has_no_server_and_the_biggest_ids_fit(tmp_path: Path) -> None:
    biggest = 2**63 - 1
    async with house(tmp_path) as here:
        made = await here.reminders.schedule(
            owner=Person(UserId(biggest), "Zoë 🦊"),
            guild_id=None,
            channel_id=ChannelId(biggest),
            text="x",
            when=here.clock() + timedelta(hours=1),
            source_key=f"{biggest}/1",
            request_link=LINK,
        )
        assert list(await here.reminders.pending(UserId(biggest))) == [made]
        assert list(await here.reminders.cancel_from(MessageId(biggest))) != []


async def test_a_locked_database_is_one_plain_sentence_and_the_log_keeps_the_text_private(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with house(tmp_path) as here:
        impatient(here)
        kept = await here.promise("first", 60)
        other = sqlite3.connect(tmp_path / "digmbot.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ReminderError, match="the database is busy or broken"):
            await here.promise("my secret", 60)
        other.execute("ROLLBACK")
        other.close()

        assert "database is locked" in caplog.text
        assert "my secret" not in caplog.text
        assert list(await here.reminders.pending(ADA.id)) == [kept]
        assert await here.promise("my secret", 60)


async def test_closed_reminders_are_dropped_after_a_while_and_open_ones_never(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.overdue("open", 86_400 * 400)
        done = await here.promise("done", 60, source_key="30/done")
        await here.reminders.cancel(done.id, ADA.id)

        assert await here.store.delete(closed_before(here.clock() - timedelta(days=30))) == 0
        assert await here.store.delete(closed_before(here.clock() + timedelta(days=1))) == 1
        assert [reminder.text for reminder in await here.reminders.upcoming()] == ["open"]
