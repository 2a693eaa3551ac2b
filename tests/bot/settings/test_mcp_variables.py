"""Servers and their secrets from the environment and from files: names of the operator's own in a variable."""

from pathlib import Path

import pytest

from bot.mcp.wishes import server_wishes_of
from mcp_servers.outside.wishes import Address, Program
from tests.bot.settings.parts import FILLED_IN, complaints, load

KEY = "sk-key-0123456789"
PROGRAM = '[mcp.servers.time]\ncommand = "uvx"\n'
ADDRESS = '[mcp.servers.hub]\nurl = "https://mcp.example.org/mcp/"\n'


def test_secrets_of_a_table_may_be_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    text = ADDRESS + 'headers = { X-Team = "blue-team" }\nheaders_file = { Authorization = "key" }\n'

    loaded = load(tmp_path, FILLED_IN + text)

    headers = loaded.settings.mcp.servers["hub"].headers
    assert {name: value.get_secret_value() for name, value in headers.items()} == {
        "X-Team": "blue-team",
        "Authorization": KEY,
    }
    assert loaded.origins["mcp", "servers", "hub", "headers", "Authorization"].endswith("config.toml:8")
    assert loaded.redactor(f"{KEY} of blue-team") == "********** of **********"


def test_a_variable_means_the_name_that_the_file_has(tmp_path: Path) -> None:
    text = (
        '[mcp.servers.my-hub]\nurl = "https://h/mcp"\nheaders = { Authorization = "from-file", X-Api-Key = "old-key" }'
    )
    environ = {
        "DIGMBOT_MCP__SERVERS__MY_HUB__HEADERS__AUTHORIZATION": KEY,
        "DIGMBOT_MCP__SERVERS__MY_HUB__HEADERS__X_API_KEY": "new-key",
        "DIGMBOT_MCP__SERVERS__MY_HUB__HEADERS__X_TEAM": "blue",
        "DIGMBOT_MCP__SERVERS__MY_HUB__TIMEOUT": "7",
        "DIGMBOT_MCP__SERVERS__MY_HUB__TOOLS__DENY": "a_*,b",
    }

    servers = load(tmp_path, FILLED_IN + text, environ).settings.mcp.servers

    assert list(servers) == ["my-hub"]
    hub = servers["my-hub"]
    assert {name: value.get_secret_value() for name, value in hub.headers.items()} == {
        "Authorization": KEY,
        "X-Api-Key": "new-key",
        "x-team": "blue",
    }
    assert (hub.timeout, hub.tools.deny) == (7.0, ("a_*", "b"))


def test_a_server_may_come_from_the_environment_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    environ = {
        "DIGMBOT_MCP__SERVERS__TIME__COMMAND": "uvx",
        "DIGMBOT_MCP__SERVERS__TIME__ARGS": '["mcp-server-time"]',
        "DIGMBOT_MCP__SERVERS__TIME__ENV__API_KEY": KEY,
        "DIGMBOT_MCP__SERVERS__TIME__ENV__Http__Proxy": "as it is",
        "DIGMBOT_MCP__SERVERS__TIME__ENV_FILE__TOKEN": str(tmp_path / "key"),
        "DIGMBOT_MCP__SERVERS__HUB": '{"url": "https://h/mcp", "headers": {"Authorization": "Bearer x"}}',
    }

    loaded = load(tmp_path, FILLED_IN, environ)

    time, hub = server_wishes_of(loaded.settings)[::-1]
    assert time.at == Program(
        "uvx", ("mcp-server-time",), {"API_KEY": KEY, "Http__Proxy": "as it is", "TOKEN": KEY}, None
    )
    assert isinstance(hub.at, Address)
    assert hub.at.headers == {"Authorization": "Bearer x"}


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("MCP__SERVERS__TIME__COMAND", "x", "no such setting; did you mean DIGMBOT_MCP__SERVERS__TIME__COMMAND?"),
        ("MCP__SERVERS__TIME__TOOLS__ALOW", "x", "did you mean DIGMBOT_MCP__SERVERS__TIME__TOOLS__ALLOW?"),
        ("MCP__SERVERS__TIME__HEADERS__AUTHORIZATION", KEY, "mcp.servers.time.headers: headers goes with `url`"),
        ("MCP__SERVERS__TIME__ENV", KEY, "mcp.servers.time.env: is not JSON; write it like {"),
        ("MCP__SERVERS__TIME__ENV_FILE__KEY", "gone", "mcp.servers.time.env_file.KEY: its file cannot be read"),
        ("MCP__SERVERS", "[", "mcp.servers: is not JSON; write it like {"),
        ("MCP__SERVERS__NEW", "{}", "the server needs `command`"),
        ("MCP__SERVE__ENABLED__X", "1", "there is no such setting"),
        ("MCP__SERVE", "{}", "there is no such setting"),
    ],
)
def test_a_mistake_in_a_variable_names_it(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    told = complaints(tmp_path, FILLED_IN + PROGRAM, {f"DIGMBOT_{variable}": value})

    assert len(told) == 1, told
    assert told[0].startswith(f"environment DIGMBOT_{variable}: ")
    assert sentence in told[0]
    assert KEY not in told[0]
