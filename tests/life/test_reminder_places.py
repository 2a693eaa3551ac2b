"""Reminders wherever commands are given, and where they go when their channel is closed to the bot."""

from sandbox.models import Message
from tests.life.hand import Hand
from tests.life.house import JSON, House
from tests.life.test_reminder_buttons import is_said, later, promised
from tests.life.test_reminder_commands import choose, listed, remind


async def thread_in(home: House, name: str, where: str = "general") -> int:
    made = await home.ask(
        "mia", "POST", f"/channels/{home.channel(where)}/threads", {"name": name, "type": 11}, expect=201
    )
    return int(str(JSON.validate_python(made)["id"]))


async def deny_bot(home: House, where: str, what: int) -> None:
    deny = {"type": 1, "deny": str(what), "allow": "0"}
    await home.ask("ada", "PUT", f"/channels/{home.channel(where)}/permissions/{home.bot_id}", deny, expect=204)


def private(home: House, message: Message) -> bool:
    return home.box.state.channel(message.channel_id).guild_id is None


async def test_a_command_in_a_direct_message_reminds_there(home: House) -> None:
    async with home.bot():
        place = await home.direct("mia")
        mia = Hand(home, "mia", place)
        await remind(mia, "in 2 seconds", "call the plumber")
        said = await home.spoken(place, is_said)
        await remind(mia, "in 3 days", "pay the plumber")
        page = await listed(mia, "pay the plumber")
        await choose(mia, page, 0)
        await mia.press(page, "Cancel")
        await mia.whispered(lambda text: text.startswith("Cancelled: pay the plumber."))

    assert "call the plumber" in said.content
    assert home.texts("general") == []


async def test_a_command_in_a_thread_reminds_in_the_thread(home: House) -> None:
    async with home.bot():
        place = await thread_in(home, "kiln plans")
        await remind(Hand(home, "mia", place), "in 2 seconds", "light the kiln")
        said = await home.spoken(place, is_said)

    assert "light the kiln" in said.content
    assert said.mentions == [home.box.person("mia").id]
    assert home.texts("general") == []


async def test_a_channel_that_is_closed_to_the_bot_means_a_direct_message_with_the_reason(home: House) -> None:
    await promised(home)
    async with home.bot(clock=later(seconds=30)):
        await deny_bot(home, "general", 1 << 11)
        await home.after("mia")
    async with home.bot(clock=later(minutes=2)):
        place = await home.direct("mia")
        said = await home.spoken(place, is_said)

    assert private(home, said)
    assert said.content.endswith("said here because I can no longer write in the channel you asked in")
    assert [text for text in home.texts("general") if "stretch" in text and "I will" not in text] == []


async def test_who_has_many_reminders_pages_through_all_of_them(home: House) -> None:
    async with home.bot():
        mia = Hand(home, "mia")
        for number in range(30):
            await remind(mia, f"in {number + 1} days", f"errand-{number:02}")
        first = await listed(mia, "errand-00")
        shown = [first.content]  # the same message turns its pages
        await mia.press(first, "Later ones")
        second = await mia.whispered(lambda text: "errand-29" in text and text.startswith("26. "))
        shown.append(second.content)
        await choose(mia, second, 4)
        await mia.press(second, "Cancel")
        await mia.whispered(lambda text: text.startswith("Cancelled: errand-29."))
        left = await mia.whispered(lambda text: "errand-28" in text)
        await mia.press(left, "Sooner ones")
        back = await mia.whispered(lambda text: text.startswith("1. ") and "errand-00" in text)

    assert "errand-25" not in shown[0]
    assert "errand-24" not in shown[1]
    assert "errand-29" not in back.content
