"""A configuration in a folder of its own, and reading it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.settings.load import Loaded, load_settings
from bot.settings.problems import SettingsError

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
FILLED_IN = f"""\
[general]
discord_token = "{TOKEN}"
[llm_reply]
model_name = "qwen3"
"""


def write(folder: Path, text: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def load(folder: Path, text: str = FILLED_IN, environ: Mapping[str, str] | None = None) -> Loaded:
    """The settings of this text; nothing of the machine's own gets in."""
    return load_settings(write(folder, text), {"HOME": str(folder), **(environ or {})})


def complaints(folder: Path, text: str = FILLED_IN, environ: Mapping[str, str] | None = None) -> list[str]:
    """What is said of this text, with the folder left out."""
    with pytest.raises(SettingsError) as caught:
        load(folder, text, environ)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]
