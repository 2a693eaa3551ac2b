"""The configurations of clients that stand in the document are whole, and start what is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from bot.cli import main
from mcp_servers.offered.subjects import Subject
from mcp_servers.offered.tokens import DEFAULT_DAYS, MAX_DAYS
from mcp_servers.offered.wishes import ServeWish

TEXT = (Path(__file__).parents[2] / "docs" / "mcp-out.md").read_text(encoding="utf-8")
OBJECT = TypeAdapter(dict[str, JsonValue])


def servers() -> Iterator[dict[str, JsonValue]]:
    for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL):
        config = OBJECT.validate_python(json.loads(block))
        yield OBJECT.validate_python(OBJECT.validate_python(config.get("mcpServers") or config["servers"])["digmbot"])


def test_four_clients_are_told_where_the_endpoint_is_and_how_to_get_in() -> None:
    found = list(servers())

    assert len(found) == 4
    url = f"{ServeWish().base_url()}/mcp"
    for server in found:
        text = json.dumps(server)
        assert url in text or "--toolset" in text
        assert "DIGMBOT_MCP_TOKEN" in text or "--token-file" in text or "Authorization" in text


def test_the_commands_in_them_are_understood() -> None:
    started = [server for server in servers() if "command" in server]
    assert len(started) == 2
    for server in started:
        assert server["command"] == "digmbot"
        with pytest.raises(SystemExit) as ended:
            main([*map(str, TypeAdapter(list[str]).validate_python(server["args"])), "--help"])
        assert not ended.value.code


def test_the_figures_are_those_of_the_program() -> None:
    wish = ServeWish()

    assert f"`port` (`{wish.port}`)" in TEXT
    assert f"1 to {MAX_DAYS}, by default {DEFAULT_DAYS}" in TEXT
    assert f"{wish.calls_per_minute} calls a minute and {wish.burst} at once" in TEXT
    assert f"requests of {wish.max_body // 1024} KiB" in TEXT
    assert all(f"`/mcp/{subject.value}`" in TEXT for subject in Subject)
