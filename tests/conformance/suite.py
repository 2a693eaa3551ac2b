"""Running the suite's programs: one process for each scenario, their verdicts read from what they print."""

import asyncio
import os
import re
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".node" / "node_modules"
AT_ONCE = 2
SECONDS = 120.0
_LISTED = re.compile(r"^\s+- (\S+) \[(.*)\]$")
_CHECKS = re.compile(r"Passed: (\d+)/\d+, (\d+) failed, (\d+) warnings?")


@dataclass(frozen=True)
class Release:
    """A release of the suite, and the specifications it is run for."""

    name: str
    package: str
    specs: Sequence[str]

    @property
    def program(self) -> list[str]:
        return [str(NODE / ".bin" / "node"), str(NODE / self.package / "dist" / "index.js")]


RELEASES = (
    Release("0.1.16", "conformance-stable", ["2025-06-18", "2025-11-25"]),
    Release("0.2.0-alpha.12", "@modelcontextprotocol/conformance", ["2025-06-18", "2025-11-25", "2026-07-28"]),
)


@dataclass(frozen=True)
class Scenario:
    """One scenario in one release for one specification; `kind` is client or server."""

    release: Release
    spec: str
    kind: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind} {self.release.name} {self.spec} {self.name}"


@dataclass(frozen=True)
class Verdict:
    """What the suite says of a scenario."""

    scenario: Scenario
    passed: int
    failed: int
    warnings: int
    said: str

    @property
    def is_met(self) -> bool:
        return self.failed == 0 and self.passed > 0


def missing() -> str | None:
    """Why the suite cannot run here."""
    for path in (NODE / ".bin" / "node", *(NODE / each.package / "dist" / "index.js" for each in RELEASES)):
        if not path.exists():
            return f"{path.relative_to(ROOT)} is not there: `make .node/.done` installs it where npm is"
    return None


async def scenarios(kind: str) -> list[Scenario]:
    """Those that each release lists for its specifications. Extensions of the protocol are none of ours."""
    found: list[Scenario] = []
    for release in RELEASES:
        listing = (await _output([*release.program, "list"], 60.0)).split(f"{kind.capitalize()} scenarios")[1]
        for line in listing.splitlines()[1:]:
            match = _LISTED.match(line)
            if match is None:
                break
            specs = [spec for spec in release.specs if spec in match[2].split(",")]
            found += [Scenario(release, spec, kind, match[1]) for spec in specs]
    return found


async def judge(scenario: Scenario, aim: Sequence[str]) -> Verdict:
    """`aim` says what is looked at: `--url …`, or `--command …`."""
    with tempfile.TemporaryDirectory() as results:
        words = [*scenario.release.program, scenario.kind, *aim, "--scenario", scenario.name]
        said = await _output([*words, "--spec-version", scenario.spec, "-o", results], SECONDS)
    passed = failed = warnings = 0
    for match in _CHECKS.finditer(said):
        passed, failed, warnings = passed + int(match[1]), failed + int(match[2]), warnings + int(match[3])
    return Verdict(scenario, passed, failed, warnings, said)


async def judged(wanted: Sequence[Scenario], aim: Sequence[str]) -> list[Verdict]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Scenario) -> Verdict:
        async with room:
            return await judge(scenario, aim)

    return list(await asyncio.gather(*map(one, wanted)))


@asynccontextmanager
async def server() -> AsyncGenerator[str]:
    """Our fixture server as a process of its own; what is given is its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "tests.conformance.server", stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            url = (await process.stdout.readline()).decode().strip()
        assert url, "the fixture server did not start"
        yield url
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _output(words: Sequence[str], seconds: float) -> str:
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"}
    process = await asyncio.create_subprocess_exec(
        *words, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=environment, cwd=ROOT
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
        return said.decode("utf-8", "replace")
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"took longer than {seconds:g} s"
