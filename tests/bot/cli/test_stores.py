"""`digmbot memory` and `digmbot reminders` on a real database."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from chat.clock import utc_now
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.people import Person
from memory.archive import Archive
from reminders.schedule import Cron
from reminders.service import Reminders
from reminders.store import ReminderStore
from storage.data_dir import DataDir
from storage.database import Database
from storage.migrations import upgrade

ADA = Person(UserId(7), "Ada")
SERVER = GuildId(3)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[storage]\ndata_dir = "{tmp_path / "data"}"\n')
    return path


def fill(data: Path) -> str:
    """One message and one reminder; answers the reminder's id."""

    async def work() -> str:
        with DataDir(data) as folder:
            async with Database(folder.database_url) as database:
                await asyncio.to_thread(upgrade, database.engine)
                said = Message(
                    MessageId(1), ChannelId(5), SERVER, ADA, "the heron is our logo", datetime(2026, 1, 2, tzinfo=UTC)
                )
                await Archive(database).archive(said)
                made = await Reminders(ReminderStore(database), utc_now).schedule(
                    owner=ADA,
                    guild_id=SERVER,
                    channel_id=ChannelId(5),
                    text="a private matter",
                    when=Cron("0 9 * * mon", "Europe/Berlin"),
                    source_key="1/0/x/1",
                    request_link="https://discord.com/channels/3/5/1",
                )
                return made.id

    return asyncio.run(work())


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(list(arguments))
    except SystemExit as ended:
        code = int(ended.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_memory_is_counted_and_searched(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path / "data")

    counted = told(capsys, "memory", "stats", "--config", str(config))
    found = told(capsys, "memory", "search", "heron", "--server", "3", "--config", str(config))
    elsewhere = told(capsys, "memory", "search", "heron", "--server", "4", "--config", str(config))

    assert "messages: 1" in counted[1]
    assert found[:2] == (0, "2026-01-02 00:00 Ada: the heron is our logo\n  https://discord.com/channels/3/5/1\n")
    assert elsewhere[:2] == (0, "")


def test_reminders_are_listed_without_their_words_and_cancelled(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reminder_id = fill(tmp_path / "data")

    _, listed, _ = told(capsys, "reminders", "list", "--config", str(config))
    code, cancelled, _ = told(capsys, "reminders", "cancel", reminder_id, "--config", str(config))
    again, _, complaint = told(capsys, "reminders", "cancel", reminder_id, "--config", str(config))

    assert reminder_id in listed
    assert "cron `0 9 * * mon` in Europe/Berlin" in listed
    assert "a private matter" not in listed
    assert (code, cancelled) == (0, f"cancelled {reminder_id} of Ada\n")
    assert (again, reminder_id in complaint) == (1, True)


def test_without_a_database_nothing_is_made(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, complaint = told(capsys, "memory", "stats", "--config", str(config))

    assert (code, "nothing has been kept yet" in complaint) == (1, True)
    assert not (tmp_path / "data").exists()


def test_a_person_is_exported_and_forgotten(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(config.parent / "data")

    code, out, err = told(capsys, "memory", "export", "--person", str(ADA.id), "--config", str(config))
    assert code == 0, err
    exported = json.loads(out)
    code, out, err = told(capsys, "memory", "forget", "--person", str(ADA.id), "--yes", "--config", str(config))

    assert [each["text"] for each in exported["messages"]] == ["the heron is our logo"]
    assert code == 0, err
    assert "1 messages" in out
    code, out, _ = told(capsys, "memory", "stats", "--config", str(config))
    assert "messages: 0" in out


def test_everything_is_indexed_again(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(config.parent / "data")

    code, _, err = told(capsys, "memory", "reindex", "--config", str(config))

    assert code == 0, err
    _, out, _ = told(capsys, "memory", "search", "heron", "--server", str(SERVER), "--config", str(config))
    assert out.count("heron") == 1
    assert "waiting to be indexed: 0" in told(capsys, "memory", "stats", "--config", str(config))[1]


def test_what_changes_the_stores_is_refused_while_a_bot_runs(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(config.parent / "data")

    with DataDir(config.parent / "data"):
        code, _, err = told(capsys, "memory", "reindex", "--config", str(config))

    assert code == 1
    assert "another" in err or "running" in err or "in use" in err, err
