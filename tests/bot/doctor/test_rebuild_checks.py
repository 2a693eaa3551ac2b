"""What the doctor says of rebuild."""

from pathlib import Path

import pytest

from bot.doctor.findings import Finding, Status
from bot.doctor.rebuild_checks import check_rebuild
from bot.rebuild.program import SOURCE
from bot.settings.plugins import Rebuild


async def found(remote: str) -> Finding:
    [finding] = [each async for each in check_rebuild(Rebuild(enabled=True, remote=remote))]
    return finding


@pytest.mark.skipif(not (SOURCE / ".git").exists(), reason="this is no git checkout")
async def test_a_remote_that_is_not_there_is_named() -> None:
    finding = await found("nowhere")

    assert (finding.status, finding.text) == (Status.BROKEN, "the checkout has no remote nowhere")


async def test_without_git_and_make_it_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    finding = await found("origin")

    assert (finding.status, finding.text) == (Status.BROKEN, "git and make cannot be found")
