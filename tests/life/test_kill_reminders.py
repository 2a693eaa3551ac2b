"""The promise of reminders: whenever the bot is killed, each turn of each is said once in the end, and none is lost.

`DIGMBOT_KILLS=200` is the full size, with 500 reminders.
"""

import asyncio
import contextlib
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chat.clock import utc_now
from chat.ids import ChannelId, GuildId, UserId
from chat.people import Person
from reminders.schedule import Every, newest_until
from reminders.store import ReminderStore
from reminders.values import Limits, Reminder, new_id
from storage.data_dir import DataDir
from storage.database import Database
from storage.migrations import upgrade
from tests.life.child import Child, spawn
from tests.life.house import House, house
from tests.life.test_kill import KILLS, ROOMS, live_and_die, moment

REMINDERS = min(500, 10 * KILLS)
LIVES = timedelta(seconds=4.5 * KILLS)
SETTLED = 60.0 + REMINDERS / 5  # after the last restart: a lease has to end, and overdue ones come 20 a second
NO_LIMITS = Limits(per_person=REMINDERS, per_guild=REMINDERS)
SAID = re.compile(r"^-# reminder (?P<id>\S+) · (?:turn (?P<turn>\d+) · )?\[asked here\]", re.MULTILINE)


@dataclass
class Heard:
    """What stands on the sandbox: of each reminder, how often each turn was said."""

    turns: dict[str, Counter[int]] = field(default_factory=dict[str, Counter[int]])
    strangers: list[str] = field(default_factory=list[str])


@pytest.mark.timeout(300 + 15 * KILLS)
async def test_each_turn_is_said_once_however_often_the_bot_is_killed(tmp_path: Path) -> None:
    chance = random.Random(KILLS)
    async with house(tmp_path) as home:
        promised = await promise(home, chance)
        lives = [await life(home, chance) for _ in range(KILLS)]
        child = await spawn(home)
        await child.line("ready as")
        reading = asyncio.create_task(child.line("this line never comes"))
        try:
            async with asyncio.timeout(SETTLED + (promised[-1].due_at - utc_now() + LIVES).total_seconds()):
                while waiting(tmp_path):
                    await moment(0.5)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await child.kill()
        heard = listen(home)

    wrong = [fault for each in promised if (fault := fault_of(each, heard, tmp_path))]
    said = sum(sum(turns.values()) for turns in heard.turns.values())
    assert (wrong, heard.strangers) == ([], []), f"{said} said"
    found = "".join(line for each in (*lives, child) for line in each.lines).count("was said before, as message")
    print(
        f"{KILLS} kills, {REMINDERS} reminders: {said} turns said once each; {found} stood in their channel and were "
        f"not noted when the bot was killed, {repeated_sends(home)} were sent again and refused for their nonce"
    )


async def life(home: House, chance: random.Random) -> Child:
    """Every other one ends within moments of a reminder being said, when that is not noted yet."""
    if chance.random() < 0.5:
        return await live_and_die(home, chance)
    child = await spawn(home)
    await child.line("ready as")
    newest = max((each.id for each in home.said()), default=0)
    with contextlib.suppress(TimeoutError):
        await home.box.wait_for_message(lambda m: m.id > newest and SAID.search(m.content) is not None, 2.0)
    await moment(chance.choice((0, 0, 0.005, 0.02)))
    await child.kill()
    return child


async def promise(home: House, chance: random.Random) -> Sequence[Reminder]:
    """Half of them recurring; more often than people may ask for, so that many turns fall into few lives."""
    begin = utc_now() + timedelta(seconds=2)
    with DataDir(home.folder / "data") as data:
        async with Database(data.database_url) as database:
            await asyncio.to_thread(upgrade, database.engine)
            store = ReminderStore(database)
            made = [new_reminder(home, chance, number, begin) for number in range(REMINDERS)]
            return sorted([await store.add(each, NO_LIMITS) for each in made], key=lambda each: each.due_at)


def new_reminder(home: House, chance: random.Random, number: int, begin: datetime) -> Reminder:
    channel = home.box.state.channel_named(chance.choice(ROOMS))
    first = begin + LIVES * chance.random()
    every = timedelta(seconds=chance.uniform(5, 60))
    recurs = number % 2 == 0
    return Reminder(
        id=new_id(),
        owner=Person(UserId(home.box.person(chance.choice(("ada", "bob", "mia"))).id), "somebody"),
        guild_id=GuildId(channel.guild_id or 0),
        channel_id=ChannelId(channel.id),
        text=f"number {number}",
        due_at=first,
        created_at=begin,
        request_link=f"https://discord.com/channels/{channel.guild_id}/{channel.id}/1",
        source_key=f"{number}/0/remind/1",
        wake_at=first,
        schedule=Every(every, first - every, until=begin + LIVES) if recurs else None,
    )


def rows(folder: Path, query: str, *values: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "data" / "digmbot.db")) as connection:
        return list(connection.execute(query, values))


def waiting(folder: Path) -> bool:
    return bool(rows(folder, "SELECT 1 FROM reminders WHERE wake_at IS NOT NULL LIMIT 1"))


def listen(home: House) -> Heard:
    heard = Heard()
    for message in home.said():
        if found := SAID.search(message.content):
            heard.turns.setdefault(found["id"], Counter())[int(found["turn"] or 1)] += 1
        else:
            heard.strangers.append(message.content)
    return heard


def repeated_sends(home: House) -> int:
    """How often the bot tried to say what was there already."""
    nonces = Counter(str(each.get("nonce")) for each in home.sends() if str(each.get("nonce")).startswith("r-"))
    return sum(nonces.values()) - len(nonces)


def fault_of(reminder: Reminder, heard: Heard, folder: Path) -> str | None:
    """What is wrong with it: all its turns must be there, each once, and the last one for its last time."""
    columns = "SELECT status, turn, due_at, failure FROM reminders WHERE id = ?"
    status, turn, due_at, failure = rows(folder, columns, reminder.id)[0]
    said = heard.turns.get(reminder.id, Counter[int]())
    if status != "delivered" or failure:
        return f"{reminder.text} is {status}: {failure}"
    if said != Counter(range(1, int(str(turn)) + 1)):
        return f"{reminder.text} was said {dict(said)}, and its last turn is {turn}"
    if reminder.schedule is not None and reminder.schedule.until is not None:
        last = newest_until(reminder.schedule, reminder.due_at, reminder.schedule.until)
        if f"{last:%Y-%m-%d %H:%M:%S}" != str(due_at)[:19]:
            return f"{reminder.text} ended with {due_at}, and its last time is {last}"
    return None
