"""What a check finds, and how findings are told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

logger = logging.getLogger(__name__)


class Status(StrEnum):
    """How much it matters."""

    OK = "ok"
    WARNING = "warning"
    """The bot works, but less well than it could."""
    BROKEN = "broken"
    """Something that people will miss does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    area: str
    status: Status
    text: str
    hint: str = ""
    """What to do about it."""


def ok(area: str, text: str) -> Finding:
    return Finding(area, Status.OK, text)


def warning(area: str, text: str, hint: str) -> Finding:
    return Finding(area, Status.WARNING, text, hint)


def broken(area: str, text: str, hint: str) -> Finding:
    return Finding(area, Status.BROKEN, text, hint)


Check = Callable[[], AsyncIterator[Finding]]
"""Looks at one thing and yields what it finds."""


async def carry_out(area: str, check: Check, *, seconds: float) -> Sequence[Finding]:
    """What a check finds within its time. One that fails by itself is a finding, and hides no other."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(seconds):
            async for finding in check():
                found.append(finding)  # noqa: PERF401 - one by one, so that a time-out keeps those before it
    except TimeoutError:
        found.append(
            broken(area, f"gave no answer within {seconds:g} seconds", "try again; if it stays, look at its log")
        )
    except Exception as error:  # boundary: a check that fails is told as such
        logger.debug("the check of %s failed", area, exc_info=True)
        found.append(broken(area, f"could not be checked: {type(error).__name__}", "run with logging.level = debug"))
    return found


COLOURS = {Status.OK: "\x1b[32m", Status.WARNING: "\x1b[33m", Status.BROKEN: "\x1b[31m"}


def told(findings: Sequence[Finding], *, colours: bool) -> str:
    """A line each, a hint below it, and a summary."""
    lines: list[str] = []
    for finding in findings:
        label = f"{finding.status.value:<8}"
        lines.append(f"{COLOURS[finding.status]}{label}\x1b[0m" if colours else label)
        lines[-1] += f"{finding.area}: {finding.text}"
        if finding.hint:
            lines.append(f"        → {finding.hint}")
    counts = [f"{sum(f.status is status for f in findings)} {status.value}" for status in Status]
    return "\n".join([*lines, ", ".join(counts)])


def as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False)


def is_broken(findings: Sequence[Finding]) -> bool:
    return any(finding.status is Status.BROKEN for finding in findings)
