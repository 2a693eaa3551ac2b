"""A folder of plugins, good and bad: the good one works whatever the others do, and those are named."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.doctor.findings import Status
from bot.doctor.plugin_checks import check_plugins
from bot.settings.plugins import Plugins
from tests.life.hand import Hand
from tests.life.house import House

GOOD = """
from bot.plugins.api import Call, Command, Event, Plugin, Pressed, Reacted, Said


class Good(Plugin):
    name = "good"
    usage = "say “psst”, and I say it back"

    def commands(self):
        return [Command(self.count, "count", "How often I was asked")]

    async def count(self, call: Call) -> str:
        counted = (await self.around.store.get("count") or 0) + 1
        await self.around.store.put("count", counted)
        return f"asked {counted} times"

    async def handle(self, event: Event) -> bool:
        match event:
            case Said(message) if "psst" in message.text:
                await self.around.reply(message, f"@everyone {message.author.name} said psst")
                return True
            case Reacted(person_id=person, emoji=emoji, added=True) if emoji == "🌿":
                return await self.around.tell(person, "a fern for you")
            case _:
                return False
"""
RAISING = """
from bot.plugins.api import Call, Command, Event, Plugin, Said


class Raising(Plugin):
    name = "raising"

    def commands(self):
        return [Command(self.fall, "fall", "Fall over")]

    async def fall(self, call: Call) -> str:
        raise SystemExit(3)

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Said):
            raise RuntimeError("a secret: hunter2")
        return False
"""
HANGING = """
import asyncio
from bot.plugins.api import Event, Plugin, Said


class Hanging(Plugin):
    name = "hanging"

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Said):
            await asyncio.Event().wait()
        return False
"""
BLOCKING = """
from pathlib import Path
from bot.plugins.api import Event, Plugin, Said


class Blocking(Plugin):
    name = "blocking"

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Said):
            Path({fifo!r}).read_text()
        return False
