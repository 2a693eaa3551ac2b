"""The answer arrives once and whole although Discord, a moderator or a crash gets in the way."""

import asyncio

import pytest

from bot.outlet import Refused, Unreachable
from bot.reply import NotShown, Shown, StreamedReply
from chat.ids import MessageId
from tests.bot.reply_room import HandTime, Room, settled

LINE = "Here is a sentence of some length. "


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def time() -> HandTime:
    return HandTime()


def reply_in(room: Room, time: HandTime) -> StreamedReply:
    return StreamedReply(room, mention_id=MessageId(7), note=room.note, stopwatch=time)


async def test_a_restart_edits_what_was_shown_and_deletes_what_is_too_much(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as first:
        await first.finish(LINE * 150)
    assert len(room.texts) == 3
    async with reply_in(room, time) as second:
        second.adopt(room.noted[-1])
        assert await second.finish("Short after all.") == Shown((MessageId(1),))
    assert room.texts == ["Short after all."]
    assert room.noted[-1] == (1,)


async def test_a_send_nobody_remembers_is_found_again_and_says_the_new_answer(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as first:
        await first.finish("The first try.")
    async with reply_in(room, time) as second:
        assert await second.finish("The second try.") == Shown((MessageId(1),))
    assert room.texts == ["The second try."]


async def test_a_preview_a_moderator_deleted_comes_back_only_as_the_finished_answer(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE)
        await time.advance(0.6)
        room.messages.clear()
        reply.show(LINE * 2)
        await time.advance(30)
        assert room.texts == []
        reply.show(LINE * 3)
        await time.advance(30)
        assert room.texts == []
        assert await reply.finish(LINE * 4) == Shown((MessageId(2),))
    assert room.texts == [(LINE * 4).strip()]


async def test_a_deleted_first_part_does_not_mix_up_the_order(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE * 80)
        await time.advance(1)
        assert len(room.texts) == 2
        del room.messages[MessageId(1)]
        await reply.finish("Other words. " * 200)
    assert len(room.texts) == 2
    assert room.texts[0].startswith("Other words.")
    assert list(room.messages) == sorted(room.messages)


async def test_an_unreachable_discord_is_tried_again_and_no_part_is_said_twice(room: Room, time: HandTime) -> None:
    room.failures["send"] = [Unreachable("503"), Unreachable("503")]
    async with reply_in(room, time) as reply:
        done = asyncio.create_task(reply.finish(LINE * 100))
        await time.advance(0.5)
        assert not done.done()
        await time.advance(3)
        assert await done == Shown((MessageId(1), MessageId(2)))
    assert len(room.texts) == 2


async def test_a_part_that_failed_for_good_can_be_finished_later(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        reply.show(LINE * 40)
        await time.advance(1)
        room.failures["send"] = [Unreachable("refused")] * 8
        done = asyncio.create_task(reply.finish(LINE * 100))
        await time.advance(130)
        assert await done == NotShown("refused", (MessageId(1),), again=True)
        assert await reply.finish(LINE * 100) == Shown((MessageId(1), MessageId(2)))
    assert len(room.texts) == 2


async def test_where_the_bot_may_not_write_the_outcome_says_why(room: Room, time: HandTime) -> None:
    room.failures["send"] = [Refused("I lack the right to write there")]
    async with reply_in(room, time) as reply:
        assert await reply.finish(LINE) == NotShown("I lack the right to write there", (), again=False)


async def test_where_files_are_forbidden_the_answer_says_that_the_rest_is_left_out(room: Room, time: HandTime) -> None:
    room.failures["send with file"] = [Refused("I lack the right")]
    async with reply_in(room, time) as reply:
        assert isinstance(await reply.finish(LINE * 400), Shown)
    assert len(room.texts) == 5
    assert "may not attach" in room.texts[4]
    assert room.files == {}


async def test_failing_previews_and_typing_do_not_harm_the_answer(room: Room, time: HandTime) -> None:
    room.failures["typing"] = [Refused("no")]
    room.failures["send"] = [Unreachable("502")]
    async with reply_in(room, time) as reply:
        reply.show(LINE)
        await time.advance(1)
        assert room.texts == []
        assert await reply.finish(LINE) == Shown((MessageId(1),))


async def test_cancelling_in_the_middle_of_a_send_leaves_a_message_that_can_be_withdrawn(
    room: Room, time: HandTime
) -> None:
    room.gate = asyncio.Event()
    before = asyncio.all_tasks()

    async def run() -> None:
        async with reply_in(room, time) as reply:
            await reply.finish(LINE)

    run_task = asyncio.create_task(run())
    await settled()
    run_task.cancel()
    await settled()
    room.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await run_task
    assert asyncio.all_tasks() == before
    assert room.noted == [(MessageId(1),)]

    later = reply_in(room, time)
    later.adopt(room.noted[-1])
    assert await later.withdraw()
    assert room.texts == []


async def test_withdrawing_what_is_gone_already_is_fine_and_a_refusal_is_told(room: Room, time: HandTime) -> None:
    async with reply_in(room, time) as reply:
        await reply.finish(LINE * 100)
        room.messages.pop(MessageId(2))
        assert await reply.withdraw()
        assert room.texts == []
    other = Room(failures={"delete": [Refused("no")]})
    async with reply_in(other, time) as reply:
        await reply.finish(LINE)
        assert not await reply.withdraw()


async def test_no_task_outlives_a_reply_that_nobody_ended(room: Room, time: HandTime) -> None:
    before = asyncio.all_tasks()
    async with reply_in(room, time) as reply:
        reply.show(LINE)
        await time.advance(1)
    assert asyncio.all_tasks() == before
    assert not room.is_typing
