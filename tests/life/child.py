"""The bot as `digmbot run`, or another command, in a process of its own, to be stopped by signals and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.life.house import House

PATIENCE = 30.0
PYTHON = Path(sys.executable)


@dataclass
class Child:
    """One process; `lines` is its standard error so far."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list[str])

    async def line(self, *words: str, seconds: float = PATIENCE) -> str:
        """The next line with all these words. Raises AssertionError when the process ends without."""
        assert self.process.stderr is not None
        async with asyncio.timeout(seconds):
            while line := (await self.process.stderr.readline()).decode():
                self.lines.append(line)
                if all(word in line for word in words):
                    return line
        raise AssertionError(f"it ended with {await self.process.wait()}:\n{''.join(self.lines)}")

    async def kill(self) -> None:
        self.process.kill()
        await self.ended()

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit code, once everything it said is read."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            self.lines.append((await self.process.stderr.read()).decode())
            return await self.process.wait()


async def spawn(home: House, *command: str, **settings: object) -> Child:
    """Start `digmbot run`, or another command, and return at once.

    `settings` are added as `DIGMBOT_…` variables, `__` between section and key.
    """
    return await spawn_into(asyncio.subprocess.PIPE, home, command, settings)


async def spawn_into(
    stderr: int,
    home: House,
    command: Sequence[str],
    settings: Mapping[str, object],
    *,
    text: str = "",
    python: Path = PYTHON,
) -> Child:
    """As `spawn`, with its standard error at this descriptor, with this configuration if any, and as the version that
    this interpreter has.
    """
    config = home.folder / "config.toml"
    config.write_text(text or _configuration(home), encoding="utf-8")
    config.chmod(0o600)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGMBOT_")}
    environment |= {f"DIGMBOT_{key.upper()}": str(value) for key, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(python, "-P", "-m", "bot.cli", *(command or ("run",)), "--config", str(config)),
        env=environment,
        stdout=asyncio.subprocess.PIPE if command else None,
        stderr=stderr,
    )
    return Child(process)


def _configuration(home: House) -> str:
    return f"""
[general]
discord_token = "bot-token"
[llm_general]
base_url = "{home.model.url}"
retry_seconds = 1
[llm_reply]
model_name = "scripted"
context_size = 16384
[discord]
api_url = "{home.box.api_url}"
gateway_url = "{home.box.gateway_url}"
cdn_url = "{home.box.cdn_url}"
[storage]
data_dir = "{home.folder / "data"}"
"""


async def start(home: House, **settings: object) -> Child:
    """Start it and wait until it is ready."""
    child = await spawn(home, **settings)
    await child.line("ready as")
    return child
