"""Editing, snoozing, acknowledging; the zones of people; what managers see."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, update

from chat.ids import GuildId
from reminders.claims import Claims
from reminders.retiming import retime
from reminders.schedule import Cron, Every, Once
from reminders.tables import reminders
from reminders.values import Limits, ReminderError, Status
from tests.reminders.parts import ADA, BOB, GUILD, Channel, House, MovableClock, house, unreachable

HOUR = timedelta(hours=1)
DAILY = Cron("0 9 * * *", "Europe/Berlin")


async def test_text_and_time_can_be_changed_and_only_by_its_owner(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel):
        made = await here.promise("tae", 3600)
        assert await here.reminders.edit(made.id, BOB.id, text="x") is None
        renamed = await here.reminders.edit(made.id, ADA.id, text="tea")
        assert renamed is not None
        assert (renamed.text, renamed.due_at) == ("tea", made.due_at)
        await here.reminders.edit(made.id, ADA.id, when=here.clock() + timedelta(seconds=0.1))
        await here.settled(made)

    assert list(channel.late) == ["tea"]


async def test_once_may_become_daily_and_daily_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.promise("x", 3600)
        daily = await here.reminders.edit(made.id, ADA.id, when=DAILY)
        assert daily is not None
        assert (daily.schedule, daily.zone, daily.due_at.astimezone(ZoneInfo("Europe/Berlin")).hour) == (
            DAILY,
            "Europe/Berlin",
            9,
        )
        assert list(await here.reminders.pending(ADA.id)) == [daily]
        once = await here.reminders.edit(made.id, ADA.id, when=here.clock() + HOUR)
        assert once is not None
        assert (once.schedule, once.zone) == (None, None)


async def test_what_cannot_be_changed_says_why_and_stays(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.promise("x", 3600)
        with pytest.raises(ReminderError, match="in the past"):
            await here.reminders.edit(made.id, ADA.id, when=here.clock() - HOUR)
        with pytest.raises(ReminderError, match="needs a text"):
            await here.reminders.edit(made.id, ADA.id, text=" ")
        with pytest.raises(ReminderError, match="not delivered yet"):
            await here.reminders.snooze(made.id, ADA.id, here.clock() + HOUR)
        assert list(await here.reminders.pending(ADA.id)) == [made]
        await here.reminders.cancel(made.id, ADA.id)
        with pytest.raises(ReminderError, match="it was cancelled"):
            await here.reminders.edit(made.id, ADA.id, text="y")
        with pytest.raises(ReminderError, match="it was cancelled"):
            await here.reminders.snooze(made.id, ADA.id, here.clock() + HOUR)


async def test_one_that_is_being_said_cannot_be_changed_and_one_that_was_tried_becomes_another_turn(
    tmp_path: Path,
) -> None:
    channel = Channel()
    channel.gate.clear()
    channel.troubles = [unreachable()]
    async with house(tmp_path) as here, here.ringing(channel):
        made = await here.promise("x", 0.05)
        await channel.until(lambda: channel.calls == 1)
        with pytest.raises(ReminderError, match="being delivered just now"):
            await here.reminders.edit(made.id, ADA.id, text="y")
    async with house(tmp_path) as here:
        edited = await here.reminders.edit(made.id, ADA.id, when=here.clock() + HOUR)
    assert edited is not None
    assert (edited.turn, edited.attempts) == (2, 0)


async def test_a_delivered_one_can_be_snoozed_and_is_said_again_under_another_nonce(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel):
        made = await here.promise("x", 0.05)
        await here.settled(made)
        assert await here.reminders.snooze(made.id, BOB.id, here.clock() + HOUR) is None
        snoozed = await here.reminders.snooze(made.id, ADA.id, here.clock() + timedelta(seconds=0.2))
        assert snoozed is not None
        assert (snoozed.turn, snoozed.status) == (2, Status.PENDING)
        await here.settled(made)

    assert list(channel.said) == [made.nonce, snoozed.nonce]


async def test_snoozing_a_recurring_one_makes_a_single_one_beside_it_once(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("x", Every(HOUR, clock()))
        clock.moved += HOUR
        series = await here.in_turn(made, 2)
        until = clock() + timedelta(minutes=10)
        beside = await here.reminders.snooze(made.id, ADA.id, until)
        again = await here.reminders.snooze(made.id, ADA.id, until)
        waiting = await here.reminders.pending(ADA.id)

    assert beside is not None
    assert beside == again
    assert (beside.schedule, beside.text, beside.due_at) == (None, "x", until)
    assert list(waiting) == [beside, series]


async def test_each_turn_is_answered_once(tmp_path: Path) -> None:
    channel = Channel()
    async with house(tmp_path) as here, here.ringing(channel):
        made = await here.promise("x", 0.05)
        await here.settled(made)
        assert await here.reminders.snooze(made.id, ADA.id, here.clock() + HOUR, turn=1) is not None
        with pytest.raises(ReminderError, match="snoozed already"):
            await here.reminders.snooze(made.id, ADA.id, here.clock() + HOUR, turn=1)
        with pytest.raises(ReminderError, match="snoozed already"):
            await here.reminders.done(made.id, ADA.id, turn=1)

        other = await here.promise("y", 0.05)
        await here.settled(other)
        assert await here.reminders.done(other.id, ADA.id, turn=1) is not None
        with pytest.raises(ReminderError, match="already that this is done"):
            await here.reminders.snooze(other.id, ADA.id, here.clock() + HOUR, turn=1)


async def test_done_is_noted_of_what_was_delivered_and_the_next_turn_is_new(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("x", Every(HOUR, clock()))
        assert await here.reminders.done(made.id, ADA.id) is None
        clock.moved += HOUR
        await here.in_turn(made, 2)
        assert await here.reminders.done(made.id, BOB.id) is None
        seen = await here.reminders.done(made.id, ADA.id)
        assert seen is not None
        assert seen.acknowledged_at is not None
        clock.moved += HOUR
        assert (await here.in_turn(made, 3)).acknowledged_at is None


async def test_a_zone_is_kept_and_recurring_reminders_move_only_when_they_are_to(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        assert await here.reminders.zone_of(ADA.id) is None
        daily, hourly = await here.plan("daily", DAILY), await here.plan("hourly", Every(HOUR, here.clock()))
        await here.plan("bob's", DAILY, owner=BOB)
        stays = await here.reminders.set_zone(ADA.id, " Asia/Tokyo ")
        moves = await here.reminders.set_zone(ADA.id, "Asia/Tokyo", move=True)

        assert (stays.kept, stays.moved, moves.kept, moves.moved) == (1, 0, 0, 1)
        assert await here.reminders.zone_of(ADA.id) == ZoneInfo("Asia/Tokyo")
        now = await here.now_of(daily)
        assert (now.zone, now.due_at.astimezone(ZoneInfo("Asia/Tokyo")).hour) == ("Asia/Tokyo", 9)
        assert await here.now_of(hourly) == hourly
        with pytest.raises(ReminderError, match="no time zone"):
            await here.reminders.set_zone(ADA.id, "Mars/Olympus")
        await here.reminders.forget(ADA.id)
        assert await here.reminders.zone_of(ADA.id) is None


async def test_managers_see_who_and_when_in_their_server_and_can_cancel_there_only(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.plan("a secret", DAILY)
        managers = here.reminders.managers
        (seen,) = await managers.waiting_in(GUILD)

        assert (seen.id, seen.owner, seen.schedule) == (made.id, ADA, DAILY)
        assert "a secret" not in repr(seen)
        assert await managers.waiting_in(GUILD, besides=ADA.id) == []
        assert await managers.waiting_in(GuildId(11)) == []
        assert await managers.cancel_in(GuildId(11), made.id) is None
        assert await managers.cancel_in(GUILD, made.id) == seen
        assert (await here.now_of(made)).status is Status.CANCELLED


async def test_limits_count_recurring_ones_and_snoozing(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(per_person=1)) as here:
        await here.plan("x", DAILY)
        with pytest.raises(ReminderError, match="You have 1 reminders waiting"):
            await here.promise("y", 60)


async def test_new_zone_data_move_the_moment_and_keep_the_wall_time(tmp_path: Path) -> None:
    wall = datetime(2027, 7, 1, 9)  # noqa: DTZ001
    async with house(tmp_path) as here:
        made = await here.plan("x", Once(wall, "Europe/Berlin"))
        assert made.due_at == datetime(2027, 7, 1, 7, tzinfo=UTC)
        moment = await here.promise("moment", 3600)
        await _as_with_other_data(here, made.due_at + HOUR)
        channel = Channel()
        async with here.ringing(channel):
            while (await here.now_of(made)).due_at != made.due_at:
                pass
        assert await here.now_of(made) == made
        assert await here.now_of(moment) == moment
        assert await retime(here.database) == 0


async def test_what_is_claimed_is_not_retimed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        made = await here.plan("x", Once(datetime(2027, 7, 1, 9), "Europe/Berlin"))  # noqa: DTZ001
        past = here.clock() - HOUR
        await _as_with_other_data(here, past)
        claims = Claims(here.database, by="me")
        now = here.clock()
        assert await claims.claim(now=now, until=now + HOUR, late_before=now, fresh=9, late=9, but_not=())
        assert await retime(here.database) == 0
        assert (await here.now_of(made)).due_at == past


async def _as_with_other_data(here: House, due: datetime) -> None:
    def work(connection: Connection) -> None:
        walled = reminders.c.due_wall.is_not(None)
        connection.execute(update(reminders).where(walled).values(due_at=due, wake_at=due))

    await here.database.write(work)
