"""`rebuild` against a git remote on this machine: forward, refused, broken, cut off, versions that never get ready."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from sandbox.models import Message
from tests.life.child import Child, spawn_into
from tests.life.hand import Hand
from tests.life.house import House, eventually
from tests.life.upstream import Upstream, git

pytestmark = pytest.mark.timeout(240)
PATIENCE = 60.0  # builds, checks, ends, starts
REBUILD = {"rebuild__enabled": True}
HELP = "bot/plugins/own/help.py"


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path)


Start = Callable[..., Awaitable[Child]]


@pytest.fixture
async def start(home: House, upstream: Upstream) -> AsyncIterator[Start]:
    """`digmbot run` from the checkout, as a service manager does it."""
    children: list[Child] = []

    async def started(**settings: object) -> Child:
        wishes: dict[str, object] = {**REBUILD, "rebuild__check": json.dumps(["true"]), **settings}
        wishes["general__bot_owners"] = json.dumps([home.box.person("ada").id])
        child = await spawn_into(asyncio.subprocess.PIPE, home, (), wishes, python=upstream.python)
        children.append(child)
        await child.line("ready as")
        return child

    yield started
    for child in children:
        if child.process.returncode is None:
            await child.kill()


async def told(home: House, text: str, who: str = "ada") -> str:
    """What the bot replies."""
    return (await home.reply(await home.write(who, "ops", text), bool)).content


async def said(home: House, *words: str) -> Message:
    ops, me = home.channel("ops"), home.bot_id
    return await home.box.wait_for_message(
        lambda m: m.author_id == me and m.channel_id == ops and all(word in m.content for word in words), PATIENCE
    )


def state_file(home: House) -> Path:
    return home.folder / "data/rebuild/state.json"


def short(commit: str) -> str:
    return commit[:10]


async def test_it_goes_on_as_the_newest_version_and_stays_that(home: House, upstream: Upstream, start: Start) -> None:
    child = await start(rebuild__check=json.dumps(["digmbot", "doctor"]))
    upstream.change(HELP, '"Commands', '"Second edition. Commands')
    second = upstream.commit("Help has a second edition")

    begun = await told(home, "!rebuild")
    assert begun.startswith("origin/main has 1 new commit:\n• Help has a second edition\nI build and check")
    await said(home, f"{short(second)} is built and checked.")
    await said(home, f"Rebuilt: I run {short(second)} now; before it was {short(upstream.first)}.")
    assert (await told(home, "!help")).startswith("Second edition.")
    assert child.process.returncode is None  # it is the same process

    upstream.change(HELP, "Second edition", "Third edition")
    third = upstream.commit("And a third")
    await told(home, "!rebuild")
    await said(home, f"Rebuilt: I run {short(third)} now; before it was {short(second)}.")
    doctor = await spawn_into(asyncio.subprocess.DEVNULL, home, ("doctor",), REBUILD, python=upstream.python)
    told_by_doctor, _ = await doctor.process.communicate()
    assert f"rebuild: version {short(third)} follows origin/main" in told_by_doctor.decode()  # not the first's words
    await child.kill()
    child = await start()
    assert (await told(home, "!help")).startswith("Third edition.")
    assert "newest version already" in await told(home, "!rebuild")
    child.terminate()
    assert await child.ended() == 0

    # What the operator checks out by hand counts more.
    upstream.change(HELP, "Third edition", "Edition by hand")
    upstream.commit("By hand")
    git(upstream.checkout, "pull", "--quiet", "--ff-only")
    await start()
    assert (await told(home, "!help")).startswith("Edition by hand.")
    assert not state_file(home).exists()


async def test_what_is_no_fast_forward_is_refused_in_both_forms(home: House, upstream: Upstream, start: Start) -> None:
    await start(rebuild__remote="origin")
    ada, mia = Hand(home, "ada", await home.direct("ada")), Hand(home, "mia", await home.direct("mia"))

    assert "newest version already" in await told(home, "!rebuild")
    assert "There are words too many" in await told(home, "!rebuild now")
    assert await told(home, "!rebuild", "mia") == "You said: rebuild"  # the refusal is the model's
    await mia.command("rebuild")
    await mia.whispered(lambda text: text == "Sorry Mia, that is for my owners only.")

    upstream.git("checkout", "--quiet", "--orphan", "other")
    other = upstream.commit("Another history")
    upstream.git("branch", "--force", "main", other)
    assert f"origin/main ({short(other)}) has diverged" in await told(home, "!rebuild")
    await ada.command("rebuild")
    await ada.whispered(lambda text: "has diverged from what I run" in text)

    git(upstream.checkout, "config", "remote.origin.url", str(upstream.folder.with_name("nowhere")))
    assert "Fetching origin/main failed" in await told(home, "!rebuild")
    (upstream.checkout / "Makefile").write_text("something of my own")
    assert "changes that are not committed" in await told(home, "!rebuild")
    assert not state_file(home).exists()


async def test_a_broken_build_leaves_everything_as_it_was(home: House, upstream: Upstream, start: Start) -> None:
    await start(rebuild__check=json.dumps(["sh", "-c", "exit 3"]))
    makefile = (upstream.folder / "Makefile").read_text()
    upstream.change("Makefile", "$(PYTHON) -m venv", "false")
    first = upstream.commit("It cannot be installed")
    await told(home, "!rebuild")
    await said(home, f"Installing {short(first)} failed with exit code 2; I go on as I was.")

    (upstream.folder / "Makefile").write_text(makefile.replace("$(CURDIR)", str(upstream.checkout)))
    second = upstream.commit("It installs something else")
    await told(home, "!rebuild")
    await said(home, f"Installing {short(second)} made an environment that runs another version")

    (upstream.folder / "Makefile").write_text(makefile)
    third = upstream.commit("It does not pass the check")
    await told(home, "!rebuild")
    await said(home, f"The check of {short(third)} failed with exit code 3")
    assert not state_file(home).exists()


async def test_a_crash_half_way_is_told_and_nothing_has_changed(home: House, upstream: Upstream, start: Start) -> None:
    child = await start()
    note = home.folder / "installing"
    upstream.change("Makefile", "install:\n", f"install:\n\techo $$$$ > {note}.new; mv {note}.new {note}; sleep 600\n")
    slow = upstream.commit("It takes its time")
    await told(home, "!rebuild")
    await _there(note)
    assert "being rebuilt already" in await told(home, "!rebuild")
    await child.kill()
    await _gone(int(note.read_text()))

    await start()
    await said(home, f"{short(slow)} was not finished, because I was stopped", f"I run {short(upstream.first)} again.")
    assert (await told(home, "!help")).startswith("Commands")
    upstream.change("Makefile", "sleep 600", "true")
    quick = upstream.commit("It is quick again")
    await told(home, "!rebuild")
    await said(home, f"Rebuilt: I run {short(quick)} now; before it was {short(upstream.first)}.")


async def test_a_version_that_does_not_get_ready_is_left_again(home: House, upstream: Upstream, start: Start) -> None:
    child = await start(rebuild__ready_seconds=4)
    # The first changes the database before it fails: what was there is put back, or the version before could not run.
    revision = "storage/migrations/versions/9999_of_the_future.py"
    newest = max((upstream.folder / revision).parent.glob("[0-9]*.py")).name[:4]
    (upstream.folder / revision).write_text(
        f'revision, down_revision = "9999", "{newest}"\n\ndef upgrade() -> None:\n'
        '    from alembic import op\n    op.execute("DROP TABLE reminders")\n'
    )
    upstream.change(
        "bot/app.py", "        refusals = await stack", "        raise RuntimeError(1)\n        refusals = await stack"
    )
    failing = upstream.commit("It fails")
    await told(home, "!rebuild")
    await said(home, f"{short(failing)} failed before it was ready", f"so I run {short(upstream.first)} again.")
    assert (await told(home, "!help")).startswith("Commands")

    (upstream.folder / revision).unlink()
    upstream.change("bot/app.py", "        raise RuntimeError(1)\n", "        __import__('time').sleep(600)\n")
    hanging = upstream.commit("It hangs")
    await told(home, "!rebuild")
    await said(home, f"{short(hanging)} was not ready within 4 seconds, so I run {short(upstream.first)} again.")
    assert child.process.returncode is None

    upstream.change("bot/app.py", "__import__('time').sleep(600)", "__import__('os')._exit(7)")
    dying = upstream.commit("It dies")
    await told(home, "!rebuild")
    assert await child.ended() == 7
    await start()
    await said(home, f"{short(dying)} ended before it was ready, so I run {short(upstream.first)} again.")
    assert (await told(home, "!help")).startswith("Commands")


async def _there(path: Path) -> None:
    async def there() -> bool:
        return await asyncio.to_thread(path.exists)

    await eventually(there, 30)


async def _gone(process: int) -> None:
    async def gone() -> bool:
        return not psutil.pid_exists(process)

    await eventually(gone, 30)
