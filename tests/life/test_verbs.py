"""Reactions below an answer, by who asked and by others."""

import asyncio

import pytest

from sandbox.errors import ApiError
from tests.life.hand import Hand
from tests.life.house import House, eventually
from tests.life.model import Call, Calls, Say, call, say

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "This is the beginning of a rather long answer. " * 6


async def gone(home: House, message_id: int) -> bool:
    return message_id not in home.box.state.contents.messages


async def test_who_asked_stops_a_running_answer_and_nobody_else_does(inhabited: House) -> None:
    never = asyncio.Event()
    inhabited.model.on("tell me everything", Say([LONG, "and its end"], [never]))
    asked = await inhabited.mention("mia", "room-1", "tell me everything")
    answer = await inhabited.reply(asked, lambda text: text.startswith("This is the beginning"))

    await Hand(inhabited, "bob").react(answer.id, "⏹️")
    await Hand(inhabited, "bob").react(answer.id, "🗑️")
    await inhabited.after()
    assert [message.id for message in inhabited.answers(asked)] == [answer.id]
    await Hand(inhabited, "mia").react(answer.id, "⏹️")
    stopped = await inhabited.reply(asked, lambda text: text.endswith("-# ⏹ Stopped, as you wished."))
    await inhabited.mention("mia", "room-1", "are you free again?")

    assert (stopped.id, stopped.content.startswith(LONG.strip()[:40])) == (answer.id, True)
    await inhabited.spoken("room-1", lambda text: "are you free again?" in text)
    never.set()


async def test_asked_again_the_new_answer_takes_the_place_of_the_old(inhabited: House) -> None:
    inhabited.model.on("roll the dice", say("A three."))
    asked = await inhabited.mention("mia", "room-2", "roll the dice")
    answer = await inhabited.answer(asked, "A three.")
    inhabited.model.on("roll the dice", say("A five."))

    await Hand(inhabited, "bob").react(answer.id, "🔁")
    await Hand(inhabited, "mia").react(answer.id, "🔁")
    again = await inhabited.answer(asked, "A five.")

    assert (again.id, len(inhabited.answers(asked))) == (answer.id, 1)
    assert sum("roll the dice" in each.words for each in inhabited.model.asked) == 2


async def test_asked_again_a_reminder_is_not_made_twice(inhabited: House) -> None:
    made = call("schedule_reminder", text="stretch", delay_seconds=3600)
    inhabited.model.on("remind me to stretch", made, say("I will."))
    asked = await inhabited.mention("mia", "room-2", "remind me to stretch")
    answer = await inhabited.answer(asked, "I will.")
    inhabited.model.on("remind me to stretch", made, say("I still will."))

    await Hand(inhabited, "mia").react(answer.id, "🔁")
    await inhabited.answer(asked, "I still will.")
    await Hand(inhabited, "mia", "room-2").command("reminders")
    listed = await Hand(inhabited, "mia").whispered(lambda text: "stretch" in text)

    assert listed.content.count("stretch") == 1


async def test_who_asked_deletes_the_answer_and_what_it_scheduled_stays(inhabited: House) -> None:
    made = Calls([Call("schedule_reminder", {"text": "feed the cat", "delay_seconds": 7200})])
    inhabited.model.on("remind me to feed the cat", made, say("The cat it is."))
    asked = await inhabited.mention("bob", "room-3", "remind me to feed the cat")
    answer = await inhabited.answer(asked, "The cat it is.")

    await Hand(inhabited, "mia").react(answer.id, "🗑️")
    await inhabited.after()
    assert not await gone(inhabited, answer.id)
    await Hand(inhabited, "bob").react(answer.id, "🗑️")
    await eventually(lambda: gone(inhabited, answer.id))
    await Hand(inhabited, "bob", "room-3").command("reminders")

    await Hand(inhabited, "bob").whispered(lambda text: "feed the cat" in text)
    assert inhabited.answers(asked) == []


async def test_a_running_answer_that_is_deleted_does_not_come_back(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("tell me the rest", Say([LONG, "and its end"], [gate]))
    asked = await inhabited.mention("mia", "room-4", "tell me the rest")
    answer = await inhabited.reply(asked, lambda text: text.startswith("This is the beginning"))

    await Hand(inhabited, "mia").react(answer.id, "🗑️")
    await eventually(lambda: gone(inhabited, answer.id))
    gate.set()
    await inhabited.mention("mia", "room-4", "the next one")
    await inhabited.spoken("room-4", lambda text: "the next one" in text)

    assert inhabited.answers(asked) == []


async def test_other_emoji_and_reactions_to_other_messages_mean_nothing(inhabited: House) -> None:
    inhabited.model.on("what is up", say("The sky."))
    asked = await inhabited.mention("mia", "room-5", "what is up")
    answer = await inhabited.answer(asked, "The sky.")

    await Hand(inhabited, "mia").react(answer.id, "🎉")
    await Hand(inhabited, "mia").react(asked, "🗑️")
    with pytest.raises((ApiError, AssertionError)):
        await Hand(inhabited, "mia").react(answer.id, "delete")
    await inhabited.after()

    assert [message.content for message in inhabited.answers(asked)] == ["The sky."]


@pytest.mark.asyncio(loop_scope="function")
async def test_switched_off_a_reaction_is_just_a_reaction(home: House) -> None:
    async with home.bot(discord={"reaction_verbs": False}):
        asked = await home.mention("mia", "general", "hello")
        answer = await home.reply(asked, lambda text: "hello" in text)
        await Hand(home, "mia").react(answer.id, "🗑️")
        await home.after()

        assert not await gone(home, answer.id)
