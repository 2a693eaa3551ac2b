"""`digmbot config`, as somebody at a shell sees it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings.reference import EXAMPLE, PAGE, example_file, page

ROOT = Path(__file__).parent.parent.parent.parent
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("DIGMBOT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def digmbot(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return int(exit_.value.code or 0)


def test_from_nothing_to_a_configuration(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = empty_home / ".config/digmbot/config.toml"

    assert digmbot("config", "check") == 0
    assert "nothing is configured" in capsys.readouterr().out
    assert digmbot("config", "init") == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert digmbot("config", "check") == 2
    assert capsys.readouterr().err.count("still has the placeholder <TODO>") == 1
    path.write_text(path.read_text().replace("<TODO>", TOKEN))
    assert digmbot("config", "check") == 0
    assert capsys.readouterr().out == f"{path}: ok\n"


def test_init_never_overwrites(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = empty_home / "mine.toml"
    path.write_text("mine")
    link = empty_home / "link.toml"
    link.symlink_to(empty_home / "nowhere")

    assert digmbot("config", "init", "--path", str(path)) == 1
    assert digmbot("config", "init", "--path", str(link)) == 1
    assert "was left as it is" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert not (empty_home / "nowhere").exists()


def test_init_says_why_it_cannot_write(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty_home / "file").write_text("")

    assert digmbot("config", "init", "--path", str(empty_home / "file/config.toml")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_show_tells_what_holds_and_where_it_is_from(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = empty_home / "c.toml"
    music = '[plugins.music]\nkey = "mine"'
    path.write_text(f'[general]\ndiscord_token = "{TOKEN}"\n[llm_general]\nchat_url = "http://h:1/api/chat"\n{music}')
    path.chmod(0o600)
    monkeypatch.setenv("DIGMBOT_LIMITS__STEPS", "3")

    assert digmbot("config", "show", "--config", str(path)) == 0

    out, err = capsys.readouterr()
    told = [line.split() for line in out.splitlines()]
    assert ["discord_token", "=", '"**********"', "#", f"{path}:2"] in told
    assert ["base_url", "=", '"http://h:1/v1"', "#", f"{path}:4"] in told
    assert ["steps", "=", "3", "#", "environment", "DIGMBOT_LIMITS__STEPS"] in told
    assert ["command_prefix", "=", '"!"', "#", "default"] in told
    assert TOKEN not in out + err
    assert "llm_reply.model_name is not filled in; the first model that h:1 lists is used" in err
    assert "mine" not in out + err  # what is for a plugin


@pytest.mark.parametrize("command", [["config", "check"], ["config", "show"]])
def test_a_wrong_configuration_is_exit_2_without_a_traceback(
    empty_home: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = empty_home / "c.toml"
    path.write_text("[general]\ndiscord_token = 5\nx = 1")

    assert digmbot(*command, "--config", str(path)) == 2
    err = capsys.readouterr().err
    assert f"{path}:2: general.discord_token: must be text in quotes" in err
    assert f"{path}:3: general.x: unknown key" in err
    assert "Traceback" not in err


def test_wrong_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert digmbot("confg") == 2
    assert digmbot("config", "check", "--nonsense") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_example_and_the_page_are_what_the_models_say() -> None:
    hint = "run `python -m bot.settings.reference`"
    assert EXAMPLE.read_text(encoding="utf-8") == example_file(), hint
    assert PAGE.read_text(encoding="utf-8") == page(), hint


def test_every_default_of_the_example_can_be_taken(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = example_file().replace("<TODO>", "filled-in").splitlines()
    taken = [line.startswith("# ") and (" = " in line or line[2] == "[") and '"…"' not in line for line in lines]
    used = [line[2:] if take else line for line, take in zip(lines, taken, strict=True)]
    path = empty_home / "c.toml"
    path.write_text("\n".join(line for line in used if not line[:1].isupper()))
    path.chmod(0o600)

    assert digmbot("config", "check", "--config", str(path)) == 0, capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert not imported & {
        "pydantic",
        "discord",
        "openai",
        "chromadb",
        "mcp",
        "sqlalchemy",
        "structlog",
        "rich",
        "numpy",
    }
    assert "config" in done.stdout
