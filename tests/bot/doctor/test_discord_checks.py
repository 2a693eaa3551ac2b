"""What the doctor says of Discord, asked of the sandbox; and the command as a whole."""

import json
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.demo.world import demo_world
from bot.doctor.discord_checks import check_discord
from bot.doctor.findings import Status
from bot.gateway import point_at
from sandbox.server import Sandbox


@pytest.fixture
async def box() -> AsyncGenerator[Sandbox]:
    async with Sandbox(demo_world()) as box:
        point_at(api_url=box.api_url, gateway_url=box.gateway_url, cdn_url=box.cdn_url)
        yield box


async def test_a_healthy_bot_is_ok_and_channels_it_is_kept_out_of_are_named(box: Sandbox) -> None:
    found = [f async for f in check_discord(box.person("digmbot").token)]

    assert {f.status for f in found} == {Status.OK}
    texts = [f.text for f in found]
    assert "knows the token: this is digmbot" in texts
    assert "says hello" in texts
    assert any("#incident-review" in text for text in texts)


async def test_a_missing_intent_and_a_missing_right_are_told(box: Sandbox) -> None:
    bot = box.person("digmbot")
    box.state.application(bot.id).flags = 0
    guild = box.state.guild_named("Riverbend")
    for role_id in (guild.id, *guild.members[bot.id].roles):
        guild.roles[role_id].permissions &= ~(1 << 16)  # Read Message History

    found = [f async for f in check_discord(bot.token)]

    assert [f.status for f in found if f.area == "intents"] == [Status.BROKEN, Status.WARNING]
    [server] = [f for f in found if f.area == "server Riverbend"]
    assert server.status is Status.WARNING
    assert "read message history in #" in server.text


async def test_a_wrong_token_is_broken_and_not_repeated(box: Sandbox) -> None:
    [finding] = [f async for f in check_discord("not-the-token")]

    assert finding.status is Status.BROKEN
    assert "not-the-token" not in repr(finding)
    assert box.port


async def test_a_closed_port_is_broken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        point_at(api_url=f"http://127.0.0.1:{port}", gateway_url=None, cdn_url=None)
        [finding] = [f async for f in check_discord("token")]

    assert "cannot be reached" in finding.text


def test_the_command_without_any_configuration_is_all_ok(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor", "--json"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found[0]["text"].startswith("there is none, so `digmbot run` is the demo")
    assert {f["status"] for f in found} <= {"ok", "warning"}
