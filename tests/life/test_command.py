"""`digmbot run` as a process: how it ends on signals, and what it says when it cannot start."""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.life.child import PATIENCE, Child, spawn, start
from tests.life.house import House
from tests.life.model import Hang, Say, echo, say


async def refused(home: House, code: int, **settings: object) -> str:
    """What it says before it ends with this code."""
    child = await spawn(home, **settings)
    assert await child.ended() == code, "".join(child.lines)
    said = "".join(child.lines)
    assert "Traceback" not in said, said
    return said


async def finishing(home: House) -> tuple[Child, int, asyncio.Event]:
    """A bot in the middle of an answer."""
    gate = asyncio.Event()
    home.model.on("take your time", Say(["This is the beginning", " and this is the end."], [gate]))
    child = await start(home)
    asked = await home.mention("mia", "general", "take your time")
    await home.reply(asked, lambda text: text.startswith("This is the beginning"))
    return child, asked, gate


async def test_asked_to_stop_it_finishes_its_answer_and_exits_well(home: House) -> None:
    child, asked, gate = await finishing(home)
    child.terminate()
    await child.line("once more to stop at once")
    gate.set()

    await home.answer(asked, "This is the beginning and this is the end.")
    assert await child.ended() == 0


async def test_what_takes_too_long_is_named_and_answered_at_the_next_start(home: House) -> None:
    home.model.on("for ever", Hang(asyncio.Event()))
    child = await start(home, limits__shutdown_seconds=0.2)
    asked = await home.mention("mia", "general", "for ever")
    await home.model.wait_for("for ever")
    child.terminate()
    assert str(asked) in await child.line("left for the next start")
    assert await child.ended() == 0

    home.model.on("for ever", say("Here at last."))
    child = await start(home)
    await home.reply(asked, lambda text: text.startswith("Here at last."))
    child.terminate()
    assert await child.ended() == 0


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_stops_it_at_once(home: House, first: signal.Signals) -> None:
    child, asked, gate = await finishing(home)
    child.process.send_signal(first)
    await child.line("once more to stop at once")
    child.terminate()
    assert await child.ended() == 130

    gate.set()
    child = await start(home)
    await home.reply(asked, lambda text: text.startswith("This is the beginning and this is the end."))
    child.terminate()
    assert await child.ended() == 0
    assert len(home.answers(asked)) == 1


async def test_a_signal_while_it_starts_ends_it_well(home: House) -> None:
    home.box.faults.slow(PATIENCE, times=100, who="digm")
    child = await spawn(home)
    await child.line("migrating")
    child.terminate()
    assert await child.ended() == 0


async def test_a_wrong_token_is_a_sentence(home: House) -> None:
    said = await refused(home, 1, general__discord_token="no-such-token")
    assert "Discord refuses the token" in said
    assert "no-such-token" not in said


async def test_a_closed_port_is_a_sentence(home: House) -> None:
    said = await refused(home, 1, discord__api_url="http://127.0.0.1:9/api/v10")
    assert "Discord cannot be reached at http://127.0.0.1:9" in said


async def test_a_data_directory_in_use_is_a_sentence(home: House) -> None:
    child = await start(home)
    assert "is in use by another digmbot" in await refused(home, 1)

    asked = await home.mention("mia", "general", "still there?")
    await home.answer(asked, echo("still there?"))
    child.terminate()
    assert await child.ended() == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_data_directory_is_a_sentence(home: House) -> None:
    data = home.folder / "data"
    data.mkdir(mode=0o500)
    assert "cannot be used as the data directory" in await refused(home, 1)


async def test_a_file_where_the_data_directory_should_be_is_a_sentence(home: House) -> None:
    (home.folder / "data").write_text("not a folder")
    assert "cannot be used as the data directory" in await refused(home, 1)


async def test_a_database_from_the_future_is_refused_and_left_as_it_is(home: House) -> None:
    child = await start(home)
    child.terminate()
    assert await child.ended() == 0
    file = home.folder / "data" / "digmbot.db"
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    before = file.read_bytes()

    said = await refused(home, 1)

    assert "newer" in said
    assert file.read_bytes() == before


async def test_a_damaged_database_is_a_sentence(home: House) -> None:
    (home.folder / "data").mkdir()
    (home.folder / "data" / "digmbot.db").write_bytes(b"this is no database" * 100)
    assert "is not a database" in await refused(home, 1)


async def run_command(*arguments: str) -> tuple[int, str]:

    command = [sys.executable, "-m", "bot.cli", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(20):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_malformed_configuration_names_every_mistake_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[general]\ndiscord_token = 5\n[discrod]\nx = 1\n[limits]\nsteps = "many"\n')
    code, said = await run_command("run", "--config", str(config))

    assert code == 2
    assert all(f"{config}:{line}" in said for line in (2, 3, 6)), said
    assert "Traceback" not in said


@pytest.mark.parametrize("text", ["[[guilds]\nname =", '[[guilds]]\nname = "x"\nowner = "nobody"\nchanels = 3\n'])
async def test_a_malformed_world_is_a_sentence(tmp_path: Path, text: str) -> None:
    world = tmp_path / "world.toml"
    world.write_text(text)
    code, said = await run_command("sandbox", "--world", str(world), "--port", "0")

    assert code == 2
    assert "world.toml" in said or "chanels" in said
    assert "Traceback" not in said
