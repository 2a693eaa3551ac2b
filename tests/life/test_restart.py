"""What a restart does: mentions missed while away, answers left unfinished, promises due meanwhile."""

import asyncio
from datetime import timedelta

from bot.leftovers import UNFINISHED
from chat.clock import utc_now
from tests.life.house import House
from tests.life.model import Hang, Say, call, echo, say

AT_ONCE = {"shutdown_seconds": 0.01}


async def test_a_mention_missed_while_away_is_answered_on_return_and_says_so(home: House) -> None:
    async with home.bot():
        first = await home.mention("mia", "general", "before")
        await home.answer(first, echo("before"))
        direct = await home.direct("mia")
        await home.answer(await home.write("mia", direct, "privately"), echo("privately"))
    missed = await home.mention("mia", "general", "are you away?")
    missed_direct = await home.write("mia", direct, "and here?")

    later = lambda: utc_now() + timedelta(minutes=3)  # noqa: E731 - the bot's idea of now
    async with home.bot(clock=later):
        answer = await home.reply(missed, lambda text: text.startswith(echo("are you away?")))
        private = await home.reply(missed_direct, lambda text: text.startswith(echo("and here?")))
        await home.after()

    assert answer.content.splitlines()[1] == "-# 3 min late, I was offline"
    assert private.content.splitlines()[1] == "-# 3 min late, I was offline"
    assert len(home.answers(missed)) == len(home.answers(missed_direct)) == len(home.answers(first)) == 1


async def test_even_a_short_absence_is_told(home: House) -> None:
    missed = await home.mention("mia", "general", "hello?")

    async with home.bot():
        answer = await home.reply(missed, lambda text: text.startswith(echo("hello?")))

    assert answer.content.endswith("late, I was offline")


async def test_a_mention_older_than_the_catch_up_is_left_alone(home: House) -> None:
    missed = await home.mention("mia", "general", "are you away?")

    async with home.bot(clock=lambda: utc_now() + timedelta(seconds=601)):
        await home.after()
        assert home.answers(missed) == []


async def test_without_a_catch_up_only_what_is_said_from_now_on_is_answered(home: House) -> None:
    missed = await home.mention("mia", "general", "are you away?")

    async with home.bot(discord={"catch_up_seconds": 0}):
        asked = await home.mention("mia", "general", "and now?")
        await home.answer(asked, echo("and now?"))
        await home.after()

    assert home.answers(missed) == []


async def test_an_unfinished_answer_is_finished_in_its_own_messages(home: House) -> None:
    gate = asyncio.Event()
    begun = " ".join(f"word{number}" for number in range(500))
    home.model.on("a long one", Say([begun, " and the end."], [gate]))
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "a long one")
        await home.spoken("general", lambda text: text.endswith("word499"))
    left = [message.id for message in home.said()]
    assert len(left) == 2

    gate.set()
    async with home.bot():
        await home.spoken("general", lambda text: "and the end." in text)

    assert [message.id for message in home.said("general")] == left
    assert len(home.answers(asked)) == 1


async def test_an_unfinished_answer_that_became_shorter_leaves_nothing_behind(home: House) -> None:
    gate = asyncio.Event()
    home.model.on("a long one", Say(["word " * 700, "."], [gate]))
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "a long one")
        await home.spoken("general", lambda text: len(home.said("general")) == 2 and text.endswith("word"))

    home.model.on("a long one", say("Short now."))
    async with home.bot():
        await home.reply(asked, lambda text: text.startswith("Short now."))
        await home.after()

    assert len(home.said("general")) == 1


async def test_an_unfinished_answer_that_is_too_old_becomes_one_apology(home: House) -> None:
    gate = asyncio.Event()
    home.model.on("a long one", Say(["word " * 700, "."], [gate]))
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "a long one")
        await home.spoken("general", lambda text: len(home.said("general")) == 2 and text.endswith("word"))

    async with home.bot(clock=lambda: utc_now() + timedelta(hours=1)):
        await home.answer(asked, UNFINISHED)
    async with home.bot(clock=lambda: utc_now() + timedelta(hours=2)):
        await home.after()

    assert home.texts("general") == [UNFINISHED]


async def test_queued_mentions_wait_for_the_next_start(home: House) -> None:
    home.model.on("hold on", Hang(asyncio.Event()))
    async with home.bot(limits=AT_ONCE):
        first = await home.mention("mia", "general", "hold on")
        await home.model.wait_for("hold on")
        second = await home.mention("bob", "general", "me too")

    home.model.on("hold on", say("Here I am."))
    async with home.bot():
        await home.reply(first, lambda text: text.startswith("Here I am."))
        await home.reply(second, lambda text: text.startswith(echo("me too")))


async def test_what_was_asked_while_stopping_is_answered_after_the_start(home: House) -> None:
    gate = asyncio.Event()
    home.model.on("slowly", Say(["Taking my time", "."], [gate]))
    async with home.bot() as stop:
        first = await home.mention("mia", "general", "slowly")
        await home.model.wait_for("slowly")
        stop.set()
        second = await home.mention("bob", "ops", "one more")
        gate.set()
        await home.answer(first, "Taking my time.")
    assert home.answers(second) == []

    async with home.bot():
        await home.reply(second, lambda text: text.startswith(echo("one more")))


async def test_a_mention_deleted_while_away_is_not_answered_and_its_begun_answer_goes(home: House) -> None:
    gate = asyncio.Event()
    home.model.on("a long one", Say(["This is going to be long", "."], [gate]))
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "a long one")
        await home.reply(asked, lambda text: text.startswith("This is"))
    await home.delete("mia", asked)

    async with home.bot():
        await home.after()
        await home.box.wait_for(lambda each: each.method == "DELETE" and each.who == "digm", 5)

    assert home.said("general") == []


async def test_a_mention_edited_while_away_keeps_only_its_new_reminder(home: House) -> None:
    home.model.on("remind", call("schedule_reminder", text="stretch", delay_seconds=3600), Hang(asyncio.Event()))
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "remind me in an hour to stretch")
        await home.model.wait_for("remind", results=1)
    await home.edit("mia", asked, f"<@{home.bot_id}> remind me in two hours to stretch")

    home.model.on("two hours", call("schedule_reminder", text="stretch", delay_seconds=7200), say("In two hours."))
    home.model.on("which are waiting", call("list_reminders"), say("Those."))
    async with home.bot():
        await home.reply(asked, lambda text: text.startswith("In two hours."))
        await home.mention("mia", "general", "which are waiting?")
        listed = await home.model.wait_for("which are waiting", results=1)

    assert listed.results[0].count('"due"') == 1


async def test_an_answer_that_discord_would_not_take_is_given_after_the_restart(home: House) -> None:
    home.box.faults.answer(503, times=1000, method="POST", path="/messages$", who="digm")
    async with home.bot(limits=AT_ONCE):
        asked = await home.mention("mia", "general", "is anybody there?")
        await home.box.wait_for(lambda each: each.status == 503 and each.path.endswith("/messages"))
    home.box.faults.clear()

    async with home.bot():
        await home.reply(asked, lambda text: text.startswith(echo("is anybody there?")))
        await home.after()

    assert len(home.answers(asked)) == 1


async def test_a_catch_up_survives_a_hiccup_of_discord(home: House) -> None:
    missed = await home.mention("mia", "ops", "while you were out")
    home.box.faults.answer(503, times=2, method="GET", path=f"/channels/{home.channel('ops')}/messages", who="digm")

    async with home.bot():
        await home.reply(missed, lambda text: text.startswith(echo("while you were out")))
