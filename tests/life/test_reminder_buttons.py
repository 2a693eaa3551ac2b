"""The buttons below a reminder: done, later, no more; for its owner alone, and over restarts."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue

from chat.clock import utc_now
from sandbox.models import Message
from tests.life.hand import Hand
from tests.life.house import House
from tests.life.model import call, say

Now = Callable[[], datetime]


def later(**span: float) -> Now:
    return lambda: utc_now() + timedelta(**span)


def is_said(text: str) -> bool:
    return text.startswith("⏰")


async def reminded(home: House, clock: Now = utc_now, **when: JsonValue) -> Message:
    """Mia's reminder, said; the bot is not running any more."""
    await promised(home, **when)
    async with home.bot(clock=clock):
        return await home.spoken("general", is_said)


async def promised(home: House, **when: JsonValue) -> None:
    home.model.on(
        "stretch",
        call("schedule_reminder", text="@everyone stretch", **(when or {"delay_seconds": 60})),
        say("I will."),
    )
    async with home.bot():
        asked = await home.mention("mia", "general", "remind me to stretch")
        await home.answer(asked, "I will.")


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, text
    return int(found[1])


def labels(message: Message) -> list[str]:
    return re.findall(r"'label': '([^']+)'", str(message.components))


async def changed(home: House, message: Message, note: str) -> str:
    return (await home.spoken("general", lambda text: note in text and message.content.splitlines()[0] in text)).content


async def test_a_reminder_pings_its_owner_alone_whatever_its_text_says(home: House) -> None:
    said = await reminded(home, later(minutes=2))

    sent = home.sends(home.channel("general"))[-1]
    assert "@everyone stretch" in said.content
    assert sent["allowed_mentions"] == {"parse": [], "users": [home.box.person("mia").id]}
    assert said.mentions == [home.box.person("mia").id]
    assert not said.mention_everyone
    assert labels(said) == ["Done", "Snooze 10 min", "1 h", "Tomorrow"]


async def test_done_after_a_restart_takes_the_buttons_away(home: House) -> None:
    said = await reminded(home, later(minutes=2))

    async with home.bot(clock=later(minutes=3)):
        await Hand(home, "mia").press(said, "Done")
        text = await changed(home, said, "✅ done")

    assert text.endswith("\n-# ✅ done")
    assert labels(home.box.state.contents.messages[said.id]) == []


async def test_somebody_else_gets_one_private_sentence_and_nothing_happens(home: House) -> None:
    said = await reminded(home, later(minutes=2))

    async with home.bot(clock=later(minutes=3)):
        await Hand(home, "bob").press(said, "Snooze 10 min")
        told = await Hand(home, "bob").whispered(lambda text: "for <@" in text)
    async with home.bot(clock=later(minutes=30)):
        await home.after()

    assert told.content == f"These buttons are for <@{home.box.person('mia').id}> alone."
    assert labels(home.box.state.contents.messages[said.id])
    assert len([text for text in home.texts("general") if is_said(text)]) == 1


async def test_a_snoozed_reminder_comes_again_once(home: House) -> None:
    said = await reminded(home, later(minutes=2))
    async with home.bot(clock=later(minutes=3)):
        await Hand(home, "mia").press(said, "Snooze 10 min")
        text = await changed(home, said, "💤 snoozed until")
    async with home.bot(clock=later(minutes=15)):
        await home.spoken("general", lambda text: is_said(text) and "turn 2" in text)
        await home.after()
    async with home.bot(clock=later(minutes=90)):
        await home.after()

    assert re.search(r"-# 💤 snoozed until <t:\d+:F> \(<t:\d+:R>\)$", text)
    assert len([text for text in home.texts("general") if is_said(text)]) == 2


async def test_a_button_that_is_pressed_again_doubles_nothing_and_says_why(home: House) -> None:
    said = await reminded(home, later(minutes=2))
    mia = Hand(home, "mia")
    home.box.faults.answer(404, times=1, method="PATCH", path="@original")
    async with home.bot(clock=later(minutes=3)):
        await mia.press(said, "Snooze 10 min")
        await mia.whispered(lambda text: text.startswith("💤 snoozed until"))  # the message could not be changed
        await mia.press(said, "1 h")
        told = await mia.whispered(lambda text: "snoozed already" in text)
        await mia.press(said, "Done")
        await mia.whispered(lambda text: "snoozed already" in text and "Done" not in text)
    async with home.bot(clock=later(hours=2)):
        await home.spoken("general", lambda text: is_said(text) and "turn 2" in text)
        await home.after()

    assert re.fullmatch(r"It was snoozed already, until <t:\d+:F>\.", told.content)
    assert len([text for text in home.texts("general") if is_said(text)]) == 2


async def test_tomorrow_is_the_same_hour_of_the_next_day_where_the_person_lives(home: House) -> None:
    home.model.on("I live", call("set_timezone", zone="Asia/Kathmandu"), say("Noted."))
    async with home.bot():
        asked = await home.mention("mia", "room-9", "I live in Kathmandu")
        await home.answer(asked, "Noted.")
    said = await reminded(home, later(minutes=2))
    due = number(r"tomorrow:[\w-]+:1:(\d+)", str(said.components))
    async with home.bot(clock=later(minutes=3)):
        await Hand(home, "mia").press(said, "Tomorrow")
        text = await changed(home, said, "💤 snoozed until")

    assert number(r":F> \(<t:(\d+):R>", text) - due == 86_400


async def test_a_series_is_snoozed_beside_itself_and_can_be_cancelled(home: House) -> None:
    said = await reminded(home, later(hours=1, minutes=1), every_seconds=3600)
    mia = Hand(home, "mia")
    assert labels(said)[-1] == "Cancel series"
    async with home.bot(clock=later(hours=1, minutes=2)):
        await mia.press(said, "Snooze 10 min")
        await changed(home, said, "💤 snoozed until")
    async with home.bot(clock=later(hours=2, minutes=1)):
        await home.spoken("general", lambda text: is_said(text) and "turn 2" in text)
        again = await home.spoken(
            "general", lambda text: is_said(text) and "turn" not in text and said.content not in text
        )
        second = next(m for m in home.said("general") if "turn 2" in m.content)
        await mia.press(second, "Cancel series")
        text = await changed(home, second, "🚫 series cancelled")
    async with home.bot(clock=later(hours=9)):
        await home.after()

    assert labels(again) == ["Done", "Snooze 10 min", "1 h", "Tomorrow"]
    assert "next" not in text
    assert len([text for text in home.texts("general") if is_said(text)]) == 3
