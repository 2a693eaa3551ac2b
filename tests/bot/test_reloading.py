"""An edited configuration file is noticed however it was written, taken when it is right, and left alone when not."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from bot.reloading import Reloader, Source
from bot.settings.load import load_settings
from bot.settings.model import Settings
from bot.settings.secrets import Redactor
from tests.bot.settings.parts import FILLED_IN

SERVER = '[mcp.servers.time]\ncommand = "uvx"\n'
PATIENCE = 15.0


@dataclass
class Taken:
    """An applier that remembers which servers it was told of."""

    seen: list[list[str]] = field(default_factory=list[list[str]])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def apply(self, settings: Settings) -> str:
        self.seen.append(list(settings.mcp.servers))
        self.changed.set()
        return "told"

    def taken(self, before: Settings, after: Settings) -> Settings:
        return before.model_copy(update={"mcp": after.mcp})

    async def next(self) -> list[str]:
        async with asyncio.timeout(PATIENCE):
            await self.changed.wait()
        self.changed.clear()
        return self.seen[-1]


@dataclass
class Place:
    """A folder with a configuration in it that is followed."""

    path: Path
    taken: Taken
    source: Source

    @asynccontextmanager
    async def followed(self) -> AsyncGenerator[Taken]:
        reloader = Reloader(self.source, self.source.read().settings, [self.taken])
        running = asyncio.create_task(reloader.run())
        try:
            yield self.taken
        finally:
            running.cancel()
            await asyncio.wait({running})


def place(path: Path) -> Place:
    read = partial(load_settings, path, {"HOME": str(path.parent)})
    return Place(path, Taken(), Source(path, read, Redactor([])))


def replaced(path: Path, text: str) -> None:
    """As vim and many others write."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def rewritten(path: Path, text: str) -> None:
    path.write_text(text)


def removed_and_made_again(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def backed_up(path: Path, text: str) -> None:
    """As emacs writes."""
    path.rename(path.with_name("config.toml~"))
    path.write_text(text)


@pytest.mark.parametrize("write", [rewritten, replaced, removed_and_made_again, backed_up])
async def test_an_edit_is_noticed_again_and_again(tmp_path: Path, write: Callable[[Path, str], None]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILLED_IN)
    async with place(path).followed() as taken:
        write(path, FILLED_IN + SERVER)
        assert await taken.next() == ["time"]

        write(path, FILLED_IN)
        assert await taken.next() == []

        write(path, FILLED_IN + SERVER.replace("time", "clock"))
        assert await taken.next() == ["clock"]


async def test_a_mounted_config_map_is_followed(tmp_path: Path) -> None:
    """Kubernetes: config.toml → ..data/config.toml, ..data → a folder; an update moves another ..data over it."""

    def mount(name: str, text: str) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text)
        (tmp_path / "..data_tmp").symlink_to(name)
        (tmp_path / "..data_tmp").rename(tmp_path / "..data")

    mount("..2030_01", FILLED_IN)
    (tmp_path / "config.toml").symlink_to("..data/config.toml")
    async with place(tmp_path / "config.toml").followed() as taken:
        mount("..2030_02", FILLED_IN + SERVER)
        assert await taken.next() == ["time"]

        mount("..2030_03", FILLED_IN)
        assert await taken.next() == []


async def test_the_file_behind_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere/real.toml"
    real.write_text(FILLED_IN)
    (tmp_path / "config.toml").symlink_to(real)
    async with place(tmp_path / "config.toml").followed() as taken:
        replaced(real, FILLED_IN + SERVER)

        assert await taken.next() == ["time"]


async def test_what_is_wrong_changes_nothing_and_is_told_as_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILLED_IN)
    here = place(path)
    async with here.followed() as taken:
        with caplog.at_level(logging.INFO, "bot.reloading"):
            replaced(path, FILLED_IN + SERVER + 'url = "https://h/"\n[limits]\nsteps = 0')
            await logged(caplog, "the configuration was not taken")
            replaced(path, FILLED_IN + SERVER)
            assert await taken.next() == ["time"]

    assert taken.seen == [["time"]]
    told = [record.getMessage().replace(f"{tmp_path}/", "") for record in caplog.records]
    assert told[:3] == [
        "config.toml:7: mcp.servers.time.url: a server has either `command` or `url`; remove one of them",
        "config.toml:9: limits.steps: must be greater than or equal to 1; write it like steps = 12",
        "the configuration was not taken, and what was read before stays",
    ]


async def test_a_file_that_is_gone_is_told_and_one_that_comes_back_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILLED_IN)
    async with place(path).followed() as taken:
        path.unlink()
        await logged(caplog, "is gone; what was read before stays")
        path.write_text(FILLED_IN + SERVER)

        assert await taken.next() == ["time"]


async def test_what_cannot_change_while_running_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILLED_IN)
    async with place(path).followed() as taken:
        with caplog.at_level(logging.INFO, "bot.reloading"):
            replaced(path, FILLED_IN + SERVER + "[limits]\nsteps = 3\n[discord]\nstream_replies = false\n")
            await taken.next()
            await logged(caplog, "was read again")

    assert caplog.messages[-1] == ("the configuration was read again; told; with the next start: [discord], [limits]")


async def test_it_is_read_when_somebody_asks_also_for_secrets_in_other_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, key = tmp_path / "config.toml", tmp_path / "key"
    key.write_text("first-secret")
    path.write_text(FILLED_IN + SERVER + f'env_file = {{ API_KEY = "{key}" }}\n')
    here = place(path)
    async with here.followed() as taken:
        key.write_text("second-secret")
        here.source.asked.set()
        await taken.next()

    assert here.source.redactor("it is second-secret") == "it is **********"
    assert "second-secret" not in caplog.text


async def test_other_files_in_the_folder_are_nothing_to_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILLED_IN)
    async with place(path).followed() as taken:
        (tmp_path / "other.toml").write_text("x")
        os.utime(tmp_path)
        replaced(path, FILLED_IN + SERVER)
        await taken.next()

    assert taken.seen == [["time"]]


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(words in message for message in caplog.messages):
            try:
                async with asyncio.timeout(0.02):
                    await asyncio.get_running_loop().create_future()
            except TimeoutError:
                continue
