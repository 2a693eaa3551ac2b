"""`digmbot import-state`: the state of digmbot-rs, as its own code writes it."""

import sqlite3
from pathlib import Path

import pytest

from bot.cli import main

STATE = """\
[vc_notify]
followers = ["80351110224678912", 7]

[rivals_ratings]
ada = 1200
"bob the brave" = 900

[rivals_ratings_owners]
ada = "80351110224678912"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[storage]\ndata_dir = "{tmp_path / "data"}"\n')
    return path


def run(config: Path, state: str, *options: str) -> int | str | None:
    file = config.parent / "state.toml"
    file.write_text(state)
    with pytest.raises(SystemExit) as ended:
        main(["import-state", str(file), "--config", str(config), *options])
    return ended.value.code


def kept(config: Path) -> dict[str, str]:
    connection = sqlite3.connect(config.parent / "data" / "digmbot.db")
    try:
        rows = connection.execute("SELECT plugin || ' ' || key, value FROM plugin_state").fetchall()
    finally:
        connection.close()
    return dict(rows)


def test_followers_and_ratings_come_over_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, STATE) == 0
    assert run(config, STATE.replace("1200", "1")) == 0
    told = capsys.readouterr().out.splitlines()

    assert told == [
        "followers: 2, ratings: 2, already here: 0",
        "followers: 0, ratings: 0, already here: 4",
    ]
    assert kept(config) == {
        "vc-notify follow:all:7": "true",
        "vc-notify follow:all:80351110224678912": "true",
        "rivals player:ada": '{"rating": 1200, "owner": 80351110224678912}',
        "rivals player:bob the brave": '{"rating": 900, "owner": null}',
    }


def test_replace_takes_the_ratings_of_the_file(config: Path) -> None:
    run(config, STATE)
    assert run(config, STATE.replace("1200", "1300"), "--replace") == 0

    assert '"rating": 1300' in kept(config)["rivals player:ada"]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("followers = [", "is no TOML"),
        ('[vc_notify]\nfollowers = ["ada"]', "vc_notify.followers.0: Input should be a valid integer"),
        ("[rivals_ratings]\nada = 1.5", "rivals_ratings.ada: Input should be a valid integer"),
    ],
)
def test_what_is_no_state_is_one_sentence(
    config: Path, capsys: pytest.CaptureFixture[str], state: str, why: str
) -> None:
    assert run(config, state) == 2

    assert why in capsys.readouterr().err
    assert not (config.parent / "data" / "digmbot.db").exists()


def test_a_file_that_is_not_there_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["import-state", str(config.parent / "nowhere.toml"), "--config", str(config)])

    assert (ended.value.code, "cannot be read" in capsys.readouterr().err) == (2, True)
