"""`[mcp]`: servers under names of one's own, tables of secrets, and what does not go together."""

from pathlib import Path

import pytest

from bot.mcp.wishes import server_wishes_of
from bot.settings.load import load_settings
from bot.settings.show import effective
from mcp_servers.outside.wishes import Address, AuthKind, Program, Protocol
from tests.bot.settings.parts import FILLED_IN, complaints, load, write
from tools.calls import Approval

KEY = "sk-key-0123456789"
PROGRAM = '[mcp.servers.time]\ncommand = "uvx"\n'
ADDRESS = '[mcp.servers.hub]\nurl = "https://mcp.example.org/mcp/"\n'


def test_all_of_a_program_becomes_a_wish(tmp_path: Path) -> None:
    text = PROGRAM + (
        f'args = ["mcp-server-time", "--x"]\nenv = {{ API_KEY = "{KEY}" }}\ncwd = "work"\ntimeout = 5\n'
        'approval = "always"\nguilds = [5]\nroles = [6, 7]\nprotocol = "legacy"\n'
        '[mcp.servers.time.tools]\nallow = ["get_*"]\ndeny = ["get_x"]\nread = ["get_time"]\n'
    )

    (wish,) = server_wishes_of(load(tmp_path, FILLED_IN + text).settings)

    assert wish.at == Program("uvx", ("mcp-server-time", "--x"), {"API_KEY": KEY}, tmp_path / "work")
    assert (wish.name, wish.allow, wish.deny, wish.reads) == ("time", ("get_*",), ("get_x",), ("get_time",))
    assert (wish.seconds, wish.approval, wish.protocol) == (5.0, Approval.ALWAYS, Protocol.LEGACY)
    assert (wish.guilds, wish.roles) == (frozenset({5}), frozenset({6, 7}))


def test_all_of_an_address_becomes_a_wish(tmp_path: Path) -> None:
    text = ADDRESS + (
        'transport = "sse"\nheaders = { X-Key = "k" }\nallow_private = true\nauth = "client"\nclient_id = "me"\n'
        f'client_secret = "{KEY}"\nscopes = ["read", "write:all"]\n'
    )

    (wish,) = server_wishes_of(load(tmp_path, FILLED_IN + text).settings)

    assert wish.at == Address(
        "https://mcp.example.org/mcp/",
        {"X-Key": "k"},
        is_sse=True,
        allow_private=True,
        auth=AuthKind.CLIENT,
        client_id="me",
        client_secret=KEY,
        scopes=("read", "write:all"),
    )
    assert KEY not in repr(wish)


def test_a_server_that_is_not_enabled_is_no_wish(tmp_path: Path) -> None:
    text = FILLED_IN + PROGRAM + "enabled = false\n" + ADDRESS

    assert [wish.name for wish in server_wishes_of(load(tmp_path, text).settings)] == ["hub"]


