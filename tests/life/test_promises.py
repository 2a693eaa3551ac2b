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
