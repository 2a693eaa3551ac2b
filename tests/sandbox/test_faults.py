"""Bad weather on a switch, and the limits that can be made real."""

import asyncio
import time

import pytest

from sandbox import Sandbox
from tests.sandbox.clients import Visit
from tests.sandbox.world import little_world


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_the_next_matching_requests_fail_and_then_all_is_well(visit: Visit, status: int) -> None:
    mia = visit.rest("mia")
    visit.box.faults.answer(status, times=2, method="POST", path="/messages$", retry_after=0.25)
    path = f"/channels/{mia.channel('general')}/messages"
    assert (await mia.ask("GET", path)).status == 200
    assert (await mia.ask("POST", path, {"content": "hi"})).status == status
    answer = await mia.ask("POST", path, {"content": "hi"})
    assert answer.status == status
    if status == 429:
        assert answer.data["retry_after"] == 0.25
        assert answer.headers["via"]
    assert (await mia.ask("POST", path, {"content": "hi"})).status == 200
    assert [served.status for served in visit.box.log if served.method == "POST"] == [status, status, 200]


async def test_an_answer_can_be_lost_after_the_deed(visit: Visit) -> None:
    mia = visit.rest("mia")
    visit.box.faults.answer(500, after_effect=True)
    answer = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", {"content": "did it"})
    assert answer.status == 500
    assert (await visit.box.wait_for_message(lambda message: message.content == "did it")).author_id


async def test_a_slow_answer_is_slow_for_itself_only(visit: Visit) -> None:
    mia = visit.rest("mia")
    visit.box.faults.slow(0.5, path="/users/@me$")
    started = time.monotonic()
    slow = asyncio.create_task(mia.ask("GET", "/users/@me"))
    await mia.say("general", "meanwhile")
    assert not slow.done()
    assert (await slow).status == 200
    assert time.monotonic() - started >= 0.5


async def test_waiting_finds_what_was_served_before_and_what_is_yet_to_come(visit: Visit) -> None:
    mia = visit.rest("mia")
    await mia.say("general", "before")
    assert (await visit.box.wait_for(lambda one: one.method == "POST")).who == "mia"
    waiting = asyncio.create_task(visit.box.wait_for_message(lambda message: message.content == "after"))
    await mia.say("general", "after")
    assert (await waiting).content == "after"
    with pytest.raises(TimeoutError):
        await visit.box.wait_for(lambda one: one.path == "/never", timeout=0.05)


async def test_real_limits_let_five_messages_through_in_five_seconds() -> None:
    async with Visit(Sandbox(little_world(), realistic_limits=True)) as visit:
        mia, ada = visit.rest("mia"), visit.rest("ada")
        path = f"/channels/{mia.channel('general')}/messages"
        answers = [await mia.ask("POST", path, {"content": str(number)}) for number in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers[:5]] == ["4", "3", "2", "1", "0"]
        assert 0 < answers[5].data["retry_after"] <= 5
        assert (await ada.ask("POST", path, {"content": "not my limit"})).status == 200


async def test_everything_is_gone_when_the_sandbox_is() -> None:
    before = asyncio.all_tasks()
    async with Visit(Sandbox(little_world())) as visit:
        socket = await visit.socket("digm")
        closed = asyncio.create_task(socket.closed())
        async with asyncio.timeout(5):
            await visit.box.__aexit__(None, None, None)
        assert await closed == 1001
    assert asyncio.all_tasks() == before
