"""The file is edited while the bot runs: servers come and go without a restart, and a mistake changes nothing."""

import asyncio
import signal
import sys
from pathlib import Path

from tests.life.child import start
from tests.life.house import House
from tests.life.model import call, say
from tests.life.test_mcp_tools import ROOT, offered_to, ready

SERVER = f"""
[mcp.servers.greeter]
command = "{sys.executable}"
args = ["-m", "tests.life.greeter"]
cwd = "{ROOT}"
tools.read = ["greet"]
"""


def edit(home: House, text: str) -> str:
    """Add this to the file, as an editor does; answers what it was before."""
    path = home.folder / "config.toml"
    before = path.read_text()
    put(path, before + text)
    return before


def put(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.replace(path)


async def test_a_server_is_added_used_and_removed_without_a_restart(home: House) -> None:
    home.model.on("greet Mia", call("greeter__greet", name="Mia"), say("It says: Good day, Mia!"))
    child = await start(home)
    before = edit(home, SERVER)
    await child.line("MCP servers: added greeter")
    await child.line("greeter is up")
    await home.answer(await home.mention("mia", "general", "greet Mia"), "It says: Good day, Mia!")

    put(home.folder / "config.toml", before)
    await child.line("MCP servers: removed greeter")
    assert "greeter__greet" not in await offered_to(home, "mia")

    child.terminate()
    assert await child.ended() == 0


async def test_a_broken_edit_changes_nothing_and_is_told_as_at_the_start(home: House) -> None:
    child = await start(home)
    before = edit(home, SERVER)
    await child.line("greeter is up")

    put(home.folder / "config.toml", before + SERVER + 'url = "https://example.org/"\n')
    await child.line("mcp.servers.greeter.url: a server has either `command` or `url`; remove one of them")
    await child.line("the configuration was not taken")
    await ready(home)

    put(home.folder / "config.toml", before + SERVER + "timeout = 5\n")
    await child.line("MCP servers: changed greeter")
    await child.line("greeter is up")
    child.terminate()
    assert await child.ended() == 0


async def test_hanging_up_reads_the_configuration_again_and_does_not_end_the_bot(home: House) -> None:
    child = await start(home)
    child.process.send_signal(signal.SIGHUP)
    await child.line("the configuration was read again; nothing is different")

    asked = await home.mention("mia", "general", "still there?")
    await home.answer(asked, "You said: still there?")
    child.terminate()
    assert await child.ended() == 0


async def test_a_secret_that_came_with_an_edit_is_never_in_the_log(home: House) -> None:
    secret = "sk-key-0123456789"
    child = await start(home)
    loud = "import sys, os; print('key', os.environ['API_KEY'], file=sys.stderr); sys.exit(1)"
    program = f'command = "{sys.executable}"\nargs = ["-c", "{loud}"]'
    edit(home, f'[mcp.servers.loud]\n{program}\nenv = {{ API_KEY = "{secret}" }}\n')
    await child.line("loud is down")
    child.terminate()
    assert await asyncio.wait_for(child.ended(), 30) == 0

    assert secret not in "".join(child.lines)