def test_the_same_file_read_twice_is_the_same_wish(tmp_path: Path) -> None:
    text = FILLED_IN + PROGRAM + f'env = {{ A = "{KEY}" }}\n' + ADDRESS

    first, again = (server_wishes_of(load(tmp_path, text).settings) for _ in range(2))

    assert first == again


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (PROGRAM + 'url = "https://h/"', 7, "url: a server has either `command` or `url`; remove one of them"),
        ("[mcp.servers.a]\ntimeout = 1", 5, "the server needs `command`, a program to start, or `url`, an address"),
        ("[mcp.servers.a]\nargs = []", 5, "the server needs `command`"),
        (PROGRAM + 'headers = { A = "b" }', 7, "headers goes with `url`, and this server has a `command`; remove it"),
        (PROGRAM + 'transport = "sse"', 7, "transport goes with `url`"),
        (PROGRAM + 'transport = "stdio"', 7, "transport: must be 'http' or 'sse'"),
        (PROGRAM + "allow_private = true", 7, "allow_private goes with `url`"),
        (PROGRAM + 'auth = "user"', 7, "auth goes with `url`"),
        (ADDRESS + 'args = ["x"]', 7, "args goes with `command`, and this server has a `url`; remove it"),
        (ADDRESS + 'env = { A = "b" }', 7, "env goes with `command`"),
        (ADDRESS + 'cwd = "x"', 7, "cwd goes with `command`"),
        (ADDRESS + 'client_id = "x"', 7, 'client_id goes with `auth`; write auth = "bot", "user" or "client"'),
        (ADDRESS + 'scopes = ["x"]', 7, "scopes goes with `auth`"),
        (ADDRESS + 'auth = "user"\nscopes = ["a b"]', 8, "scopes.0: "),
        (ADDRESS + 'auth = "client"\nclient_id = "x"', 5, 'auth = "client" needs client_id and client_secret'),
        (ADDRESS + 'auth = "oauth"', 7, "auth: must be 'none', 'bot', 'user' or 'client'"),
        (ADDRESS + 'auth = "bot"\nheaders = { authorization = "Bearer x" }', 7, "makes the Authorization header"),
        (ADDRESS + 'headers = { X-A = "b", x-a = "c" }', 7, "headers: x-a is given twice; capital letters make no"),
        (ADDRESS + 'headers = { "a b" = "c" }', 7, "headers.a b: is no name of a header; write one like Authorization"),
        (ADDRESS + 'headers = { Host = "c" }', 7, "headers.Host: is a header that the connection itself sets"),
        (
            ADDRESS + 'headers = { A = "b\\nc" }',
            7,
            "headers.A: has line breaks, outer blanks or other than plain ASCII",
        ),
        (ADDRESS + "headers = { A = 5 }", 7, "headers.A: must be text in quotes"),
        (ADDRESS + 'headers = "A: b"', 7, "headers: must be a table of names and values; write it like headers = { Au"),
        (ADDRESS + 'headers_file = "/run/a"', 7, "headers_file: must be a table of names and paths, like headers_file"),
        (ADDRESS + 'headers_file = { A = "gone" }', 7, "headers_file.A: its file cannot be read (No such file"),
        (ADDRESS + "headers_file = { A = 1 }", 7, "headers_file.A: must be the path of a file that holds the secret"),
        (ADDRESS + 'headers = { A = "b" }\nheaders_file = { A = "c" }', 8, "headers_file.A: A is given as well"),
        (
            ADDRESS + 'headers = { A = "<TODO>" }',
            7,
            "headers.A: still has the placeholder <TODO>; write your own value",
        ),
        (ADDRESS + 'headers_file = { A = "<TODO>" }', 7, "headers_file.A: still has the placeholder"),
        (
            PROGRAM + 'env = { "A=B" = "c" }',
            7,
            "env.A=B: is no name of an environment variable; write one like API_KEY",
        ),
        (PROGRAM + 'env = { A = "\\u0000" }', 7, "env.A: has a null character"),
        (PROGRAM + 'args = "mcp-server-time"', 7, "args: must be"),
        (PROGRAM + 'args = ["a\\u0000b"]', 7, "args.0: "),
        ('[mcp.servers.a]\ncommand = ""', 6, "command: "),
        ('[mcp.servers.a]\ncommand = ["uvx", "x"]', 6, "command: must be text in quotes"),
        ('[mcp.servers.a]\nurl = "localhost:8000"', 6, "url: is not an address of the kind https:// or http://"),
        ('[mcp.servers.a]\nurl = "https://me:pass@h/"', 6, "url: has a name or password in it"),
        ('[mcp.servers.a]\nurl = "https://h/#x"', 6, "url: has a # in it"),
        ('[mcp.servers.a]\nurl = "ftp://h/"', 6, "url: is not an address"),
        ('[mcp.servers.Time]\ncommand = "x"', 5, "mcp.servers.Time: a server's name has up to 32 of a-z 0-9 _ -"),
        ('[mcp.servers.a__b]\ncommand = "x"', 5, "mcp.servers.a__b: a server's name has no __"),
        (f'[mcp.servers.{"a" * 33}]\ncommand = "x"', 5, "a server's name has up to 32"),
        ('[mcp.servers."ä"]\ncommand = "x"', 5, "a server's name has up to 32"),
        ('[mcp.servers]\na = "uvx"', 6, "mcp.servers.a: must be a table; write [mcp.servers.a] and its keys below it"),
        ("[mcp]\nservers = []", 6, "mcp.servers: must be"),
        ('[[mcp.servers]]\ncommand = "x"', 5, "mcp.servers: must be"),
        (PROGRAM + 'aproval = "never"', 7, "aproval: unknown key; did you mean approval?"),
        (PROGRAM + 'approval = "sometimes"', 7, "approval: must be 'never', 'writes' or 'always'"),
        (PROGRAM + "timeout = 0", 7, "timeout: must be greater than 0"),
        (PROGRAM + "guilds = [0]", 7, "guilds.0: must be greater than 0"),
        (PROGRAM + 'roles = ["Mods"]', 7, "roles.0: must be a whole number without quotes"),
        (PROGRAM + 'tools = ["a"]', 7, "tools: must be a table; write [mcp.servers.time.tools]"),
        (PROGRAM + 'tools.allow = ["a b"]', 7, "tools.allow.0: may have letters"),
        (PROGRAM + 'tools.reads = ["a"]', 7, "tools.reads: unknown key; did you mean read?"),
        (PROGRAM + 'type = "stdio"', 7, "type: unknown key; here it is transport: For `url`: http is streamable"),
        (PROGRAM + "disabled = true", 7, "disabled: unknown key; here it is enabled"),
        ('[mcpServers.a]\ncommand = "x"', 5, "mcpServers: unknown section; here each server is a table of its own"),
        ('[mcp.time]\ncommand = "x"', 5, "mcp.time: unknown key; a server is written [mcp.servers.time]"),
        ('[mcp]\ncommand = "x"', 6, "mcp.command: unknown key; a server is written [mcp.servers."),
        ('[tools]\ncommand = "x"', 6, "tools.command: unknown key here; it belongs into [mcp.servers.NAME]"),
        ('[mcp.serve]\nenabled = true\nhost = "0.0.0.0"', 5, "host is not this machine alone: write allow_remote"),
        ('[mcp.serve]\nhost = "http://h"', 6, "host: is no host; write a name like mcp.example.org"),
        ('[mcp.serve]\nallowed_hosts = ["h:1/"]', 6, "allowed_hosts.0: is no host"),
        ("[mcp.serve]\nport = 70000", 6, "port: must be less than or equal to 65535"),
        ("[mcp]\ntool_tokens = -1", 6, "tool_tokens: must be greater than or equal to 0"),
    ],
)
def test_one_mistake_is_one_sentence_at_its_line(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    told = complaints(tmp_path, FILLED_IN + text)

    assert len(told) == 1, told
    assert told[0].startswith(f"config.toml:{line}: mcp") or sentence.startswith(("tools.", "mcpServers"))
    assert f"config.toml:{line}: " in told[0]
    assert sentence in told[0]


def test_all_mistakes_of_several_servers_are_told_at_once(tmp_path: Path) -> None:
    text = (
        '[mcp.servers.a]\nargs = ["x"]\ncwd = 5\n[mcp.servers.b]\nurl = "h"\nenv = { A = "b" }\n'
        '[mcp.servers.C]\ncommand = "x"\ntransport = "http"\n[mcp.servers.d.tools]\nallow = 5\n'
    )

    told = complaints(tmp_path, FILLED_IN + text)

    assert [one.split(": ", 2)[:2] for one in told] == [
        ["config.toml:5", "mcp.servers.a.url"],
        ["config.toml:7", "mcp.servers.a.cwd"],
        ["config.toml:9", "mcp.servers.b.url"],
        ["config.toml:11", "mcp.servers.C"],
        ["config.toml:13", "mcp.servers.C.transport"],
        ["config.toml:14", "mcp.servers.d.url"],
        ["config.toml:15", "mcp.servers.d.tools.allow"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS + f'headers = {{ A = "{KEY} \\n" }}',
        ADDRESS + f'headers = "{KEY}"',
        ADDRESS + f'headers = ["{KEY}"]',
        ADDRESS + f'headers = {{ A = ["{KEY}"] }}',
        ADDRESS + f'headers = {{ A = "b" }}\nheaders_file = {{ A = "{KEY}" }}',
        ADDRESS + f'headers_file = "{KEY}"',
        ADDRESS + f'header = {{ A = "{KEY}" }}',
        ADDRESS + f'auth = "bot"\nclient_secret = ["{KEY}"]',
        PROGRAM + f'env = {{ A = {{ b = "{KEY}" }} }}',
        PROGRAM + f'env = {{ A = "{KEY}\\u0000" }}',
        f'[mcp.servers.a]\nenv = {{ A = "{KEY}" }}',
        f'[mcp.servers.a]\nurl = "https://x:{KEY}@h/"',
        f'[mcp.servers.a]\nheaders = {{ Authorization = "Bearer {KEY}" }}\ntimeout = "{KEY}"',
    ],
)
def test_no_problem_repeats_a_secret(tmp_path: Path, text: str) -> None:
    assert KEY not in "\n".join(complaints(tmp_path, FILLED_IN + text))


def test_what_holds_is_shown_server_by_server_without_its_secrets(tmp_path: Path) -> None:
    text = ADDRESS + f'headers = {{ Authorization = "Bearer {KEY}", "X-Team" = "blue" }}\ntools.read = ["get_*"]\n'
    environ = {"DIGMBOT_MCP__SERVERS__HUB__TIMEOUT": "9"}

    shown = "\n".join(effective(load(tmp_path, FILLED_IN + text, environ)))

    table = shown[shown.index("[mcp.servers.hub]") : shown.index("[limits]")]
    assert [line.split("  ")[0] for line in table.splitlines() if line] == [
        "[mcp.servers.hub]",
        'url = "https://mcp.example.org/mcp/"',
        'headers.Authorization = "**********"',
        'headers.X-Team = "**********"',
        "timeout = 9.0",
        "[mcp.servers.hub.tools]",
        'read = ["get_*"]',
    ]
    assert "# environment DIGMBOT_MCP__SERVERS__HUB__TIMEOUT" in table
    assert f"# {tmp_path}/config.toml:7" in table
    assert KEY not in shown
    assert "[mcp.serve]\nenabled = false" in shown


def test_what_is_shown_of_the_servers_can_be_read_again(tmp_path: Path) -> None:
    text = FILLED_IN + PROGRAM + 'args = ["-y", "a\\"b"]\ntimeout = 3\ntools.read = ["*"]\n' + ADDRESS
    loaded = load(tmp_path, text)
    shown = "\n".join(effective(loaded))
    again = shown[shown.index("[mcp]") : shown.index("[limits]")].replace("public_url = (not set)", "")

    reread = load(tmp_path, FILLED_IN + again.replace("callback_url = (not set)", ""))

    assert reread.settings.mcp == loaded.settings.mcp


def test_a_file_with_keys_of_servers_that_others_can_read_is_mentioned(tmp_path: Path) -> None:
    path = write(tmp_path, FILLED_IN.replace("discord_token", "# discord_token") + ADDRESS + 'headers = { A = "b" }')
    path.chmod(0o644)

    environ = {"DIGMBOT_GENERAL__DISCORD_TOKEN": "from-elsewhere"}
    assert "chmod 600" in load_settings(path, environ).warnings[0]
