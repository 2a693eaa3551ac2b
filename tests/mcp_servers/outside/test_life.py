"""Connections come, go and come back; none holds up another."""

import signal
import sys
import time

import pytest

from mcp_servers.outside.state import State
from mcp_servers.outside.wishes import Address, Program, Protocol, ServerWish
from tests.mcp_servers.outside.house import (
    ERAS,
    at,
    free_port,
    links,
    plain,
    programs,
    raw,
    until,
    web_server,
)


@pytest.mark.parametrize("protocol", ERAS)
async def test_a_program_is_up_with_its_tools(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol)) as here:
        await here.up("plain")
        assert (await here.call("plain__echo", text="hello")).content == "hello"
        (state,) = here.outside.states()
        assert state.protocol == ("2026-07-28" if protocol is Protocol.AUTO else "2025-11-25")
        assert state.resources == 2
        assert state.prompts == 1


@pytest.mark.parametrize("protocol", ERAS)
async def test_an_address_is_up_with_its_tools(protocol: Protocol) -> None:
    port = free_port()
    with web_server(port):
        async with links(at(port, protocol=protocol)) as here:
            await here.up("web")
            assert (await here.call("web__echo", text="hello")).content == "hello"


async def test_an_old_address_with_two_endpoints_is_spoken_to() -> None:
    port = free_port()
    with web_server(port, "sse"):
        address = Address(f"http://127.0.0.1:{port}/sse", is_sse=True)
        async with links(ServerWish("old", address, protocol=Protocol.LEGACY)) as here:
            await here.up("old")
            assert (await here.call("old__echo", text="hello")).content == "hello"


async def test_bad_servers_hold_up_neither_start_nor_stop_nor_the_good_one() -> None:
    hung = [raw("deaf", f"deaf{number}") for number in range(3)]
    bad = [ServerWish("missing", Program("no-such-program")), raw("dying", "dying"), at(free_port(), "closed")]
    start = time.monotonic()
    async with links(*hung, *bad, plain()) as here:
        assert time.monotonic() - start < 15
        await here.up("plain")
        assert here.state("deaf0") is State.CONNECTING
        await until(lambda: all(here.state(each.name) is State.DOWN for each in bad))
        assert "`no-such-program` was not found" in here.error("missing")
        assert "the licence has run out" in here.error("dying")
        assert here.error("closed") == "it cannot be reached"
        stop = time.monotonic()
    assert time.monotonic() - stop < 15
    assert not programs("raw.py")


@pytest.mark.parametrize("protocol", ERAS)
async def test_a_program_that_dies_while_idle_is_noticed_without_a_call_and_comes_back(
    protocol: Protocol,
) -> None:
    async with links(plain(protocol=protocol)) as here:
        await here.up("plain")
        (victim,) = programs("plain.py")
        victim.kill()
        await until(lambda: here.state("plain") is not State.UP)
        await here.up("plain")
        assert (await here.call("plain__echo", text="again")).content == "again"


@pytest.mark.parametrize("protocol", ERAS)
async def test_an_address_that_comes_back_is_used_again_without_being_asked_twice(protocol: Protocol) -> None:
    port = free_port()
    async with links(at(port, protocol=protocol)) as here:
        with web_server(port) as running:
            await here.up("web")
            running.send_signal(signal.SIGKILL)
        result = await here.call("web__echo", text="x")
        assert result.is_error
        assert "down" in result.content or "went away" in result.content
        with web_server(port):
            await here.up("web")
            assert (await here.call("web__echo", text="again")).content == "again"


async def test_a_session_that_an_address_forgot_is_opened_anew_within_the_call() -> None:
    port = free_port()
    async with links(at(port, protocol=Protocol.LEGACY)) as here:
        with web_server(port):
            await here.up("web")
        with web_server(port):
            assert (await here.call("web__echo", text="still here")).content == "still here"


