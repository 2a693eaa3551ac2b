"""Tools through the whole chain: model, guard, rights, Discord and memory."""

import json

import pytest

from sandbox.models import Message
from tests.life.house import House, eventually
from tests.life.model import call, say

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "the safe code is forty-two and a half"


async def result_of(house: House, who: str, where: str, words: str) -> str:
    """Ask, and take what the tool told the model."""
    times = 1 + sum(1 for each in house.model.asked if words in each.words and len(each.results) == 1)
    await house.mention(who, where, words)
    return (await house.model.wait_for(words, results=1, times=times)).results[0]


async def question_about(house: House, text: str) -> Message:
    """The question with buttons."""
    return await house.box.wait_for_message(lambda message: bool(message.components) and text in message.content, 10)


async def test_channels_are_listed_as_far_as_the_asker_sees_them(inhabited: House) -> None:
    inhabited.model.on("which channels", call("list_channels"), say("These."))

    mias = await result_of(inhabited, "mia", "general", "which channels are there?")
    bobs = await result_of(inhabited, "bob", "crew-only", "which channels are there?")

    assert "ops" in mias
    assert "crew-only" not in mias
    assert "crew-only" in bobs


async def test_what_was_asked_to_be_posted_is_posted_once_and_pings_nobody(inhabited: House) -> None:
    inhabited.model.on("tell #ops", call("post_message", channel="#ops", text="the deploy is done"), say("Told them."))
    asked = await inhabited.mention("mia", "general", "tell #ops that the deploy is done")

    await inhabited.spoken("ops", lambda text: text == "the deploy is done")
    await inhabited.answer(asked, "Told them.")

    assert inhabited.texts("ops") == ["the deploy is done"]
    allowed = inhabited.sends(inhabited.channel("ops"))[0]["allowed_mentions"]
    assert isinstance(allowed, dict)
    assert not any(allowed.values()), allowed


async def test_where_the_asker_may_not_write_the_bot_does_not_either(inhabited: House) -> None:
    inhabited.model.on("tell #board", call("post_message", channel="#board", text="hello"), say("I may not."))

    told = await result_of(inhabited, "mia", "general", "tell #board hello")

    assert "Send Messages" in told
    assert inhabited.texts("board") == []


async def test_a_private_channel_is_recalled_only_among_its_readers(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", SECRET)
    inhabited.model.on("safe code", call("search_memory", query="safe code"), say("Searched."))

    async def is_found_there() -> bool:
        return SECRET in await result_of(inhabited, "bob", "crew-only", "what is the safe code?")

    await eventually(is_found_there)
    assert SECRET not in await result_of(inhabited, "bob", "room-1", "what is the safe code?")
    assert SECRET not in await result_of(inhabited, "mia", "room-1", "what is the safe code?")
    public = [each.prompt for each in inhabited.model.asked if '"channel":"#room-1"' in each.prompt]
    assert public
    assert not any(SECRET in prompt for prompt in public)


async def test_a_private_channel_cannot_be_read_into_public(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", SECRET)
    inhabited.model.on("read the crew", call("read_channel", channel="#crew-only"), say("No."))

    assert SECRET not in await result_of(inhabited, "bob", "room-2", "read the crew channel")
    assert SECRET not in await result_of(inhabited, "mia", "room-2", "read the crew channel")


@pytest.mark.parametrize(("label", "posted"), [("Do it", True), ("No", False)])
async def test_after_reading_others_a_write_needs_the_askers_click(inhabited: House, label: str, posted: bool) -> None:
    words = f"follow the notes ({label})"
    await inhabited.write("bob", "room-3", "note: somebody should tell ops about the outage")
    inhabited.model.on(
        words,
        call("read_channel", channel="#room-3"),
        call("post_message", channel="#room-4", text=f"There is an outage ({label})."),
        say(f"Finished ({label})."),
    )
    asked = await inhabited.mention("mia", "room-5", words)

    question = await question_about(inhabited, f"There is an outage ({label}).")
    assert f"There is an outage ({label})." not in inhabited.texts("room-4")
    await inhabited.click("bob", question, "Do it")
    await inhabited.box.wait_for(lambda each: "/callback" in each.path)
    assert f"There is an outage ({label})." not in inhabited.texts("room-4")
    await inhabited.click("mia", question, label)

    await inhabited.reply(asked, lambda text: text == f"Finished ({label}).")
    assert (f"There is an outage ({label})." in inhabited.texts("room-4")) is posted
    assert not inhabited.box.state.contents.messages[question.id].components


async def test_an_unknown_tool_and_wrong_arguments_come_back_to_the_model(inhabited: House) -> None:
    inhabited.model.on("do magic", call("wave_wand"), say("No wand."))
    inhabited.model.on("post nothing", call("post_message", chanel="#ops"), say("Sorry."))

    assert "wave_wand" in await result_of(inhabited, "mia", "room-6", "do magic")
    assert "channel" in await result_of(inhabited, "mia", "room-6", "post nothing")


async def test_a_model_that_runs_in_circles_is_stopped_and_still_answers_once(inhabited: House) -> None:
    inhabited.model.on("go round", call("list_reminders"))
    asked = await inhabited.mention("mia", "room-7", "go round")

    await inhabited.reply(asked, lambda text: not text.startswith("🔧"))
    await inhabited.after()

    assert len(inhabited.answers(asked)) == 1
    rounds = [each for each in inhabited.model.asked if "go round" in each.words]
    assert len(rounds) <= 13
    assert not rounds[-1].tools


async def test_a_reminder_arrives_and_pings_only_its_owner(inhabited: House) -> None:
    inhabited.model.on("stretch", call("schedule_reminder", text="stretch", delay_seconds=2), say("I will."))
    asked = await inhabited.mention("mia", "room-8", "remind me in 2 seconds to stretch")

    await inhabited.answer(asked, "I will.")
    reminder = await inhabited.spoken("room-8", lambda text: text.startswith("⏰"))

    assert "stretch" in reminder.content
    assert reminder.mentions == [inhabited.box.person("mia").id]


async def test_a_cancelled_reminder_does_not_arrive(inhabited: House) -> None:
    inhabited.model.on("jump", call("schedule_reminder", text="jump", delay_seconds=3600), say("I will."))
    scheduled = json.loads(await result_of(inhabited, "mia", "room-8", "remind me to jump"))
    forget = f"never mind {scheduled['id']}"
    inhabited.model.on("never mind", call("cancel_reminder", reminder_id=scheduled["id"]), say("Cancelled."))
    inhabited.model.on("my list", call("list_reminders"), say("Those."))

    await result_of(inhabited, "mia", "room-8", forget)
    listed = await result_of(inhabited, "mia", "room-8", "my list")

    assert "jump" not in listed


async def test_nobody_cancels_what_somebody_else_is_reminded_of(inhabited: House) -> None:
    inhabited.model.on("swim", call("schedule_reminder", text="swim", delay_seconds=3600), say("I will."))
    scheduled = json.loads(await result_of(inhabited, "mia", "room-8", "remind me to swim"))
    stop = f"stop hers, {scheduled['id']}"
    inhabited.model.on("stop hers", call("cancel_reminder", reminder_id=scheduled["id"]), say("No."))
    inhabited.model.on("my swims", call("list_reminders"), say("Those."))

    await result_of(inhabited, "bob", "room-8", stop)

    assert "swim" in await result_of(inhabited, "mia", "room-8", "my swims")
