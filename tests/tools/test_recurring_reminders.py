"""Recurring reminders and tasks through the tools."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from reminders.schedule import next_after
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.values import Kind
from storage.database import Database
from storage.migrations import upgrade
from tests.tools.calling import ask, refused, rows
from tests.tools.promising import BERLIN, daily, waiting
from tests.tools.world import NOW, READ, Town
from tools.native import NativeTools
from tools.permission import Permissions
from tools.reminders import ReminderTools
from tools.tasks import TaskTools


async def test_the_next_times_and_the_assumed_zone_are_told(town: Town, promises: NativeTools) -> None:
    made = await daily(town, promises)
    times = [int(datetime(2030, 2, day, 8, tzinfo=UTC).timestamp()) for day in (1, 2, 3)]

    assert made["due_shown"] == f"<t:{times[0]}:F>"
    assert made["due_in"] == f"<t:{times[0]}:R>"
    assert made["following"] == [f"<t:{at}:F>" for at in times[1:]]
    assert made["recurs"] == "cron `0 9 * * *` in Europe/Berlin"
    assert made["assumed"] == (
        "the time zone is taken to be Europe/Berlin; if it is not theirs, set_timezone keeps theirs"
    )


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ({"recurrence": "0 9 * * 1"}, "2030-02-04T09:00:00+01:00"),
        ({"recurrence": "0 9 * * 0"}, "2030-02-03T09:00:00+01:00"),
        ({"recurrence": "0 9 * * 7"}, "2030-02-03T09:00:00+01:00"),
        ({"recurrence": "0 9 * * sun", "zone": "Asia/Tokyo"}, "2030-02-03T01:00:00+01:00"),
        ({"recurrence": "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0"}, "2030-02-22T09:00:00+01:00"),
        ({"recurrence": "RRULE:FREQ=WEEKLY;INTERVAL=2", "due_at": "2030-02-05T18:30"}, "2030-02-05T18:30:00+01:00"),
        ({"recurrence": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;COUNT=3"}, "2030-02-01T09:00:00+01:00"),
        ({"recurrence": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20300203"}, "2030-02-01T09:00:00+01:00"),
        ({"every_seconds": 7200}, "2030-01-31T14:59:59+01:00"),
        ({"every_seconds": 7200, "delay_seconds": 60}, "2030-01-31T13:00:59+01:00"),
        ({"every_seconds": 7200, "due_at": "2030-02-01T10:00"}, "2030-02-01T10:00:00+01:00"),
    ],
)
async def test_what_recurs_comes_first_when_people_mean_it(
    town: Town, promises: NativeTools, when: dict[str, object], due: str
) -> None:
    made = await ask(promises, town.ask(town.mia), "schedule_reminder", text="x", **when)
    assert made["due"] == due


@pytest.mark.parametrize(
    ("when", "last"),
    [
        ({"count": 2}, "2030-02-02T09:00"),
        ({"until": "2030-02-02"}, "2030-02-02T09:00"),
        ({"until": "2030-02-02T08:00"}, "2030-02-01T09:00"),
        ({"recurrence": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20300202T080000Z"}, "2030-02-02T09:00"),
        ({"recurrence": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;COUNT=2"}, "2030-02-02T09:00"),
    ],
)
async def test_what_recurs_ends_when_it_should(
    town: Town, promises: NativeTools, store: Reminders, when: dict[str, object], last: str
) -> None:
    await daily(town, promises, **when)
    (kept,) = await store.pending(town.mia.id)
    assert kept.schedule is not None
    times = [kept.due_at]
    while (found := next_after(kept.schedule, times[-1])) is not None:
        times.append(found)

    assert times[-1].astimezone(BERLIN).isoformat().startswith(last)


@pytest.mark.parametrize(
    ("when", "assumed"),
    [
        ({"due_at": "2030-02-01"}, "no time of day was given, so it is 00:00"),
        ({"due_at": "2030-10-27T02:30"}, "02:30 comes twice that night, and the first is meant"),
        ({"recurrence": "0 9 31 * *"}, "months without that day are passed over"),
        ({"recurrence": "0 9 13 * fri"}, "cron comes on either of them"),
        ({"recurrence": "FREQ=DAILY"}, "no time of day was given, so it is 12:59"),
        ({"recurrence": "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9"}, "months without that day are passed over"),
        ({"every_seconds": 86_400}, "after clocks change it comes an hour earlier or later by the wall"),
    ],
)
async def test_what_had_to_be_assumed_is_said(
    town: Town, promises: NativeTools, when: dict[str, object], assumed: str
) -> None:
    made = await ask(promises, town.ask(town.mia), "schedule_reminder", text="x", **when)
    assert assumed in str(made["assumed"])


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"recurrence": "* * * * * *"}, "once a minute"),
        ({"recurrence": "every friday"}, "no cron expression"),
        ({"recurrence": "FREQ=SECONDLY"}, "is an interval"),
        ({"recurrence": "0 9 30 2 *"}, "never come"),
        ({"recurrence": "0 9 * * *", "zone": "Mars/Olympus"}, "no time zone"),
        ({"recurrence": "0 9 * * *", "until": "2029-01-01"}, "end in the past"),
        ({"recurrence": "0 9 * * *", "until": "10000-01-01"}, "no time I can read"),
        ({"recurrence": "0 9 * * *", "until": "9999-12-31T23:00-05:00"}, "beyond what a calendar can hold"),
        ({"recurrence": "0 9 * * *", "due_at": "2030-02-01T09:00"}, "says itself when"),
        ({"recurrence": "0 9 * * *", "every_seconds": 60}, "cannot go with"),
        ({"recurrence": "FREQ=DAILY;COUNT=many"}, "is no number"),
        ({"recurrence": "FREQ=DAILY;COUNT=1001"}, "from 1 to 1000"),
        ({"recurrence": "FREQ=DAILY;UNTIL=soon"}, "no time I can read"),
        ({"every_seconds": 59}, "greater than or equal to 60"),
        ({"every_seconds": 1}, "greater than or equal to 60"),
        ({"every_seconds": 60, "due_at": "0001-01-01T00:00Z"}, "beyond what a calendar can hold"),
        ({"every_seconds": 60, "due_at": "2030-02-01T09:00", "delay_seconds": 5}, "not both"),
        ({"delay_seconds": 60, "count": 3}, "are for what recurs"),
        ({"due_at": "10000-01-01T09:00"}, "no time I can read"),
        ({"due_at": "2035-03-01T09:00"}, "too far ahead"),
        ({"recurrence": "0 9 * * *", "text": "x" * 2000}, "too long: 2000 characters"),
    ],
)
async def test_what_cannot_be_promised_is_refused_in_words_and_nothing_is_kept(
    town: Town, promises: NativeTools, store: Reminders, when: dict[str, object], expected: str
) -> None:
    told = await refused(promises, town.ask(town.mia), "schedule_reminder", **{"text": "x", **when})

    assert expected in told
    assert await waiting(store, town) == 0


async def test_everyone_in_a_text_is_only_text(town: Town, promises: NativeTools) -> None:
    assert (await daily(town, promises, text="@everyone stand up"))["text"] == "@everyone stand up"


async def test_a_task_is_kept_as_one_and_listed_as_one(
    town: Town, store: Reminders, permissions: Permissions, promises: NativeTools
) -> None:
    tasks = NativeTools(TaskTools(reminders=store, permissions=permissions))
    made = await ask(
        tasks, town.ask(town.mia), "schedule_task", instruction="sum up the week", recurrence="0 17 * * fri"
    )
    (kept,) = await store.pending(town.mia.id)
    listed = rows((await ask(promises, town.ask(town.mia), "list_reminders"))["reminders"])

    assert (kept.kind, kept.text, made["kind"], made["due"]) == (
        Kind.TASK,
        "sum up the week",
        "task",
        "2030-02-01T17:00:00+01:00",
    )
    assert [each["kind"] for each in listed] == ["task"]
    town.places[town.general.id].rights["@everyone"] = READ
    told = await refused(tasks, town.ask(town.mia), "schedule_task", instruction="x", delay_seconds=60)
    assert told == "Mia lacks the right Send Messages in #general."


async def test_how_late_a_task_may_be_is_its_own_to_say(town: Town, store: Reminders, permissions: Permissions) -> None:
    tasks = NativeTools(TaskTools(reminders=store, permissions=permissions))
    for words in ({}, {"grace_seconds": 0}, {"grace_seconds": 86_400}):
        await ask(tasks, town.ask(town.mia), "schedule_task", instruction="x", delay_seconds=60, **words)
    told = await refused(
        tasks, town.ask(town.mia), "schedule_task", instruction="x", delay_seconds=60, grace_seconds=10**9
    )

    assert sorted(
        each.grace.total_seconds() for each in await store.pending(town.mia.id) if each.grace is not None
    ) == [
        0,
        3_600,
        86_400,
    ]
    assert "grace_seconds" in told


async def test_a_locked_database_is_one_sentence_and_nothing_is_lost(
    town: Town, permissions: Permissions, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    async with Database(f"sqlite:///{path}") as database:
        await asyncio.to_thread(upgrade, database.engine)
        database.engine.dispose()
        event.listen(database.engine, "connect", _hurry)
        store = Reminders(ReminderStore(database), lambda: NOW)
        tools = NativeTools(ReminderTools(reminders=store, permissions=permissions))
        kept = await daily(town, tools)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        context = town.ask(town.mia)
        for name, arguments in (
            ("schedule_reminder", {"text": "y", "delay_seconds": 60}),
            ("edit_reminder", {"reminder_id": kept["id"], "text": "y"}),
            ("cancel_reminder", {"reminder_id": kept["id"]}),
            ("set_timezone", {"zone": "Asia/Tokyo"}),
        ):
            told = await refused(tools, context, name, **arguments)
            assert told == "The reminders cannot be reached: the database is busy or broken. Try again soon."
        other.execute("ROLLBACK")
        other.close()
        (listed,) = rows((await ask(tools, context, "list_reminders"))["reminders"])
    assert listed["id"] == kept["id"]


def _hurry(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA busy_timeout=50")
