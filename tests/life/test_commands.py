"""Slash commands and message menus, as a person gives them; every answer is theirs alone."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from pydantic import JsonValue

from sandbox.models import Message
from tests.life.house import JSON, PATIENCE, House, eventually
from tests.life.kept import kept

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Hand:
    """A person giving commands in #general."""

    def __init__(self, home: House, who: str, where: str = "general") -> None:
        self.home, self.who, self.where = home, who, where

    async def begin(self, kind: int, data: Mapping[str, object], message_id: int | None = None) -> None:
        channel = self.home.box.state.channel_named(self.where)
        body = {
            "type": kind,
            "application_id": str(self.home.bot_id),
            "guild_id": str(channel.guild_id),
            "channel_id": str(channel.id),
            "nonce": "1",
            "data": data,
            **({"message_id": str(message_id)} if message_id else {}),
        }
        await self.home.ask(self.who, "POST", "/interactions", body, expect=204)

    async def command(self, name: str, *words: str, **given: object) -> None:
        options: list[object] = [
            {"type": TYPES[type(value)], "name": key, "value": value} for key, value in given.items()
        ]
        for word in reversed(words):
            options = [{"type": 1, "name": word, "options": options}]
        await self.begin(2, {"id": await self.id_of(name), "name": name, "type": 1, "options": options})

    async def menu(self, name: str, message_id: int) -> None:
        await self.begin(2, {"id": await self.id_of(name), "name": name, "type": 3, "target_id": str(message_id)})

    async def id_of(self, name: str) -> str:
        known: list[Mapping[str, JsonValue]] = []

        async def registered() -> bool:
            told = await self.home.ask("digm", "GET", f"/applications/{self.home.bot_id}/commands")
            assert isinstance(told, list)
            known[:] = [JSON.validate_python(each) for each in told]
            return any(each["name"] == name for each in known)

        await eventually(registered)
        return next(str(each["id"]) for each in known if each["name"] == name)

    async def press(self, message: Message, label: str) -> None:
        await self.begin(3, {"component_type": 2, "custom_id": component(message, "label", label)}, message.id)

    async def whispered(self, wanted: Callable[[str], bool]) -> Message:
        """The newest answer that only this person sees."""
        me = self.home.box.person(self.who).id
        found: list[Message] = []

        async def there() -> bool:
            mine = [
                m for m in self.home.box.state.contents.messages.values() if m.ephemeral_to == me and wanted(m.content)
            ]
            found[:] = sorted(mine, key=lambda m: m.id)[-1:]
            return bool(found)

        try:
            await eventually(there, PATIENCE)
        except TimeoutError:
            told = [m.content for m in self.home.box.state.contents.messages.values() if m.ephemeral_to is not None]
            raise AssertionError(f"never whispered; there is {told!r}") from None
        return found[0]


TYPES: Mapping[type, int] = {str: 3, int: 4, bool: 5}


def component(message: Message, key: str, value: str) -> str:
    rows: Sequence[JsonValue] = [JSON.validate_python(row)["components"] for row in message.components]
    parts = [JSON.validate_python(each) for row in rows if isinstance(row, list) for each in row]
    return str(next(each["custom_id"] for each in parts if each.get(key) == value))


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


async def modal(home: House) -> Mapping[str, JsonValue]:
    """The form that the bot has answered with."""
    found: list[Mapping[str, JsonValue]] = []

    async def there() -> bool:
        answers = [JSON.validate_python(each.body) for each in home.box.log if each.path.endswith("/callback")]
        found[:] = [JSON.validate_python(each["data"]) for each in answers if each["type"] == 9][-1:]
        return bool(found)

    await eventually(there)
    return found[0]


def inputs(form: Mapping[str, JsonValue]) -> list[str]:
    rows = form["components"]
    assert isinstance(rows, list)
    fields = [JSON.validate_python(row)["components"] for row in rows]
    return [str(JSON.validate_python(each)["custom_id"]) for row in fields if isinstance(row, list) for each in row]
