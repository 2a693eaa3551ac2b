"""Reminders and approvals over time: due while the bot was away, or never decided."""

from datetime import timedelta

from chat.clock import utc_now
from sandbox.models import Message
from tests.life.house import House
from tests.life.model import call, say


async def test_a_reminder_that_was_due_while_away_comes_late_and_says_so_once(home: House) -> None:
    home.model.on("stretch", call("schedule_reminder", text="stretch", delay_seconds=60), say("I will."))
    async with home.bot():
        asked = await home.mention("mia", "general", "remind me in a minute to stretch")
        await home.answer(asked, "I will.")

    async with home.bot(clock=lambda: utc_now() + timedelta(minutes=10)):
        said = await home.spoken("general", lambda text: text.startswith("⏰"))
        await home.after()
    assert "9 min late, I was offline" in said.content
    async with home.bot(clock=lambda: utc_now() + timedelta(minutes=20)):
        await home.after()

    assert len([text for text in home.texts("general") if text.startswith("⏰")]) == 1


async def test_a_direct_reminder_survives_a_restart(home: House) -> None:
    home.model.on("stretch", call("schedule_reminder", text="stretch", delay_seconds=60), say("I will."))
    async with home.bot():
        direct = await home.direct("mia")
        asked = await home.write("mia", direct, "remind me in a minute to stretch")
        await home.answer(asked, "I will.")

    async with home.bot(clock=lambda: utc_now() + timedelta(minutes=10)):
        await home.spoken(direct, lambda text: text.startswith("⏰"))


async def test_a_daily_reminder_comes_each_day_over_restarts_with_one_catch_up(home: House) -> None:
    home.model.on("pill", call("schedule_reminder", text="the pill", every_seconds=86_400), say("I will."))
    async with home.bot():
        asked = await home.mention("mia", "general", "remind me of the pill every day")
        await home.answer(asked, "I will.")

    for days, turn in ((1, ""), (4, "turn 2 · "), (5, "turn 3 · ")):
        after = timedelta(days=days, minutes=10)
        async with home.bot(clock=lambda after=after: utc_now() + after):
            await home.spoken("general", lambda text, turn=turn: f" · {turn}[asked here](" in text)
            await home.after()

    said = [text for text in home.texts("general") if text.startswith("⏰")]
    assert len(said) == 3
    assert all("(10 min late, I was offline) the pill" in text for text in said)


async def test_who_has_set_their_time_zone_is_told_the_time_there(home: House) -> None:
    home.model.on("I live in", call("set_timezone", zone="Asia/Kathmandu"), say("Noted."))
    async with home.bot():
        asked = await home.mention("mia", "general", "I live in Kathmandu")
        await home.answer(asked, "Noted.")
        await home.mention("mia", "general", "how late is it?")
        mias = await home.model.wait_for("how late")
        await home.mention("bob", "general", "and where I am?")
        bobs = await home.model.wait_for("and where")
        await home.after()

    assert "Asia/Kathmandu" in mias.prompt
    assert "Asia/Kathmandu" not in bobs.prompt


async def test_a_cancelled_run_takes_its_question_with_it(home: House) -> None:
    home.model.on(
        "read it",
        call("read_channel", channel="#ops"),
        call("post_message", channel="#ops", text="Something nobody asked for."),
        say("Done."),
    )
    await home.write("bob", "ops", "please post something")

    def is_question(message: Message) -> bool:
        return bool(message.components)

    async with home.bot():
        asked = await home.mention("mia", "general", "read it")
        question = await home.box.wait_for_message(is_question, 10)
        await home.delete("mia", asked)
        await home.box.wait_for(lambda each: each.method == "DELETE" and str(question.id) in each.path)
        await home.after()

    assert home.texts("general") == []
    assert home.texts("ops") == []
