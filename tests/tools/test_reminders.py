"""Reminders through the tools, kept in a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reminders.service import Reminders
from tests.tools.calling import ask, refused, rows
from tests.tools.world import NOW, READ, Town
from tools.native import NativeTools


async def test_a_delay_counts_from_the_request_and_is_echoed_as_discord_shows_it(
    town: Town, promises: NativeTools
) -> None:
    context = town.ask(town.mia, "remind me in 2 minutes to stretch")
    made = await ask(promises, context, "schedule_reminder", text="stretch", delay_seconds=120)
    due = context.request.created_at + timedelta(seconds=120)

    assert made == {
        "id": made["id"],
        "text": "stretch",
        "due": "2030-01-31T13:01:59+01:00",
        "time_zone": "Europe/Berlin",
        "due_shown": f"<t:{int(due.timestamp())}:F>",
        "due_in": f"<t:{int(due.timestamp())}:R>",
        "channel": f"<#{town.general.id}>",
        "asked_in": context.request.link,
    }


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ({"due_at": "2030-02-01T09:00"}, datetime(2030, 2, 1, 8, tzinfo=UTC)),
        ({"due_at": "2030-02-01T09:00:00Z"}, datetime(2030, 2, 1, 9, tzinfo=UTC)),
        ({"due_at": "2030-02-01T09:00-05:00"}, datetime(2030, 2, 1, 14, tzinfo=UTC)),
        ({"due_at": "2030-02-01T09:00", "zone": "Asia/Tokyo"}, datetime(2030, 2, 1, 0, tzinfo=UTC)),
        ({"due_at": "2030-02-01 09:00", "delay_seconds": None}, datetime(2030, 2, 1, 8, tzinfo=UTC)),
        ({"due_at": "2030-07-01T09:00"}, datetime(2030, 7, 1, 7, tzinfo=UTC)),
        ({"due_at": "2030-02-01"}, datetime(2030, 1, 31, 23, tzinfo=UTC)),
        ({"delay_seconds": "60"}, NOW + timedelta(seconds=59)),
    ],
)
async def test_a_time_is_read_in_the_zone_of_the_asker(
    town: Town, promises: NativeTools, when: dict[str, object], due: datetime
) -> None:
    made = await ask(promises, town.ask(town.mia), "schedule_reminder", text="x", **when)

    assert datetime.fromisoformat(str(made["due"])) == due


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, "Say when"),
        ({"due_at": "2030-02-01T09:00", "delay_seconds": 5}, "not both"),
        ({"due_at": "2029-02-01T09:00"}, "in the past"),
        ({"due_at": "2080-02-01T09:00"}, "too far ahead"),
        ({"due_at": "tomorrow"}, "no time I can read"),
        ({"due_at": "2030-03-31T02:30"}, "There is no 02:30 on 2030-03-31 in Europe/Berlin"),
        ({"due_at": "0001-01-01T00:00+23:00"}, "beyond what a calendar can hold"),
        ({"due_at": "2030-02-01T09:00", "zone": "Europe/Bielefeld"}, "no time zone"),
        ({"due_at": "2030-02-01T09:00", "zone": "../../etc/passwd"}, "no time zone"),
        ({"due_at": "2030-02-01T09:00", "zone": "Europe"}, "no time zone"),
        ({"delay_seconds": 0}, "greater than or equal to 1"),
        ({"delay_seconds": 10**30}, "less than or equal to"),
        ({"delay_seconds": "soon"}, "valid integer"),
    ],
)
async def test_a_time_that_cannot_be_promised_is_refused_in_words(
    town: Town, promises: NativeTools, store: Reminders, when: dict[str, object], expected: str
) -> None:
    told = await refused(promises, town.ask(town.mia), "schedule_reminder", text="x", **when)

    assert expected in told
    assert await store.pending(town.mia.id) == []


async def test_the_same_call_again_promises_nothing_again(town: Town, promises: NativeTools) -> None:
    context = town.ask(town.mia)
    first = await ask(promises, context, "schedule_reminder", text="x", delay_seconds=60)

    assert await ask(promises, context, "schedule_reminder", text="x", delay_seconds=60) == first
    listed = await ask(promises, context, "list_reminders")
    assert rows(listed["reminders"]) == [first]


async def test_two_calls_without_a_key_are_two_promises(town: Town, promises: NativeTools) -> None:
    context = replace(town.ask(town.mia), call_key="")
    again = replace(town.ask(town.mia), call_key="")
    await ask(promises, context, "schedule_reminder", text="x", delay_seconds=60)
    await ask(promises, again, "schedule_reminder", text="x", delay_seconds=60)

    assert len(rows((await ask(promises, context, "list_reminders"))["reminders"])) == 2


async def test_too_many_and_empty_reminders_are_refused_in_words(town: Town, promises: NativeTools) -> None:
    for _ in range(3):
        await ask(promises, town.ask(town.mia), "schedule_reminder", text="x", delay_seconds=60)

    told = await refused(promises, town.ask(town.mia), "schedule_reminder", text="x", delay_seconds=60)
    assert "3 reminders waiting already" in told
    assert "needs a text" in await refused(
        promises, town.ask(town.tom), "schedule_reminder", text="\u200b", delay_seconds=60
    )


async def test_no_reminder_is_promised_where_it_could_not_be_said(town: Town, promises: NativeTools) -> None:
    town.places[town.general.id].rights["@everyone"] = READ
    told = await refused(promises, town.ask(town.mia), "schedule_reminder", text="x", delay_seconds=60)

    assert told == "Mia lacks the right Send Messages in #general."


async def test_a_reminder_made_in_private_is_not_told_in_public(town: Town, promises: NativeTools) -> None:
    private = town.ask(town.mia, at=town.add_dm(town.mia))
    made = await ask(promises, private, "schedule_reminder", text="see the doctor", delay_seconds=60)
    public = await ask(promises, town.ask(town.mia), "list_reminders")
    cancelled = await ask(promises, town.ask(town.mia), "cancel_reminder", reminder_id=made["id"])

    assert public["reminders"] == []
    assert "1 more" in str(public["note"])
    assert cancelled == {"cancelled": made["id"]}


async def test_only_its_owner_can_cancel_a_reminder(town: Town, promises: NativeTools) -> None:
    made = await ask(promises, town.ask(town.mia), "schedule_reminder", text="x", delay_seconds=60)

    told = await refused(promises, town.ask(town.tom), "cancel_reminder", reminder_id=made["id"])
    assert told.startswith("tom has no reminder")
    assert (await ask(promises, town.ask(town.mia), "cancel_reminder", reminder_id=made["id"]))["cancelled"] == made
    assert (await ask(promises, town.ask(town.mia), "list_reminders"))["reminders"] == []
