"""One digmbot owns a data directory; everybody else is told what is wrong with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from storage.errors import StorageError

HOLD = """
import sys, pathlib, storage.data_dir as room
with room.DataDir(pathlib.Path(sys.argv[1])):
    print('mine', flush=True)
    input()
"""


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with DataDir(tmp_path / "deep" / "data") as data:
        assert data.path.is_dir()
        assert data.path.stat().st_mode & 0o777 == 0o700
        assert data.database_url.endswith("deep/data/digmbot.db")


def test_a_directory_in_use_names_the_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"

        with (
            pytest.raises(StorageError, match=rf"in use by another digmbot \(process {other.pid}\)"),
            DataDir(tmp_path),
        ):
            pass

        other.kill()  # without a chance to clean up
        other.wait()
        with DataDir(tmp_path):
            assert (tmp_path / "lock.pid").read_text() == str(os.getpid())


def test_it_can_be_used_again_after_use(tmp_path: Path) -> None:
    for _ in range(2):
        with DataDir(tmp_path):
            pass


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(StorageError, match="data cannot be used as the data directory"), DataDir(tmp_path / "data"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_named(tmp_path: Path) -> None:
    with DataDir(tmp_path):
        pass
    tmp_path.chmod(0o500)

    try:
        with pytest.raises(StorageError, match="Permission denied; check its owner"), DataDir(tmp_path):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_a_path_that_nobody_can_write_is_named() -> None:
    with pytest.raises(StorageError, match="/proc/digmbot cannot be used"), DataDir(Path("/proc/digmbot")):
        pass
