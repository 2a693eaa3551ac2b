"""What comes of a call: its result, its failure in one sentence, its progress, its end."""

import asyncio
import time
from pathlib import Path

import pytest

from mcp_servers.outside.results import MOST_CHARACTERS
from mcp_servers.outside.wishes import Protocol, ServerWish
from tests.mcp_servers.outside.house import ERAS, at, free_port, links, plain, raw, until, web_server
from tests.mcp_servers.outside.servers.plain import PIXEL


@pytest.mark.parametrize("protocol", ERAS)
async def test_progress_is_told_in_plain_words_and_buys_time(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol, seconds=1.0)) as here:
        await here.up("plain")
        result = await here.call("plain__slow", steps=4, seconds=0.6)
        assert result.content == "done"
        assert here.reports == [f"plain: copying files {step}/4" for step in (1, 2, 3, 4)]


@pytest.mark.parametrize("protocol", ERAS)
async def test_a_call_that_hangs_is_stopped_and_the_next_one_works(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol, seconds=0.5)) as here:
        await here.up("plain")
        result = await here.call("plain__hang")
        assert result.is_error
        assert result.content == (
            "plain took longer than 0.5 seconds without any progress and was stopped. "
            "It is not known whether the call took effect."
        )
        assert (await here.call("plain__echo", text="next")).content == "next"


@pytest.mark.parametrize("is_web", [False, True])
@pytest.mark.parametrize("protocol", ERAS)
async def test_cancelling_a_run_cancels_its_call_on_the_server(
    protocol: Protocol, is_web: bool, tmp_path: Path
) -> None:
    mark, port = tmp_path / "mark", free_port()
    with web_server(port):
        wish = at(port, "plain", protocol=protocol) if is_web else plain(protocol=protocol)
        async with links(wish) as here:
            await here.up("plain")
            run = asyncio.create_task(here.call("plain__slow", steps=100, seconds=0.1, mark=str(mark)))
            await until(lambda: bool(here.reports))
            run.cancel()
            await until(mark.exists, 5)
            assert (await here.call("plain__echo", text="next")).content == "next"


@pytest.mark.parametrize("protocol", ERAS)
async def test_a_server_that_dies_in_a_call_is_one_sentence_and_back_soon(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol)) as here:
        await here.up("plain")
        start = time.monotonic()
        result = await here.call("plain__crash")
        assert time.monotonic() - start < 4
        assert result.content == "plain went away during the call; it is not known whether the call took effect."
        assert (await here.call("plain__echo", text="next")).content == "next"


async def test_the_errors_of_a_tool_and_of_the_protocol_are_read_by_the_model() -> None:
    async with links(plain(), raw("rude", "rude")) as here:
        await here.up("plain", "rude")
        failed = await here.call("plain__fail")
        assert failed.is_error
        assert "the disk is full" in failed.content
        wrong = await here.call("plain__echo", words="x")
        assert wrong.is_error
        assert "text" in wrong.content
        rude = await here.call("rude__good")
        assert rude.content == "rude answered with an error: no more credit."
        assert (await here.call("rude__good")).content == rude.content
        unknown = await here.call("plain__ecko", text="x")
        assert "Did you mean plain__echo" in unknown.content


async def test_every_result_is_by_others() -> None:
    async with links(plain()) as here:
        await here.up("plain")
        assert all(spec.reads_others for spec in (await here.specs()).values())
        assert (await here.call("plain__echo", text="x")).untrusted
        assert (await here.call("plain__fail")).untrusted


async def test_a_picture_comes_along() -> None:
    async with links(plain()) as here:
        await here.up("plain")
        result = await here.call("plain__picture")
        assert [(each.media_type, each.data) for each in result.pictures] == [("image/png", PIXEL)]
        assert result.content == "here it is\n(An image of kind image/png.)"


async def test_a_long_answer_over_the_network_is_cut_with_a_note_and_the_connection_stays() -> None:
    port = free_port()
    with web_server(port):
        async with links(at(port, protocol=Protocol.LEGACY)) as here:
            await here.up("web")
            result = await here.call("web__huge", characters=3_000_000)
            assert len(result.content) < MOST_CHARACTERS + 200
            assert "2940000 more characters were left out" in result.content
            assert (await here.call("web__echo", text="next")).content == "next"


async def test_a_structured_answer_that_does_not_fit_its_own_schema_loses_no_text() -> None:
    async with links(raw("mismatch")) as here:
        await here.up("raw")
        result = await here.call("raw__good")
        assert not result.is_error
        assert result.content == "the text"


@pytest.mark.parametrize("protocol", ERAS)
async def test_resources_are_listed_and_read(protocol: Protocol) -> None:
    async with links(plain(protocol=protocol)) as here:
        await here.up("plain")
        listed = await here.call("plain__list_resources")
        assert "note://one (The first note; text/plain; A note.)" in listed.content
        read = await here.call("plain__read_resource", uri="note://one")
        assert read.content == "(The resource note://one:)\nbuy milk"
        shown = await here.call("plain__read_resource", uri="note://pixel")
        assert shown.pictures[0].data == PIXEL
        missing = await here.call("plain__read_resource", uri="note://nowhere")
        assert missing.is_error
        none = await here.call("plain__read_resource")
        assert none.content == "`uri` must be the address of a resource, as it was listed."


async def test_prompts_are_filled_in() -> None:
    async with links(plain()) as here:
        await here.up("plain")
        (prompt,) = here.outside.prompts("plain", here.town.ada.id)
        assert (prompt.name, prompt.title) == ("greet", "Greet somebody")
        assert [(each.name, each.is_required) for each in prompt.arguments] == [("name", True)]
        (line,) = await here.outside.prompt("plain", "greet", {"name": "Mia"}, person=here.town.ada.id)
        assert (line.is_assistant, line.text) == (False, "Greet Mia warmly.")


async def test_many_calls_side_by_side_each_get_their_own_answer() -> None:
    async with links(plain()) as here:
        await here.up("plain")
        results = await asyncio.gather(*(here.call("plain__echo", text=str(number)) for number in range(50)))
        assert [result.content for result in results] == [str(number) for number in range(50)]


async def test_a_call_of_a_server_that_was_removed_is_refused() -> None:
    async with links(plain()) as here:
        await here.up("plain")
        running = asyncio.create_task(here.call("plain__hang"))
        await until(lambda: here.connection("plain").asking.is_busy)
        here.outside.apply([ServerWish("other", plain().at)])
        assert (await running).content == "plain was changed or removed by the operator during the call."
        assert "There is no tool called 'plain__echo'" in (await here.call("plain__echo", text="x")).content
        await here.up("other")
