"""Slash commands and message menus, as a person gives them; every answer is theirs alone."""

import pytest

from tests.life.hand import Hand, inputs, modal
from tests.life.house import House, eventually
from tests.life.kept import kept

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_privacy_tells_what_is_stored_and_the_export_is_a_file(inhabited: House) -> None:
    mia = Hand(inhabited, "mia")
    await inhabited.write("mia", "general", "the kiln is booked for Saturday")
    await mia.command("privacy")
    told = await mia.whispered(lambda text: "What I keep about you" in text)

    await mia.press(told, "Export")
    file = await mia.whispered(lambda text: "Everything I keep about you" in text)

    assert "reminders" in told.content
    assert [each.filename for each in file.attachments] == ["about-me.json"]


async def test_forget_me_asks_once_more_and_then_erases(inhabited: House) -> None:
    bob = Hand(inhabited, "bob", "ops")
    await inhabited.write("bob", "ops", "my locker number is 4711")
    data = inhabited.folder / "data"
    await eventually(lambda: has(inhabited, "my locker number is 4711"))
    await bob.command("privacy")

    await bob.press(await bob.whispered(lambda text: "What I keep" in text), "Forget me")
    sure = await bob.whispered(lambda text: "cannot be undone" in text)
    assert "my locker number is 4711" in kept(data).texts.values()
    await bob.press(sure, "Yes, forget me")
    done = await bob.whispered(lambda text: text.startswith("Erased:"))

    assert "messages" in done.content
    assert "my locker number is 4711" not in kept(data).texts.values()


async def test_who_opts_out_is_not_stored_and_may_come_back(inhabited: House) -> None:
    ada = Hand(inhabited, "ada", "room-5")
    await ada.command("privacy")
    view = await ada.whispered(lambda text: "What I keep" in text)
    await ada.press(view, "Opt out")
    await ada.whispered(lambda text: "I store nothing that you write" in text)
    await inhabited.write("ada", "room-5", "not for the record")
    await ada.command("privacy")
    again = await ada.whispered(lambda text: "You have opted out" in text)
    await ada.press(again, "Opt in again")
    await ada.whispered(lambda text: "I remember what you write again" in text)
    await inhabited.write("ada", "room-5", "for the record")
    await eventually(lambda: has(inhabited, "for the record"))

    assert "not for the record" not in kept(inhabited.folder / "data").texts.values()


async def test_a_private_search_finds_what_the_person_may_read_and_nothing_else(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", "the crew meets in the old lighthouse")
    await eventually(lambda: has(inhabited, "the crew meets in the old lighthouse"))

    bob, mia = Hand(inhabited, "bob"), Hand(inhabited, "mia")
    await bob.command("memory", "search", query="where does the crew meet?")
    found = await bob.whispered(lambda text: "lighthouse" in text)
    await mia.command("memory", "search", query="where does the crew meet?")
    hers = await mia.whispered(lambda text: "http" in text or "nothing" in text)

    assert "https://discord.com/channels/" in found.content
    assert "lighthouse" not in hers.content


async def test_a_message_is_remembered_from_its_menu_and_told_in_the_list(inhabited: House) -> None:
    mia = Hand(inhabited, "mia")
    said = await inhabited.write("mia", "general", "I am allergic to peanuts")
    await mia.menu("Remember this", said)
    form = await modal(inhabited)
    data = {
        "custom_id": form["custom_id"],
        "components": [
            {"type": 1, "components": [{"type": 4, "custom_id": text_input, "value": value}]}
            for text_input, value in zip(inputs(form), ("I am allergic to peanuts", "me"), strict=True)
        ],
    }
    await mia.begin(5, {**data, "id": form.get("id", "1")})
    await mia.whispered(lambda text: "I will remember" in text)

    await mia.command("memory", "facts")
    listed = await mia.whispered(lambda text: text.startswith("- about you"))

    assert "allergic to peanuts" in listed.content
    await Hand(inhabited, "bob").command("memory", "facts")
    theirs = await Hand(inhabited, "bob").whispered(lambda text: "kept on purpose" in text or "about you" in text)
    assert "peanuts" not in theirs.content


async def test_a_manager_excludes_a_channel_and_what_was_kept_of_it_goes(inhabited: House) -> None:
    await inhabited.write("mia", "room-6", "a word in room six")
    await eventually(lambda: has(inhabited, "a word in room six"))
    mia, ada = Hand(inhabited, "mia"), Hand(inhabited, "ada")
    channel = str(inhabited.channel("room-6"))

    await mia.begin(2, await excluded(mia, channel))
    await mia.whispered(lambda text: "Manage Server" in text)
    await ada.begin(2, await excluded(ada, channel))
    await ada.whispered(lambda text: "not remembered any more" in text)
    await inhabited.write("mia", "room-6", "said after that")
    await ada.command("memory", "status")
    status = await ada.whispered(lambda text: "I remember what is said" in text)

    assert f"<#{channel}>: never remembered" in status.content
    assert not {"a word in room six", "said after that"} & set(kept(inhabited.folder / "data").texts.values())


async def excluded(hand: Hand, channel: str) -> dict[str, object]:
    options = [{"type": 7, "name": "channel", "value": channel}, {"type": 5, "name": "remembered", "value": False}]
    sub = [{"type": 1, "name": "channel", "options": options}]
    return {"id": await hand.id_of("memory"), "name": "memory", "type": 1, "options": sub}


async def has(home: House, text: str) -> bool:
    return text in kept(home.folder / "data").texts.values()
