"""Changing reminders and one's time zone through the tools."""

import pytest

from reminders.service import Reminders
from tests.tools.calling import ask, refused, rows
from tests.tools.promising import daily, waiting
from tests.tools.world import Town
from tools.native import NativeTools


async def test_words_and_times_can_be_changed(town: Town, promises: NativeTools) -> None:
    made = await daily(town, promises)
    context = town.ask(town.mia)
    words = await ask(promises, context, "edit_reminder", reminder_id=made["id"], text="sit down")
    later = await ask(promises, context, "edit_reminder", reminder_id=made["id"], recurrence="0 10 * * *")
    ended = await ask(promises, context, "edit_reminder", reminder_id=made["id"], count=1)
    longer = await ask(promises, context, "edit_reminder", reminder_id=made["id"], count=9)
    once = await ask(promises, context, "edit_reminder", reminder_id=made["id"], delay_seconds=60)

    assert (words["text"], words["due"]) == ("sit down", made["due"])
    assert (later["text"], later["due"]) == ("sit down", "2030-02-01T10:00:00+01:00")
    assert (ended["due"], "following" in ended) == ("2030-02-01T10:00:00+01:00", False)
    assert (str(longer["recurs"]).endswith(", 9 times"), "following" in longer) == (True, True)
    assert (once["due"], "recurs" in once) == ("2030-01-31T13:00:59+01:00", False)


async def test_a_zone_alone_moves_what_recurs_and_keeps_the_hour(town: Town, promises: NativeTools) -> None:
    made = await daily(town, promises)
    moved = await ask(promises, town.ask(town.mia), "edit_reminder", reminder_id=made["id"], zone="Asia/Tokyo")

    assert (moved["recurs"], moved["due"]) == ("cron `0 9 * * *` in Asia/Tokyo", "2030-02-01T01:00:00+01:00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Say what is to change"),
        ({"recurrence": "0 9 * * 8"}, "no weekday"),
        ({"due_at": "2029-01-01T00:00"}, "in the past"),
        ({"text": "\u200b"}, "needs a text"),
        ({"text": "x" * 2000}, "too long"),
        ({"reminder_id": "no-such", "text": "x"}, "Mia has no reminder 'no-such'"),
    ],
)
async def test_what_cannot_be_changed_is_refused_in_words(
    town: Town, promises: NativeTools, changes: dict[str, object], expected: str
) -> None:
    made = await daily(town, promises)
    context = town.ask(town.mia)
    told = await refused(promises, context, "edit_reminder", **{"reminder_id": made["id"], **changes})

    assert expected in told
    (listed,) = rows((await ask(promises, context, "list_reminders"))["reminders"])
    assert (listed["text"], listed["due"]) == (made["text"], made["due"])


async def test_nobody_changes_anothers(town: Town, promises: NativeTools, store: Reminders) -> None:
    made = await daily(town, promises)
    told = await refused(promises, town.ask(town.tom), "edit_reminder", reminder_id=made["id"], text="x")

    assert told.startswith("tom has no reminder")
    assert await waiting(store, town) == 1


async def test_one_from_a_private_place_is_changed_without_telling_its_words(town: Town, promises: NativeTools) -> None:
    private = town.ask(town.mia, at=town.add_dm(town.mia))
    made = await ask(promises, private, "schedule_reminder", text="see the doctor", delay_seconds=60)
    told = await ask(promises, town.ask(town.mia), "edit_reminder", reminder_id=made["id"], delay_seconds=600)

    assert told["text"] == "(from a place that not everybody here may read)"


async def test_a_zone_that_was_set_is_used_and_no_more_assumed(town: Town, promises: NativeTools) -> None:
    before = await daily(town, promises)
    context = town.ask(town.mia)
    done = await ask(promises, context, "set_timezone", zone="Asia/Tokyo")
    after = await ask(promises, context, "schedule_reminder", text="x", due_at="2030-02-01T09:00")
    moved = await ask(promises, context, "set_timezone", zone="Asia/Tokyo", move_recurring=True)
    listed = rows((await ask(promises, context, "list_reminders"))["reminders"])

    assert done["time_zone"] == "Asia/Tokyo"
    assert str(done["note"]).startswith("1 recurring reminders keep the hour of the zone they were made in")
    assert (after["due"], "assumed" in after) == ("2030-02-01T09:00:00+09:00", False)
    assert moved["note"] == "1 recurring reminders keep their hour in Asia/Tokyo"
    assert [each["due"] for each in listed if each["id"] == before["id"]] == ["2030-02-01T09:00:00+09:00"]


@pytest.mark.parametrize("zone", ["Europe/Bielefeld", "../../etc/passwd", "Europe", "CET+1"])
async def test_an_unknown_zone_is_refused_and_not_kept(
    town: Town, promises: NativeTools, store: Reminders, zone: str
) -> None:
    assert "is no time zone" in await refused(promises, town.ask(town.mia), "set_timezone", zone=zone)
    assert await store.zone_of(town.mia.id) is None
