"""Which version runs when what is written down does not hold any more; handing over: `tests/life/test_rebuild.py`."""

import sqlite3
from pathlib import Path

import pytest

from bot.rebuild.kept_database import KeptDatabase
from bot.rebuild.program import SOURCE, Program, this_release
from bot.rebuild.state import Phase, Release, State, StateFile


def here() -> Release:
    release = this_release()
    if release is None:
        pytest.skip("this is no git checkout")
    return release


def settled(tmp_path: Path, python: Path, *, origin: Release) -> StateFile:
    target = Release(commit="c" * 40, folder=tmp_path / "built", python=python)
    file = StateFile(tmp_path / "rebuild")
    file.write(State(phase=Phase.SETTLED, origin=origin, before=origin, target=target, ready_seconds=1))
    return file


def test_a_version_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    file = settled(tmp_path, tmp_path / "gone", origin=here())

    Program.begin(tmp_path)  # returns: what is here runs

    assert file.read() is None


def test_a_version_that_cannot_be_started_is_not_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = tmp_path / "python"
    broken.write_text("no program")
    settled(tmp_path, broken, origin=here())

    Program.begin(tmp_path)

    assert "version cccccccccc cannot be started" in caplog.text


def test_another_checkout_than_the_one_that_was_rebuilt_runs_as_it_is(tmp_path: Path) -> None:
    older = Release(commit="a" * 40, folder=SOURCE, python=here().python)
    file = settled(tmp_path, older.python, origin=older)

    Program.begin(tmp_path)

    assert file.read() is None


@pytest.mark.parametrize("text", ["", "{", '{"phase": "settled"}', '{"phase": "dancing"}'])
def test_a_note_that_makes_no_sense_is_passed_over(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    file = StateFile(tmp_path / "rebuild")
    file.folder.mkdir()
    file.path.write_text(text)

    Program.begin(tmp_path)

    assert "cannot be read" in caplog.text


def test_a_kept_database_is_put_back_without_what_was_written_since(tmp_path: Path) -> None:
    kept = KeptDatabase(tmp_path / "digmbot.db", tmp_path / "kept")
    with sqlite3.connect(kept.database) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE said (text)")
        database.execute("INSERT INTO said VALUES ('before')")
    kept.keep()
    database.execute("INSERT INTO said VALUES ('since')")
    database.commit()  # it is in the write-ahead log, which stays there when a process is killed
    kept.put_back()
    database.close()

    with sqlite3.connect(kept.database) as database:
        assert database.execute("SELECT text FROM said").fetchall() == [("before",)]
    kept.put_back()  # nothing is kept any more
