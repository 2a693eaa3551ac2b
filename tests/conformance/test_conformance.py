"""A few scenarios of the suite in each test run, and the judge itself. All of them: `make conformance`."""

import pytest

from tests.conformance.run import client_command, expected_failures, judge_client, judge_server, surprises, table
from tests.conformance.suite import RELEASES, Scenario, Verdict, missing

QUICK = {
    "2025-06-18": ["server-initialize", "tools-list", "tools-call-simple-text"],
    "2025-11-25": [
        "tools-call-error",
        "tools-call-with-progress",
        "server-session-lifecycle",
        "dns-rebinding-protection",
    ],
    "2026-07-28": [
        "server-stateless",
        "http-header-validation",
        "tools-call-image",
        "resources-list",
        "sep-2164-resource-not-found",
        "prompts-list",
        "completion-complete",
        "caching",
    ],
}


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
async def test_our_server_speaks_every_protocol_as_the_suite_wants_it() -> None:
    wanted = [Scenario(RELEASES[-1], spec, "server", name) for spec, names in QUICK.items() for name in names]

    verdicts = await judge_server(wanted)

    assert surprises(verdicts, expected_failures()) == [], "\n".join(v.said for v in verdicts if not v.is_met)


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
async def test_our_connections_speak_both_eras_as_the_suite_wants_it() -> None:
    command = client_command()
    assert command is not None
    wanted = [
        Scenario(RELEASES[-1], "2025-11-25", "client", "initialize"),
        Scenario(RELEASES[-1], "2025-11-25", "client", "tools_call"),
        Scenario(RELEASES[-1], "2026-07-28", "client", "tools_call"),
        Scenario(RELEASES[-1], "2026-07-28", "client", "request-metadata"),
    ]

    verdicts = await judge_client(wanted, command)

    assert surprises(verdicts, expected_failures()) == [], "\n".join(v.said for v in verdicts if not v.is_met)


def verdict(name: str, *, passed: int = 1, failed: int = 0) -> Verdict:
    return Verdict(Scenario(RELEASES[0], "2025-11-25", "server", name), passed, failed, 0, "")


def test_only_what_nobody_expected_is_a_surprise() -> None:
    verdicts = [
        verdict("good"),
        verdict("bad", failed=1),
        verdict("known", failed=2),
        verdict("silent", passed=0),
        verdict("mended"),
    ]
    listed = {f"server 0.1.16 2025-11-25 {name}": "why" for name in ("known", "mended")}

    assert surprises(verdicts, listed) == [
        "server 0.1.16 2025-11-25 bad: 1 failed, 1 passed",
        "server 0.1.16 2025-11-25 silent: 0 failed, 0 passed",
        "server 0.1.16 2025-11-25 mended: passes, and is listed as failing",
    ]
    assert "| server | 0.1.16 | 2025-11-25 | 2/5 | 4 | 3 | 2 |" in table(verdicts, listed)


def test_every_exception_has_its_reason() -> None:
    assert all(len(reason) > 20 for reason in expected_failures().values())
