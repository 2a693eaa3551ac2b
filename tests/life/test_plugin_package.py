"""Plugins that installed packages bring by entry points."""

import logging
import sys
from pathlib import Path

import pytest

from bot.doctor.findings import Status
from bot.doctor.plugin_checks import check_plugins
from bot.settings.plugins import Plugins
from tests.life.house import House

PLUGIN = """
from bot.plugins.api import Call, Command, Plugin


class Packaged(Plugin):
    name = "packaged"

    def commands(self):
        return [Command(self.unwrap, "unwrap", "What is in the package")]

    async def unwrap(self, call: Call) -> str:
        return "a teapot"
"""
ENTRIES = """
[digmbot.plugins]
packaged = packaged_teapot:Packaged
missing = packaged_teapot.nowhere:Gone
text = packaged_teapot:__name__
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installer leaves it, on the path."""
    site = tmp_path / "site"
    about = site / "packaged_teapot-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: packaged-teapot\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(ENTRIES, encoding="utf-8")
    (site / "packaged_teapot.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])


@pytest.mark.usefixtures("package")
async def test_a_package_brings_a_plugin_and_what_cannot_be_imported_is_named(
    home: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with home.bot():
        await home.answer(await home.write("mia", "general", "!unwrap"), "a teapot")
        database = home.folder / "data" / "digmbot.db"
        told = {each.text: each.status async for each in check_plugins(Plugins(), database)}
    log = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]

    assert "the plugin missing is not used: importing it failed: ModuleNotFoundError" in log
    assert "the plugin text is not used: its entry point names no plugin class" in log
    assert told["packaged comes from package packaged-teapot"] is Status.OK
    assert told["missing (package packaged-teapot): importing it failed: ModuleNotFoundError"] is Status.BROKEN
    assert told["text (package packaged-teapot): its entry point names no plugin class"] is Status.BROKEN


@pytest.mark.usefixtures("package")
async def test_packages_and_single_ones_of_them_can_be_left_out(home: House, caplog: pytest.LogCaptureFixture) -> None:
    async with home.bot(plugins={"packages": False}):
        await home.write("mia", "general", "!unwrap")
        await home.after()

        assert home.texts("general") == []
    assert "is not used" not in caplog.text
    async with home.bot(plugins={"disabled": ["missing", "text"]}):
        await home.answer(await home.write("mia", "general", "!unwrap"), "a teapot")
    assert "is not used" not in caplog.text
