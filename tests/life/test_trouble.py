"""Edits, deletes, crowds, and a model or a Discord that fails: still exactly one answer, or one plain sentence."""

import asyncio

import pytest

from agent.failures import BUSY, FAULTY, GARBLED
from agent.steps import EMPTY
from tests.life.house import BOT, House
from tests.life.model import Fail, Hang, Say, call, echo, say

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def only_answer(house: House, asked: int, text: str) -> None:
    await house.answer(asked, text)
    await house.after()
    assert [message.content for message in house.answers(asked)] == [text]


async def test_an_edit_during_the_run_gets_one_answer_to_the_new_text(inhabited: House) -> None:
    inhabited.model.on("first wording", Say(["About the first wording I think", "."], [asyncio.Event()]))
    asked = await inhabited.mention("mia", "room-0", "first wording")
    begun = await inhabited.reply(asked, lambda text: text.startswith("About"))

    await inhabited.edit("mia", asked, f"<@{inhabited.bot_id}> second wording")

    await only_answer(inhabited, asked, echo("second wording"))
    assert [message.id for message in inhabited.said("room-0")] == [begun.id]


async def test_an_edit_cancels_the_reminder_of_the_first_version(inhabited: House) -> None:
    schedule = call("schedule_reminder", text="tea", delay_seconds=3600)
    inhabited.model.on("tea in an hour", schedule, Hang(asyncio.Event()))
    inhabited.model.on("coffee in an hour", call("schedule_reminder", text="coffee", delay_seconds=3600), say("Yes."))
    inhabited.model.on("what waits", call("list_reminders"), say("That."))
    asked = await inhabited.mention("ada", "room-0", "tea in an hour")
    await inhabited.model.wait_for("tea in", results=1)

    await inhabited.edit("ada", asked, f"<@{inhabited.bot_id}> coffee in an hour")

    await only_answer(inhabited, asked, "Yes.")
    await inhabited.mention("ada", "room-0", "what waits?")
    listed = (await inhabited.model.wait_for("what waits", results=1)).results[0]
    assert "coffee" in listed
    assert "tea" not in listed


async def test_an_edit_of_what_waits_is_answered_as_it_reads_then(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("hold the line", Hang(gate))
    await inhabited.mention("mia", "room-1", "hold the line")
    await inhabited.model.wait_for("hold the line")
    asked = await inhabited.mention("bob", "room-1", "old words")
    await inhabited.edit("bob", asked, f"<@{inhabited.bot_id}> new words")
    await inhabited.after("ada")
    gate.set()

    await only_answer(inhabited, asked, echo("new words"))
    assert not any("old words" in each.words for each in inhabited.model.asked)


async def test_an_edit_that_adds_the_mention_is_answered(inhabited: House) -> None:
    asked = await inhabited.write("mia", "room-1", "what day is it?")
    await inhabited.edit("mia", asked, f"<@{inhabited.bot_id}> what day is it?")

    await only_answer(inhabited, asked, echo("what day is it?"))


async def test_an_edit_after_the_answer_changes_nothing(inhabited: House) -> None:
    asked = await inhabited.mention("mia", "room-1", "answered already")
    await only_answer(inhabited, asked, echo("answered already"))
    await inhabited.edit("mia", asked, f"<@{inhabited.bot_id}> something else")

    await only_answer(inhabited, asked, echo("answered already"))


async def test_a_deleted_mention_loses_its_begun_answer_and_its_reminder(inhabited: House) -> None:
    schedule = call("schedule_reminder", text="vanish", delay_seconds=3600)
    inhabited.model.on("and vanish", schedule, Say(["This is going to stay unfinished", "."], [asyncio.Event()]))
    inhabited.model.on("what is left", call("list_reminders"), say("Nothing."))
    asked = await inhabited.mention("bob", "room-2", "remind me and vanish")
    begun = await inhabited.reply(asked, lambda text: text.startswith("This is going"))

    await inhabited.delete("bob", asked)

    await inhabited.box.wait_for(lambda each: each.method == "DELETE" and each.path.endswith(str(begun.id)), 5)
    asked = await inhabited.mention("bob", "room-2", "what is left?")
    await inhabited.answer(asked, "Nothing.")
    assert "vanish" not in (await inhabited.model.wait_for("what is left", results=1)).results[0]
    assert inhabited.texts("room-2") == ["Nothing."]


async def test_a_deleted_mention_in_the_queue_is_never_answered(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("keep waiting", Hang(gate))
    first = await inhabited.mention("mia", "room-3", "keep waiting")
    await inhabited.model.wait_for("keep waiting")
    asked = await inhabited.mention("bob", "room-3", "never mind")
    await inhabited.delete("bob", asked)
    gate.set()

    await only_answer(inhabited, first, echo("keep waiting"))
    assert not any("never mind" in each.words for each in inhabited.model.asked)


async def test_who_comes_to_a_full_queue_is_told_to_come_back(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("block", Hang(gate))
    await inhabited.mention("mia", "room-4", "block")
    await inhabited.model.wait_for("block")
    waiting = [await inhabited.mention("bob", "room-4", f"line {number}") for number in range(49)]
    too_many = await inhabited.mention("ada", "room-4", "one more")

    await inhabited.reply(too_many, lambda text: text.startswith("I already have 50 requests waiting"))
    gate.set()
    await only_answer(inhabited, waiting[-1], echo("line 48"))
    assert [len(inhabited.answers(asked)) for asked in (*waiting, too_many)] == [1] * 50


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fail(500), FAULTY),
        (Fail(429, retry_after=90), BUSY.format(when=" in 90 seconds")),
        (Fail(200), GARBLED),
        (say(""), EMPTY),
    ],
    ids=["broken", "busy", "html", "empty"],
)
async def test_a_model_that_fails_is_one_plain_sentence(inhabited: House, fault: Fail | Say, sentence: str) -> None:
    inhabited.model.on("fail please", fault)
    asked = await inhabited.mention("mia", "room-5", "fail please")

    await only_answer(inhabited, asked, sentence)


