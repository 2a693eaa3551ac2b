"""Every configuration in docs/mcp.md can be copied as it is."""

import re
from pathlib import Path

import pytest

from bot.mcp.wishes import server_wishes_of
from tests.bot.settings.parts import FILLED_IN, load

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_there_are_four() -> None:
    assert len(BLOCKS) == 4


@pytest.mark.parametrize("block", BLOCKS)
def test_it_is_right(tmp_path: Path, block: str) -> None:
    (tmp_path / "github").write_text("Bearer github_pat_0123456789")

    loaded = load(tmp_path, FILLED_IN + block.replace("/run/secrets/github", str(tmp_path / "github")))

    assert len(server_wishes_of(loaded.settings)) == 1
    assert not loaded.warnings


def test_the_number_of_tokens_is_the_default(tmp_path: Path) -> None:
    assert f"({load(tmp_path).settings.mcp.tool_tokens:,})" in TEXT
