"""Reminders by slash commands, forms and the menu of a message; every answer is for one person alone."""

import re

import pytest

from sandbox.models import Message
from tests.life.hand import Hand, forms, inputs, modal
from tests.life.house import JSON, House, eventually
from tests.life.test_reminder_buttons import is_said, labels

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def remind(hand: Hand, when: str, what: str) -> Message:
    await hand.command("remind", when=when, what=what)
    return await hand.whispered(lambda text: what in text)


async def refused(hand: Hand, when: str, wanted: str) -> str:
    await hand.command("remind", when=when, what="x")
    return (await hand.whispered(lambda text: wanted in text)).content


async def listed(hand: Hand, wanted: str) -> Message:
    await hand.command("reminders")
    return await hand.whispered(lambda text: wanted in text and not text.startswith("I will"))


async def choose(hand: Hand, page: Message, number: int) -> None:
    rows = [JSON.validate_python(row)["components"] for row in page.components]
    parts = [JSON.validate_python(each) for row in rows if isinstance(row, list) for each in row]
    menu = next(each for each in parts if each["type"] == 3)
    assert isinstance(menu["options"], list)
    value = JSON.validate_python(menu["options"][number])["value"]
    data = {"component_type": 3, "custom_id": menu["custom_id"], "values": [value]}
    before = len(list(hand.home.box.log))
    await hand.begin(3, data, page.id)
    await eventually(lambda: called_back(hand.home, before))


async def called_back(home: House, since: int) -> bool:
    return any(each.path.endswith("/callback") for each in list(home.box.log)[since:])


async def send(hand: Hand, before: int, *values: str) -> None:
    """Fill in the form that comes after so many others."""
    form = await modal(hand.home, after=before)
    rows = [
        {"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]}
        for name, value in zip(inputs(form), values, strict=True)
    ]
    await hand.begin(5, {"custom_id": form["custom_id"], "components": rows, "id": form.get("id", "1")})


async def test_remind_tells_the_moment_and_comes_in_its_channel(inhabited: House) -> None:
    mia = Hand(inhabited, "mia", "room-1")

    told = await remind(mia, "in 2 seconds", "@everyone water the ferns")
    said = await inhabited.spoken("room-1", is_said)

    assert re.fullmatch(r"I will remind you <t:\d+:F> \(<t:\d+:R>\): @everyone water the ferns", told.content)
    assert "water the ferns" in said.content
    assert said.mentions == [inhabited.box.person("mia").id]
    assert not said.mention_everyone
    assert [m.content for m in inhabited.said("room-1") if m.ephemeral_to is None] == [said.content]


async def test_what_is_no_time_is_refused_with_examples(inhabited: House) -> None:
    mia = Hand(inhabited, "mia", "room-2")

    assert "every monday 9:00" in await refused(mia, "when I am home", "I cannot read “when I am home”")
    assert await refused(mia, "tomorrow", "At what time?") == "At what time? Write it like “tomorrow 9:00”."
    assert "is in the past" in await refused(mia, "2020-01-01 9:00", "in the past")
    await refused(mia, "every 30 seconds", "more often than once in 60 seconds")


async def test_who_may_not_write_in_a_channel_is_not_reminded_there(inhabited: House) -> None:
    mia = Hand(inhabited, "mia", "board")

    assert "Mia lacks the right Send Messages in #board." in await refused(mia, "in 5 minutes", "Send Messages")


async def test_ones_own_are_listed_changed_and_cancelled(inhabited: House) -> None:
    bob = Hand(inhabited, "bob", "room-3")
    told = await remind(bob, "every monday 9:00", "stand-up")
    await remind(bob, "in 3 days", "book the kiln")
    assert "cron `0 9 * * mon` in " in told.content
    assert "-# your time zone is taken to be" in told.content

    page = await listed(bob, "1. <t:")
    await choose(bob, page, 0)
    before = len(forms(inhabited))
    await bob.press(page, "Edit")
    await send(bob, before, "book both kilns", "in 2 days")
    await bob.whispered(lambda text: text.startswith("Changed.") and "book both kilns" in text)
    await bob.command("reminders")
    page = await bob.whispered(lambda text: text.startswith("1. <t:") and "book both kilns" in text)
    await choose(bob, page, 0 if page.content.index("book both kilns") < page.content.index("stand-up") else 1)
    await bob.press(page, "Cancel")
    left = await bob.whispered(lambda text: text.startswith("Cancelled: book both kilns."))

    assert "stand-up" in left.content
    assert "Others' reminders" not in labels(page)


async def test_a_manager_sees_and_cancels_those_of_others_without_their_words(inhabited: House) -> None:
    mia, ada = Hand(inhabited, "mia", "room-4"), Hand(inhabited, "ada", "room-4")
    await remind(mia, "in 4 days", "the surprise party")
    await ada.command("reminders")
    page = await ada.whispered(lambda text: "nothing waiting" in text)

    await ada.press(page, "Others' reminders")
    others = await ada.whispered(lambda text: text.startswith("Reminders of others"))
    mine = next(
        n for n, line in enumerate(others.content.splitlines()[1:]) if f"<@{inhabited.box.person('mia').id}>" in line
    )
    await choose(ada, others, mine)
    await ada.press(others, "Cancel")
    await ada.whispered(lambda text: text.startswith("Cancelled: a reminder of <@"))
    await mia.command("reminders")
    await mia.whispered(lambda text: "surprise party" not in text and ("nothing waiting" in text or "1. <t:" in text))

    assert "surprise party" not in str(others)


async def test_a_zone_is_offered_set_and_recurring_ones_move_when_told_to(inhabited: House) -> None:
    rows = [{"type": 3, "name": "zone", "value": "kath", "focused": True}]
    mia = Hand(inhabited, "mia", "room-5")
    await mia.begin(4, {"id": await mia.id_of("timezone"), "name": "timezone", "type": 1, "options": rows})
    await inhabited.box.wait_for(lambda each: each.path.endswith("/callback") and "Asia/Kathmandu" in str(each.body))
    await mia.command("timezone", zone="Mars/Olympus")
    await mia.whispered(lambda text: "is no time zone" in text)

    await remind(mia, "every day 9:00", "the pill")
    await mia.command("timezone", zone="Asia/Kathmandu")
    told = await mia.whispered(lambda text: "keep the hour of the zone they were made in: 1." in text)
    await mia.press(told, "Move them")
    await mia.whispered(lambda text: text == "Recurring reminders that keep their hour in Asia/Kathmandu now: 1.")
    await mia.command("timezone")
    shown = await mia.whispered(lambda text: text.startswith("Yours is"))

    assert "Asia/Kathmandu" in shown.content


async def test_the_menu_of_a_message_makes_a_reminder_that_links_it(inhabited: House) -> None:
    mia = Hand(inhabited, "mia", "room-6")
    about = await inhabited.write("bob", "room-6", "the grant is due on Friday")

    before = len(forms(inhabited))
    await mia.menu("Remind me about this", about)
    await send(mia, before, "soon", "write to bob")
    await mia.whispered(lambda text: "I cannot read “soon”" in text)
    await mia.menu("Remind me about this", about)
    await send(mia, before + 1, "in 2 seconds", "write to bob")
    said = await inhabited.spoken("room-6", is_said)

    link = (
        f"https://discord.com/channels/{inhabited.box.state.channel_named('room-6').guild_id}/{said.channel_id}/{about}"
    )
    assert said.content.splitlines()[0].endswith(f"write to bob: {link}")
    assert f"[asked here](<{link}>)" in said.content