async def test_a_model_that_fails_once_is_asked_again(inhabited: House) -> None:
    inhabited.model.on("flaky", Fail(503, retry_after=0))
    asked = await inhabited.mention("mia", "room-5", "flaky")
    await inhabited.model.wait_for("flaky")
    inhabited.model.on("flaky", say("Better now."))

    await only_answer(inhabited, asked, "Better now.")


@pytest.mark.parametrize(
    ("status", "lost"), [(429, False), (500, False), (500, True), (503, False), (503, True), (502, True)]
)
async def test_discord_fails_while_an_answer_is_sent(inhabited: House, status: int, lost: bool) -> None:
    room = inhabited.channel("room-6")
    inhabited.box.faults.answer(status, method="POST", path=f"/channels/{room}/messages$", who=BOT, after_effect=lost)
    asked = await inhabited.mention("mia", "room-6", f"through {status}")

    await only_answer(inhabited, asked, echo(f"through {status}"))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_discord_fails_while_an_answer_is_edited(inhabited: House, status: int) -> None:
    room, gate = inhabited.channel("room-7"), asyncio.Event()
    inhabited.model.on(f"edit {status}", Say(["The beginning of something", " and its end."], [gate]))
    asked = await inhabited.mention("mia", "room-7", f"edit {status}")
    await inhabited.reply(asked, lambda text: text.startswith("The beginning"))
    inhabited.box.faults.answer(status, times=2, method="PATCH", path=f"/channels/{room}/messages/", who=BOT)
    gate.set()

    await only_answer(inhabited, asked, "The beginning of something and its end.")


async def test_a_first_direct_message_survives_a_hiccup_of_discord(inhabited: House) -> None:
    direct = await inhabited.direct("ada")
    inhabited.box.faults.answer(503, method="GET", path=f"/channels/{direct}$", who=BOT)
    asked = await inhabited.write("ada", direct, "hello there")

    await only_answer(inhabited, asked, echo("hello there"))


async def test_events_that_come_twice_are_answered_once(inhabited: House) -> None:
    inhabited.box.faults.duplicate_events(3, name="MESSAGE_CREATE")
    asked = await inhabited.mention("mia", "room-8", "twice?")

    await only_answer(inhabited, asked, echo("twice?"))


async def test_a_message_that_arrives_after_its_edit_is_answered_as_edited(inhabited: House) -> None:
    inhabited.box.faults.reorder_events(1, name="MESSAGE_CREATE")
    asked = await inhabited.mention("mia", "room-8", "with a tpyo")
    await inhabited.edit("mia", asked, f"<@{inhabited.bot_id}> without a typo")

    await only_answer(inhabited, asked, echo("without a typo"))


async def test_a_message_that_arrives_after_its_deletion_is_not_answered(inhabited: House) -> None:
    inhabited.box.faults.reorder_events(1, name="MESSAGE_CREATE")
    asked = await inhabited.mention("mia", "room-8", "gone before it came")
    await inhabited.delete("mia", asked)
    await inhabited.after()

    assert not inhabited.answers(asked)
