"""`digmbot run` without a token, `demo` and `sandbox` as processes: what they print, and what they leave behind."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from pydantic import JsonValue, TypeAdapter

from bot.demo.scripted_model import LABEL

PATIENCE = 40.0
OBJECT = TypeAdapter(dict[str, JsonValue])
ROWS = TypeAdapter(list[dict[str, JsonValue]])


@dataclass
class Ended:
    """A process that has ended."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Somebody's shell, with a home of their own."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIGMBOT_", "XDG_"))}
        passing = self.home / "tmp"
        passing.mkdir(exist_ok=True)
        return {**kept, "HOME": str(self.home), "TMPDIR": str(passing)}

    async def start(self, *arguments: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", *arguments),
            env={**self.environment, **more},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str, **more: str) -> Ended:
        return await ended(await self.start(*arguments, **more))

    @asynccontextmanager
    async def running(
        self, *arguments: str, lines: int = 1
    ) -> AsyncGenerator[tuple[asyncio.subprocess.Process, Sequence[str]]]:
        process = await self.start(*arguments)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                yield process, [(await process.stdout.readline()).decode().rstrip("\n") for _ in range(lines)]
        finally:
            if process.returncode is None:
                process.kill()
                await ended(process)

    def left(self) -> list[str]:
        files = [path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file()]
        return [str(path) for path in files if path.parts[:2] != (".cache", "digmbot")]


async def ended(process: asyncio.subprocess.Process) -> Ended:
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_demo_says_where_it_is_and_who_speaks_and_leaves_nothing(
    shell: Shell, number: signal.Signals
) -> None:
    async with shell.running("demo", "--port", "0", lines=2) as (process, lines):
        assert lines[0].startswith("digmbot demo: open http://127.0.0.1:")
        assert lines[1] == f"The bot talks with a {LABEL}. Ctrl-C stops it."
        process.send_signal(number)
        end = await ended(process)
    assert (end.code, end.out, end.err) == (0, "", "")
    assert shell.left() == []


async def test_a_script_gets_one_line_and_can_talk_to_the_bot(shell: Shell) -> None:
    async with shell.running("demo", "--json", "--port", "0") as (process, lines):
        told = OBJECT.validate_json(lines[0])
        guild = ROWS.validate_python(told["guilds"])[0]
        channel = next(each for each in ROWS.validate_python(guild["channels"]) if each["name"] == "general")
        member = ROWS.validate_python(told["members"])[0]
        answer = await _answered(told, str(channel["id"]), str(member["token"]), "which channels are there?")
        process.send_signal(signal.SIGINT)
        end = await ended(process)
    assert {"page", "api", "gateway", "bot", "guilds", "members"} <= set(told)
    assert {"id", "token"} <= set(OBJECT.validate_python(told["bot"]))
    assert channel["private"] is False
    assert "ops" in answer
    assert "leads" not in answer
    assert LABEL in answer
    assert (end.code, end.out, end.err) == (0, "", "")


async def _answered(told: dict[str, JsonValue], channel: str, token: str, text: str) -> str:
    bot = OBJECT.validate_python(told["bot"])["id"]
    url = f"{told['api']}/channels/{channel}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": token}) as http:
        async with http.post(url, json={"content": f"<@{bot}> {text}"}) as said:
            asked = OBJECT.validate_python(await said.json())["id"]
        while True:
            async with http.get(f"{url}?after={asked}") as response:
                for message in ROWS.validate_python(await response.json()):
                    if LABEL in str(message["content"]):
                        return str(message["content"])


async def test_a_run_without_a_token_is_the_demo(shell: Shell) -> None:
    process = await shell.start("run")
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        said = (await process.stderr.readline()).decode()
    process.send_signal(signal.SIGTERM)
    end = await ended(process)
    assert said == "no Discord token is configured, so this is the demo; `digmbot config init` begins the real thing\n"
    assert end.code in {0, 1, -signal.SIGTERM}, "its port may be in use on this machine, or the signal came too early"


@pytest.mark.parametrize("command", ["demo", "sandbox"])
async def test_a_port_that_is_taken_is_a_sentence(shell: Shell, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        end = await shell.run(command, "--port", str(port))
    told = f"port {port} is taken, perhaps by another digmbot; `digmbot {command} --port 0` takes a free one\n"
    assert (end.code, end.out, end.err) == (1, "", told)
    assert shell.left() == []


@pytest.mark.parametrize("port", ["-1", "65536", "high"])
async def test_what_is_no_port_is_wrong_usage(shell: Shell, port: str) -> None:
    end = await shell.run("demo", "--port", port)
    assert end.code == 2
    assert "--port" in end.err


async def test_every_mistake_of_a_world_is_told(shell: Shell, tmp_path: Path) -> None:
    world = tmp_path / "world.toml"
    world.write_text('[[guilds]]\nname = "x"\nowner = "nobody"\nchanels = []\ncolour = 3\n')
    for command in ("demo", "sandbox"):
        end = await shell.run(command, "--world", str(world))
        assert end.code == 2
        assert "guilds[0].chanels" in end.err
        assert "guilds[0].colour" in end.err
        assert "Traceback" not in end.err


async def test_a_world_without_a_bot_is_none_for_the_demo(shell: Shell, tmp_path: Path) -> None:
    world = tmp_path / "world.toml"
    world.write_text('[[guilds]]\nname = "x"\nowner = "mia"\nmembers = [{ name = "mia" }]\n')
    end = await shell.run("demo", "--world", str(world))
    assert end.code == 2
    assert end.err == f"{world}: bots: the demo needs one; write [[bots]] and its name\n"


async def test_the_sandbox_alone_prints_one_line_and_keeps_its_state(shell: Shell, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    for _ in range(2):
        async with shell.running("sandbox", "--json", "--port", "0", "--state", str(kept)) as (process, lines):
            assert json.loads(lines[0])["page"].startswith("http://127.0.0.1:")
            process.send_signal(signal.SIGINT)
            end = await ended(process)
        assert (end.code, end.out, end.err) == (0, "", "")
    assert shell.left() == ["kept.json"]


@pytest.mark.parametrize("text", ["{", "[]", '{"contents": 3}'])
async def test_a_state_file_of_something_else_is_a_sentence(shell: Shell, tmp_path: Path, text: str) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(text)
    end = await shell.run("sandbox", "--port", "0", "--state", str(kept))
    assert end.code == 2
    assert f"{kept}: is no state file of the sandbox" in end.err
    assert kept.read_text() == text


async def test_a_folder_that_cannot_be_kept_is_a_sentence(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    end = await shell.run("demo", "--port", "0", "--keep", str(tmp_path / "file"))
    assert end.code == 1
    assert str(tmp_path / "file") in end.err
    assert "Traceback" not in end.err
