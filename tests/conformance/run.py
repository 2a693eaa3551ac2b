"""Compares what the suite says with what is expected, and tells it in a table."""

import asyncio
import shlex
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from tests.conformance.suite import Scenario, Verdict, judged, missing, scenarios, server

EXPECTED = Path(__file__).parent / "expected_failures.toml"


def expected_failures() -> Mapping[str, str]:
    return {str(key): str(reason) for key, reason in tomllib.loads(EXPECTED.read_text(encoding="utf-8")).items()}


def surprises(verdicts: Sequence[Verdict], expected: Mapping[str, str]) -> list[str]:
    """What is not as expected: failures that nobody explained, and explanations of what passes."""
    found = [
        f"{verdict.scenario.key}: {verdict.failed} failed, {verdict.passed} passed"
        for verdict in verdicts
        if not verdict.is_met and verdict.scenario.key not in expected
    ]
    met = {verdict.scenario.key for verdict in verdicts if verdict.is_met}
    return found + [f"{key}: passes, and is listed as failing" for key in expected if key in met]


async def judge_server(wanted: Sequence[Scenario]) -> list[Verdict]:
    async with server() as url:
        return await judged(wanted, ["--url", url])


async def judge_client(wanted: Sequence[Scenario], command: str) -> list[Verdict]:
    """`command` gets the address of the suite's server as its last word."""
    return await judged(wanted, ["--command", command, "--timeout", "90000"])


def client_command() -> str | None:
    """Our connection code as the suite starts it; None where there is none yet."""
    program = Path(__file__).parent / "client.py"
    words = [sys.executable, "-W", "ignore", "-m", "tests.conformance.client"]
    return shlex.join(words) if program.exists() else None


def table(verdicts: Sequence[Verdict], expected: Mapping[str, str]) -> str:
    lines = [
        "| side | suite | spec | scenarios met | checks passed | failed | expected to fail |",
        "|---|---|---|---|---|---|---|",
    ]
    groups = dict.fromkeys((v.scenario.kind, v.scenario.release.name, v.scenario.spec) for v in verdicts)
    for group in groups:
        mine = [v for v in verdicts if (v.scenario.kind, v.scenario.release.name, v.scenario.spec) == group]
        met, known = sum(v.is_met for v in mine), sum(v.scenario.key in expected for v in mine)
        checks, failed = sum(v.passed for v in mine), sum(v.failed for v in mine)
        lines.append(f"| {' | '.join(group)} | {met}/{len(mine)} | {checks} | {failed} | {known} |")
    return "\n".join(lines)


async def everything(only: str, *, verbose: bool) -> int:
    if why := missing():
        print(f"the conformance suite cannot run here: {why}")
        return 1
    wanted = [each for each in await scenarios("server") if only in each.key]
    verdicts = await judge_server(wanted) if wanted else []
    if command := client_command():
        wanted = [each for each in await scenarios("client") if only in each.key]
        verdicts += await judge_client(wanted, command)
    else:
        print("the client side is left out: tests/conformance/client.py is not there")
    expected = expected_failures()
    for verdict in verdicts:
        if verbose or not verdict.is_met:
            print(verdict.said)
    print(table(verdicts, expected))
    found = surprises(verdicts, expected)
    if not only and command:
        known = {verdict.scenario.key for verdict in verdicts}
        found += [f"{key}: listed as failing, and there is no such scenario" for key in expected if key not in known]
    for verdict in verdicts:
        if verdict.scenario.key in expected:
            print(f"expected: {verdict.scenario.key}: {expected[verdict.scenario.key]}")
    print("\n".join(found) or "everything is as expected")
    return 1 if found else 0


def main(only: str = "", verbose: bool = False) -> None:
    raise typer.Exit(asyncio.run(everything(only, verbose=verbose)))
