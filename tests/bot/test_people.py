"""Everything about a person can be seen, taken along, and forgotten to the last byte."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.people import People
from chat.clock import utc_now
from chat.ids import ChannelId
from chat.messages import Attachment
from chat.people import Person
from mcp_servers.offered.tokens import Tokens
from mcp_servers.outside.vault import Grant, Vault
from memory.opening import OpenMemory, open_memory
from reminders.service import Reminders
from reminders.store import ReminderStore
from storage.database import Database
from storage.migrations import upgrade
from storage.secret_key import secret_key
from tests.memory.parts import BOB, GENERAL, GUILD, MIA, TrigramEmbedder, message

CANARY = "xylozoquark"
MINE = Person(MIA.id, f"Mia {CANARY}")


class Home:
    """Stores with a person's traces in each of them, and somebody else's."""

    def __init__(self, folder: Path, database: Database, memory: OpenMemory) -> None:
        self.folder = folder
        self.memory = memory
        self.reminders = Reminders(ReminderStore(database), utc_now)
        self.tokens = Tokens(database, utc_now)
        self.vault = Vault(database, secret_key(folder / "secret.key"), utc_now)
        self.people = People(
            database=database, memory=memory, reminders=self.reminders, tokens=self.tokens, clock=utc_now
        )

    async def fill(self) -> None:
        picture = Attachment(f"{CANARY}.png", "image/png", 1, "https://cdn.example/x")
        said = [
            *(message(n, f"I like {CANARY} number {n}", author=MINE) for n in range(60)),
            message(100, "look", author=MINE, attachments=(picture,)),
            *(message(n, f"the weather is fine {n}", author=BOB) for n in range(200, 260)),
        ]
        for each in said:
            self.memory.intake.saw(each)
        await self.memory.settled()
        await self.memory.facts.remember(
            f"collects {CANARY}", person=MIA.id, guild_id=GUILD, channel_id=GENERAL, author=MIA.id
        )
        await self.memory.facts.remember("likes tea", person=BOB.id, guild_id=GUILD, channel_id=GENERAL, author=BOB.id)
        for person in (MIA, BOB):
            await self.vault.save(Grant(server="notes", person=person.id, resource="https://notes.example"))
        await self.reminders.set_zone(MIA.id, "Asia/Tokyo")
        await self.reminders.set_zone(BOB.id, "Asia/Kathmandu")
        for owner, text in ((MINE, f"buy {CANARY}"), (BOB, "water the plants")):
            await self.reminders.schedule(
                owner=owner,
                guild_id=GUILD,
                channel_id=ChannelId(GENERAL),
                text=text,
                when=utc_now() + timedelta(days=2),
                source_key=f"{owner.id}/1",
                request_link="https://discord.com/channels/1/2/3",
            )

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("digmbot.db*"))

    def files_with_canary(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Database(f"sqlite:///{tmp_path / 'digmbot.db'}") as database:
        await asyncio.to_thread(upgrade, database.engine)
        vectors = tmp_path / "vectors"
        async with open_memory(database=database, vectors=vectors, load_embedder=TrigramEmbedder) as memory:
            home = Home(tmp_path, database, memory)
            await home.fill()
            yield home


async def test_what_is_stored_about_somebody_is_counted_store_by_store(home: Home) -> None:
    stored = await home.people.stored(MIA.id)

    assert (stored.messages, stored.vectors, stored.facts, stored.reminders) == (61, 61, 1, 1)
    assert stored.told().endswith(", 1 sign-ins at MCP servers, the time zone Asia/Tokyo")


async def test_after_forget_me_no_file_holds_a_word_of_that_person(home: Home) -> None:
    assert home.files_with_canary()
    size = home.size()

    erased = await home.people.forget(MIA.id)

    assert (erased.messages, erased.facts, erased.reminders) == (61, 1, 1)
    assert home.files_with_canary() == []
    assert home.size() < size
    assert await home.people.stored(MIA.id) == type(erased)(0, 0, 0, 0, 0, 0)


async def test_what_others_said_stays_when_somebody_is_forgotten(home: Home) -> None:
    await home.people.forget(MIA.id)

    theirs = await home.people.stored(BOB.id)
    assert (theirs.messages, theirs.vectors, theirs.facts, theirs.reminders) == (60, 60, 1, 1)
    assert theirs.time_zone == "Asia/Kathmandu"
    assert theirs.sign_ins == 1


async def test_forgetting_somebody_twice_is_no_harm(home: Home) -> None:
    await home.people.forget(MIA.id)

    assert (await home.people.forget(MIA.id)).messages == 0


async def test_what_the_bot_answered_to_somebody_goes_with_them(home: Home) -> None:
    digm = Person(BOB.id, "digm", is_bot=True)
    asked = message(300, "what do I like?", author=MINE)
    answer = message(301, f"You like {CANARY}.", author=digm)
    home.memory.intake.saw(asked)
    home.memory.intake.saw(replace(answer, reply_to=asked.id))
    await home.memory.settled()

    await home.people.forget(MIA.id)

    assert home.files_with_canary() == []


async def test_an_export_holds_all_of_it_and_nothing_of_others(home: Home) -> None:
    told = json.loads(await home.people.export(MIA.id))

    assert len(told["messages"]) == 61
    assert {each["author_name"] for each in told["messages"]} == {MINE.name}
    assert [fact["text"] for fact in told["facts"]] == [f"collects {CANARY}"]
    assert [reminder["text"] for reminder in told["reminders"]] == [f"buy {CANARY}"]
    assert told["time_zone"] == "Asia/Tokyo"
    assert told["signed_in_at"] == ["notes"]
    assert "weather" not in json.dumps(told)


async def test_who_has_opted_out_is_not_stored_from_then_on(home: Home) -> None:
    await home.people.rules.opt_out(BOB.id)

    home.memory.intake.saw(message(400, "not for the record", author=BOB))
    home.memory.intake.saw(message(401, "but this is", author=MIA))
    await home.memory.settled()

    assert (await home.people.stored(BOB.id)).messages == 60
    assert await home.memory.archive.count() == 61 + 60 + 1