async def test_a_server_that_is_down_keeps_its_tools_and_says_so_at_once_after_the_first_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    async with links(at(port)) as here:
        with web_server(port):
            await here.up("web")
        first = await here.call("web__echo", text="x")
        assert first.is_error
        assert first.untrusted
        await here.call("web__echo", text="x")
        start = time.monotonic()
        second = await here.call("web__echo", text="x")
        assert time.monotonic() - start < 4
        assert second.content.startswith("web is down (since ")
        assert "it cannot be reached" in second.content
        assert "web__echo" in await here.specs()
    told = [record for record in caplog.records if "is down" in record.message]
    assert len(told) == 1


async def test_a_server_that_answers_nothing_unknown_comes_up_at_once_when_it_is_said_to_be_old() -> None:
    start = time.monotonic()
    async with links(raw("quiet")) as here:
        await here.up("raw")
        assert time.monotonic() - start < 9
        assert (await here.call("raw__good")).content == "the text"


@pytest.mark.parametrize("protocol", ERAS)
@pytest.mark.parametrize("is_web", [False, True])
async def test_a_new_tool_is_offered_without_a_new_connection(protocol: Protocol, is_web: bool) -> None:
    port = free_port()
    with web_server(port):
        wish = at(port, "grower") if is_web else plain("grower")
        async with links(ServerWish(wish.name, wish.at, protocol=protocol)) as here:
            await here.up("grower")
            assert "grower__grown" not in await here.specs()
            await here.call("grower__grow")
            await until(lambda: any(tool.name == "grown" for tool in here.outside.states()[0].tools), 5)
            assert (await here.call("grower__grown")).content == "grown"


async def test_a_malformed_tool_hides_no_other_and_is_told_of() -> None:
    async with links(raw("malformed")) as here:
        await here.up("raw")
        assert set(await here.specs()) == {"raw__good", "raw__loose"}
        assert (await here.call("raw__good")).content == "the text"
        (state,) = here.outside.states()
        left_out = {each.name: each.why for each in state.left_out}
        assert left_out["no-schema"] == "inputSchema: Field required"
        assert set(left_out) == {
            "no-schema", "array-schema", "an entry without a name", "wrong-hint", "huge", "good"
        }  # fmt: skip


async def test_what_a_program_prints_between_its_answers_does_no_harm_and_its_secrets_are_not_shown() -> None:
    noisy = Program(sys.executable, (*_args("noisy"),), env={"TOKEN": "hunter2-hunter2"})
    async with links(ServerWish("noisy", noisy, protocol=Protocol.LEGACY)) as here:
        await here.up("noisy")
        assert (await here.call("noisy__good")).content == "the text"
        (victim,) = programs("raw.py")
        victim.kill()
        await until(lambda: here.state("noisy") is State.DOWN or "my token" in here.error("noisy"), 5)
        assert "my token is …" in here.error("noisy")


async def test_a_program_gets_its_own_variables_and_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    wish = plain()
    assert isinstance(wish.at, Program)
    program = Program(wish.at.command, wish.at.args, env={"MINE": "yes"}, cwd=None)
    async with links(ServerWish("plain", program)) as here:
        await here.up("plain")
        seen = (await here.call("plain__environment")).content
        assert '"MINE"' in seen
        assert "DISCORD_TOKEN" not in seen


async def test_refused_credentials_are_named() -> None:
    port = free_port()
    with web_server(port, "guarded"):
        right = Address(f"http://127.0.0.1:{port}/mcp", headers={"Authorization": "Bearer open-sesame"})
        wrong = Address(f"http://127.0.0.1:{port}/mcp", headers={"Authorization": "Bearer wrong-word"})
        async with links(ServerWish("right", right), ServerWish("wrong", wrong)) as here:
            await here.up("right")
            await until(lambda: here.state("wrong") is State.DOWN)
            assert here.error("wrong") == "it answered with HTTP status 401 (its credentials are refused)"


def _args(manner: str) -> tuple[str, ...]:
    program = raw(manner).at
    assert isinstance(program, Program)
    return program.args
