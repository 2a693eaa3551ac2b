"""Plugins whose commands cannot be: each is named and left out, and those beside it work."""

from pathlib import Path

import pytest

from tests.life.house import House

PLUGIN = """
import asyncio
from bot.plugins.api import Call, Command, Event, Plugin, Said


class Edge(Plugin):
    name = {name!r}

    def commands(self):
        return [Command(self.run, each, "Whatever") for each in {commands!r}]

    async def run(self, call: Call) -> str:
        raise asyncio.CancelledError

    async def handle(self, event: Event) -> bool:
        if isinstance(event, Said):
            raise asyncio.CancelledError
        return False
"""
COMMANDS = {
    "a-privacy": ["privacy"],
    "b-group": ["tea", "tea green"],
    "c-twice": ["cup", "cup"],
    "d-many": [f"lot n{number}" for number in range(26)],
    "e-cancelling": ["halt"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    for name, commands in COMMANDS.items():
        (made / f"{name}.py").write_text(PLUGIN.format(name=name, commands=commands), encoding="utf-8")
    return made


async def test_commands_that_cannot_be_are_named_and_a_cancelling_plugin_takes_nothing_with_it(
    home: House, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with home.bot(plugins={"folder": str(folder)}):
        halted = await home.write("mia", "general", "!halt")
        await home.reply(halted, lambda text: "went wrong on my side" in text)
        asked = await home.mention("mia", "general", "hello there")
        await home.answer(asked, "You said: hello there")

    assert "the plugin a-privacy is not used: its command privacy clashes with my own /privacy" in caplog.text
    assert "the plugin b-group is not used: its command tea has subcommands, so it cannot be one itself" in caplog.text
    assert "the plugin c-twice is not used: it has two commands called cup" in caplog.text
    assert "the plugin d-many is not used: Discord takes no such command: " in caplog.text
    assert "the plugin e-cancelling (e-cancelling.py) ended at Said: it raised CancelledError" in caplog.text
