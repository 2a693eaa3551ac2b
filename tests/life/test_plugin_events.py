"""What a plugin of others sees, what the ones after it do not, and what happens where too much is going on."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.plugins.pipeline import CROWDED
from tests.life.hand import Hand
from tests.life.house import House, house
from tests.life.speaking import headset
from tests.life.test_vc_notify import voice_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCRIBE = """
from pydantic import BaseModel
from bot.plugins.api import *


class Where(BaseModel):
    book: int


class Scribe(Plugin):
    '''Writes into its channel what it sees.'''

    name = "scribe"

    def __init__(self, around):
        super().__init__(around)
        self.book = around.settings(Where).book

    async def handle(self, event: Event) -> bool:
        match event:
            case Ready(bot, guilds):
                line = f"ready {bot.name} {guilds[0].name}"
            case Said(message) if message.text == "a button, please":
                await self.around.tell(message.author.id, "Here.", buttons=[Button("Bell", "ring:7")])
                return True
            case Said(message):
                line = f"said {message.text}"
            case Edited(message):
                line = f"edited {message.text}"
            case Deleted(_, ids):
                line = f"deleted {ids[0]}"
            case ChannelGone(channel):
                line = f"gone {channel}"
            case Reacted(emoji=emoji, added=added):
                line = f"reacted {emoji} {added}"
            case VoiceMoved(person, before=before, after=after):
                line = f"moved {person.name} {before} {after}"
            case MemberChanged(person, joined=joined):
                line = f"member {person.name} {joined}" if not person.is_bot else ""
            case _:
                return False
        if line:
            await self.around.send(self.book, line)
        return False

    async def pressed(self, press: Pressed) -> str:
        return f"{press.person.name} pressed {press.key}"
"""
KEEPER = """
from bot.plugins.api import Event, Plugin, Said


class Keeper(Plugin):
    '''Before the scribe: what begins with “mine” is for it alone.'''

    name = "keeper"

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Said) and "mine" in event.message.text:
            await self.around.reply(event.message, "kept")
            return True
        return False
"""
SLOW = """
import asyncio
from pathlib import Path
from bot.plugins.api import Event, MemberChanged, Plugin


class Slow(Plugin):
    '''After the scribe: takes its time for the first bot that leaves, and counts the others.'''

    name = "slow"
    seen = 0

    async def handle(self, event: Event) -> bool:
        if not isinstance(event, MemberChanged):
            return False
        if not event.person.is_bot:
            await self.around.send({book}, f"slow saw {{self.seen}}")
            return False
        self.seen += 1
        if self.seen == 1:
            await self.around.send({book}, "slow begins")
            while not Path({gate!r}).exists():
                await asyncio.sleep(0.02)
        return False
"""
BOOK = "room-9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("events")
    plugins = folder / "plugins"
    plugins.mkdir()
    async with house(folder, voice_world()) as built:
        book = built.channel(BOOK)
        slow = SLOW.format(book=book, gate=str(gate(built)))
        for name, text in {"a_keeper": KEEPER, "b_scribe": SCRIBE, "c_slow": slow}.items():
            (plugins / f"{name}.py").write_text(text, encoding="utf-8")
        async with built.bot(plugins={"folder": str(plugins), "seconds": 60.0, "scribe": {"book": book}}):
            yield built


def gate(home: House) -> Path:
    return home.folder / "gate"


async def booked(home: House, line: str) -> None:
    try:
        await home.spoken(BOOK, lambda text: text == line)
    except TimeoutError:
        raise AssertionError(f"no {line!r} in {home.texts(BOOK)!r}") from None


async def test_events_reach_a_plugin_in_a_folder(watched: House) -> None:
    await booked(watched, "ready digm Workshop")
    said = await watched.write("mia", "general", "a fern")
    await booked(watched, "said a fern")
    await watched.edit("mia", said, "two ferns")
    await booked(watched, "edited two ferns")
    await Hand(watched, "bob").react(said, "🌿")
    await booked(watched, "reacted 🌿 True")
    await watched.ask(
        "bob", "DELETE", f"/channels/{watched.channel('general')}/messages/{said}/reactions/🌿/@me", expect=204
    )
    await booked(watched, "reacted 🌿 False")
    await watched.delete("mia", said)
    await booked(watched, f"deleted {said}")
    stage, lounge = watched.channel("stage"), watched.channel("lounge")
    await watched.ask("ada", "DELETE", f"/channels/{stage}")
    await booked(watched, f"gone {stage}")
    async with headset(watched, "mia") as mia:
        await mia.join("lounge")
        await booked(watched, f"moved Mia None {lounge}")
        await mia.leave()
        await booked(watched, f"moved Mia {lounge} None")
    watched.box.leave("Workshop", "bob")
    await booked(watched, "member Bob False")
    watched.box.join("Workshop", "bob")
    await booked(watched, "member Bob True")


async def test_a_press_comes_back_to_the_plugin(watched: House) -> None:
    await watched.write("mia", "general", "a button, please")
    shown = await watched.spoken(await watched.direct("mia"), lambda text: text == "Here.")
    mia = Hand(watched, "mia", shown.channel_id)
    await mia.press(shown, "Bell")

    await mia.whispered(lambda text: text == "Mia pressed ring:7")


async def test_what_a_plugin_has_handled_goes_to_no_later_one_and_has_no_other_answer(watched: House) -> None:
    first = await watched.mention("mia", "general", "this is mine")
    await watched.answer(first, "kept")
    second = await watched.mention("mia", "general", "this is for all")
    await watched.answer(second, "You said: this is for all")
    await watched.spoken(BOOK, lambda text: text.endswith("this is for all"))

    assert [m.content for m in watched.answers(first)] == ["kept"]
    assert not [text for text in watched.texts(BOOK) if "mine" in text]


async def test_where_too_many_events_wait_they_pass_plugins_over_and_the_rest_goes_on(
    watched: House, caplog: pytest.LogCaptureFixture
) -> None:
    box, late = watched.box, 5
    box.leave("Workshop", "jukebox")
    await booked(watched, "slow begins")
    for number in range(CROWDED + late):
        (box.leave if number % 2 else box.join)("Workshop", "jukebox")
    box.leave("Workshop", "bob")
    question = await watched.mention("mia", "general", "are you still there?")
    await watched.answer(question, "You said: are you still there?")
    assert "slow saw" not in str(watched.texts(BOOK)[-3:])
    gate(watched).touch()
    await booked(watched, f"slow saw {CROWDED}")
    [told] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]

    guild = next(iter(box.state.contents.guilds))
    assert told == (
        f"{CROWDED + late + 1} events wait in the members {guild}, too many for third-party plugins: "
        "they are passed over; the slowest: slow"
    )