"""
FILES = {"a_raising": RAISING, "b_hanging": HANGING, "d_unimportable": "import nowhere_to_be_found\n", "z_good": GOOD}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    write(made, FILES)
    return made


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


@asynccontextmanager
async def blocker(folder: Path) -> AsyncGenerator[None]:
    """A plugin that reads what nobody writes, until the end of the test."""
    fifo = folder / "never"
    os.mkfifo(fifo)
    write(folder, {"c_blocking": BLOCKING.format(fifo=str(fifo))})
    held = os.open(fifo, os.O_RDWR)
    try:
        yield
    finally:
        await asyncio.to_thread(os.write, held, b"at last")
        os.close(held)


def within(folder: Path, seconds: float = 0.3, **more: object) -> dict[str, object]:
    return {"folder": str(folder), "seconds": seconds, **more}


async def findings(home: House, wanted: Plugins) -> dict[str, Status]:
    database = home.folder / "data" / "digmbot.db"
    return {finding.text: finding.status async for finding in check_plugins(wanted, database)}


async def test_the_good_one_works_and_the_bad_ones_are_named(
    home: House, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with blocker(folder), home.bot(plugins=within(folder)):
        first = await home.mention("mia", "general", "hello there")
        await home.answer(first, "You said: hello there")
        for _ in range(2):
            await home.write("mia", "general", "a word")
        psst = await home.write("mia", "general", "psst")
        said = await home.reply(psst, bool)

        assert said.content == "@everyone Mia said psst"
        assert not said.mention_everyone
        assert len(home.answers(first)) == 1
        told = await findings(home, home.settings(plugins=within(folder)).plugins)
    log = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]

    assert "the plugin d_unimportable is not used: importing it failed: ModuleNotFoundError at line 1" in log
    assert "the plugin raising (a_raising.py) is switched off: it raised RuntimeError at Said" in log
    assert "the plugin hanging (b_hanging.py) is switched off: it gave no answer to Said within 0.3 s" in log
    stuck = "blocking (c_blocking.py) is switched off: it gave no answer to Said within 0.3 s: it is stuck at "
    assert any(stuck in line for line in log)
    assert "hunter2" not in "\n".join(log)
    broken = {text for text, status in told.items() if status is Status.BROKEN}
    assert any(text.startswith("d_unimportable (d_unimportable.py): importing it failed") for text in broken)
    for name in ("raising", "hanging", "blocking"):
        assert any(text.startswith(f"{name} is switched off: it ") for text in broken)
    assert told["good comes from z_good.py"] is Status.OK


async def test_a_command_that_ends_its_thread_is_one_sentence_and_the_bot_goes_on(home: House, folder: Path) -> None:
    async with home.bot(plugins=within(folder)):
        fell = await home.write("mia", "general", "!fall")
        await home.reply(fell, lambda text: "went wrong on my side" in text)
        mia = Hand(home, "mia")
        await mia.command("count")
        await home.spoken("general", lambda text: text == "asked 1 times")


async def test_what_a_plugin_keeps_survives_a_restart_and_known_commands_are_not_told_again(
    home: House, folder: Path
) -> None:
    for expected in ("asked 1 times", "asked 2 times"):
        async with home.bot(plugins=within(folder)):
            asked = await home.write("mia", "general", "!count")
            await home.answer(asked, expected)
    puts = [each for each in home.box.log if each.method == "PUT" and each.path.endswith("/commands")]

    assert len(puts) == 1  # the commands had not changed


async def test_a_changed_command_is_told_to_discord_again(home: House, folder: Path) -> None:
    async with home.bot(plugins=within(folder)):
        await Hand(home, "mia").id_of("count")
    write(folder, {"z_good": GOOD.replace("call: Call) -> str", "call: Call, by: int = 1) -> str")})
    async with home.bot(plugins=within(folder)):
        await home.box.wait_for(
            lambda each: each.method == "PUT" and each.path.endswith("/commands") and "'by'" in str(each.body)
        )


async def test_reactions_reach_plugins(home: House, folder: Path) -> None:
    async with home.bot(plugins=within(folder)):
        said = await home.write("mia", "general", "look")
        channel = home.channel("general")
        path = f"/channels/{channel}/messages/{said}/reactions/%F0%9F%8C%BF/@me"
        await home.ask("mia", "PUT", path, expect=204)

        await home.spoken(await home.direct("mia"), lambda text: text == "a fern for you")


async def test_two_plugins_do_not_get_the_same_name_or_command(
    home: House, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, {"zz_again": GOOD, "zzz_help": GOOD.replace('"good"', '"other"').replace('"count"', '"help"')})
    async with home.bot(plugins=within(folder)):
        asked = await home.write("mia", "general", "!count")
        await home.answer(asked, "asked 1 times")

    assert "the plugin zz_again is not used: there is a plugin called good already" in caplog.text
    assert "the plugin zzz_help is not used: its command help clashes with help of help" in caplog.text


async def test_what_is_switched_off_is_not_there(home: House, folder: Path) -> None:
    async with home.bot(plugins=within(folder, disabled=["vc-notify", "good", "react"])):
        await home.write("mia", "general", "!count")
        await home.write("mia", "general", "digm is asleep")
        await home.write("mia", "general", "!vc-notify follow")
        await home.after()

        assert home.texts("general") == []
        assert not [each for each in home.box.log if "/reactions/" in each.path]


async def test_a_folder_that_is_none_is_one_line_and_the_bot_starts(
    home: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with home.bot(plugins=within(tmp_path / "nowhere")):
        await home.after()

    assert "plugins.folder is no folder" in caplog.text


async def test_settings_of_a_plugin_are_checked_by_it(
    home: House, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    examples = Path(__file__).parent.parent.parent / "examples" / "plugins"
    (folder / "music.py").write_text((examples / "music.py").read_text(encoding="utf-8"), encoding="utf-8")
    async with home.bot(plugins=within(folder, music={"url": 7}, nobody={"a": 1}, good={"a": 1})):
        await home.after()

    assert "the plugin music is not used: plugins.music.url: Input should be a valid string" in caplog.text
    assert "[plugins.nobody] is for a plugin that is not there" in caplog.text
    assert "the plugin good takes no settings" in caplog.text


async def test_what_plugins_keep_of_a_person_is_told_to_them(home: House) -> None:
    examples = Path(__file__).parent.parent.parent / "examples" / "plugins"
    async with home.bot(plugins=within(examples, seconds=5.0)):
        asked = await home.write("mia", "general", "!rivals create 700 yoshi")
        await home.reply(asked, lambda text: "created" in text)
        await Hand(home, "mia").command("privacy")
        await Hand(home, "mia").whispered(lambda text: "1 notes of plugins" in text)
