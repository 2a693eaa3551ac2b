"""Whoever could not be reached at the time of a reminder is told when they are next in touch, once."""

from tests.life.hand import Hand
from tests.life.house import House
from tests.life.model import call, echo, say
from tests.life.test_reminder_buttons import later, promised

HEAD = "While I could not reach you:"


async def missed(home: House) -> None:
    """Mia has left when her reminder comes, and Discord lets nobody write to her."""
    await promised(home)
    home.box.leave("Workshop", "mia")
    async with home.bot(clock=later(minutes=2)):
        await home.box.wait_for(lambda each: each.status == 403 and each.path.endswith("/messages"))
        await home.after()
    home.box.join("Workshop", "mia")


async def test_it_is_told_at_the_next_mention_and_only_then(home: House) -> None:
    await missed(home)

    async with home.bot():
        first = await home.mention("mia", "general", "I am back")
        await home.answer(first, echo("I am back"))
        told = await home.spoken("general", lambda text: HEAD in text)
        second = await home.mention("mia", "general", "what now?")
        await home.answer(second, echo("what now?"))
        await home.after()

    assert "@everyone stretch" in told.content
    assert not told.mention_everyone
    assert len([text for text in home.texts() if HEAD in text]) == 1


async def test_it_is_told_at_the_next_command_for_them_alone(home: House) -> None:
    await missed(home)

    async with home.bot():
        await Hand(home, "mia").command("timezone")
        told = await Hand(home, "mia").whispered(lambda text: text.startswith(HEAD))
        await Hand(home, "mia").command("reminders")
        await Hand(home, "mia").whispered(lambda text: "nothing waiting" in text)
        await home.after()

    assert "@everyone stretch" in told.content
    assert len([text for text in home.texts() if HEAD in text]) == 1


async def test_what_was_asked_in_a_private_place_is_only_hinted_at_in_front_of_others(home: House) -> None:
    home.model.on("vault", call("schedule_reminder", text="open the vault", delay_seconds=60), say("I will."))
    async with home.bot():
        asked = await home.mention("bob", "crew-only", "remind me of the vault")
        await home.answer(asked, "I will.")
    home.box.leave("Workshop", "bob")
    async with home.bot(clock=later(minutes=2)):
        await home.box.wait_for(lambda each: each.status == 403 and each.path.endswith("/messages"))
        await home.after("mia")
    home.box.join("Workshop", "bob")

    async with home.bot():
        asked = await home.mention("bob", "general", "I am back")
        await home.spoken("general", lambda text: "use any of my commands" in text)
        await Hand(home, "bob").command("timezone")
        await Hand(home, "bob").whispered(lambda text: "open the vault" in text)

    assert not [m for m in home.said("general") if m.ephemeral_to is None and "vault" in m.content]
