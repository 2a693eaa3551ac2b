"""What somebody in the channel sees of an answer while it is being written."""

import asyncio

import pytest

from bot.reply import NO_ANSWER, Shown, StreamedReply
from chat.ids import MessageId
from tests.bot.reply_room import HandTime, Room, settled

LINE = "Here is a sentence of some length. "


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def time() -> HandTime:
    return HandTime()


def reply_in(room: Room, time: HandTime, *, stream: bool = True) -> StreamedReply:
    return StreamedReply(room, mention_id=MessageId(7), note=room.note, stream=stream, stopwatch=time)


async def test_a_short_answer_costs_one_send_after_typing_has_stopped(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        await settled()
        reply.show(LINE)
        await time.advance(0.4)
        assert await reply.finish(LINE + "Done.") == Shown((MessageId(1),))
    assert room.calls == ["typing", "typing ends", "send"]
    assert room.texts == [LINE + "Done."]
    assert room.replies == [1]


async def test_a_longer_answer_is_seen_soon_and_then_grows_at_a_polite_pace(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        for number in range(1, 41):
            reply.show(LINE * number)
            await time.advance(0.1)
        assert room.calls.count("send") == 1
        assert room.calls.count("edit") == 2
        before = time.now()
        await reply.finish(LINE * 41)
        assert time.now() == before
    assert room.texts == [(LINE * 41).strip()]


async def test_only_the_newest_text_is_sent_after_a_slow_call(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE)
        await time.advance(0.6)
        for number in range(2, 12):
            reply.show(LINE * number)
            await time.advance(0.01)
        await time.advance(1.5)
        assert room.calls == ["typing", "send", "edit"]
        assert room.texts == [(LINE * 11).strip()]


async def test_slow_calls_stretch_the_pace(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE)
        await time.advance(0.45)
        room.gate = gate = asyncio.Event()
        await time.advance(3.0)
        gate.set()
        reply.show(LINE * 2)
        await time.advance(1.5)
        assert room.calls.count("edit") == 0
        await time.advance(5.0)
        assert room.calls.count("edit") == 1


async def test_a_tool_that_runs_long_is_told_and_text_before_it_is_replaced(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show("Let me look that up for you.")
        reply.status("🔎 searching memory…")
        await time.advance(1.9)
        assert room.texts == []
        await time.advance(0.2)
        assert room.texts == ["🔎 searching memory…"]
        reply.show(LINE)
        await time.advance(1.3)
        assert room.texts == [LINE.strip()]
        await reply.finish("It was Tuesday.")
    assert room.texts == ["It was Tuesday."]


async def test_full_messages_are_not_touched_again_while_the_last_one_grows(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE * 80)
        await time.advance(1.0)
        first = room.texts[0]
        edits = room.calls.count("edit")
        reply.show(LINE * 90)
        await time.advance(4.0)
        assert room.texts[0] == first
        assert room.calls.count("edit") == edits + 1
        assert await reply.finish(LINE * 90) == Shown((MessageId(1), MessageId(2)))
    assert room.replies == [1]
    assert room.calls.count("edit") == edits + 1


async def test_what_is_beyond_five_messages_is_attached_to_the_fifth(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        await reply.finish(LINE * 400)
    assert len(room.texts) == 5
    assert room.texts[4].endswith("*(The rest is in the attached file.)*")
    assert room.files[MessageId(5)].text.endswith(LINE.strip())


async def test_a_fifth_message_that_streamed_gets_the_file_by_an_edit(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE * 400)
        await time.advance(1.0)
        assert len(room.texts) == 5
        await reply.finish(LINE * 400)
    assert room.calls.count("edit") == 1
    assert MessageId(5) in room.files


async def test_without_streaming_there_is_one_send_at_the_end(room: Room, time: HandTime) -> None:
    async with reply_in(room, time, stream=False) as reply:
        reply.show(LINE * 20)
        reply.status("🔎 searching memory…")
        await time.advance(30)
        assert room.calls == ["typing"]
        await reply.finish(LINE)
    assert room.calls == ["typing", "typing ends", "send"]


async def test_a_blank_answer_says_so_instead_of_nothing(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        await reply.finish("\u200b \n")
    assert room.texts == [NO_ANSWER]


async def test_a_failure_replaces_a_short_start_and_stands_below_a_long_one(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show("Well, I think that")
        await time.advance(3)
        await reply.fail("The model stopped answering.")
    assert room.texts == ["The model stopped answering."]
    room = Room()
    async with reply_in(room, time) as reply:
        reply.show(LINE * 20)
        await reply.fail("The model stopped answering.")
    assert room.texts[0].startswith(LINE)
    assert room.texts[0].endswith("\n\nThe model stopped answering.")
