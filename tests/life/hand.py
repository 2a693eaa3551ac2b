"""A person's hand in their client: commands, menus, buttons, forms, and what they alone get to see."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from pydantic import JsonValue

from sandbox.models import Message
from tests.life.house import JSON, PATIENCE, House, eventually


class Hand:
    """A person giving commands, in #general when nothing else is said."""

    def __init__(self, home: House, who: str, where: str | int = "general") -> None:
        self.home, self.who, self.where = home, who, where

    async def begin(
        self, kind: int, data: Mapping[str, object], message_id: int | None = None, *, expect: int = 204
    ) -> None:
        state = self.home.box.state
        channel = state.channel_named(self.where) if isinstance(self.where, str) else state.channel(self.where)
        body = {
            "type": kind,
            "application_id": str(self.home.bot_id),
            "channel_id": str(channel.id),
            **({"guild_id": str(channel.guild_id)} if channel.guild_id else {}),
            "nonce": "1",
            "data": data,
            **({"message_id": str(message_id)} if message_id else {}),
        }
        await self.home.ask(self.who, "POST", "/interactions", body, expect=expect)

    async def command(self, name: str, /, *words: str, **given: object) -> None:
        await self.begin(2, await self._command(name, words, given))

    async def unwelcome(self, status: int, name: str, /, *words: str, **given: object) -> None:
        """Discord itself does not let this person give it (403), or not with these options (400)."""
        await self.begin(2, await self._command(name, words, given), expect=status)

    async def refused(self, name: str, /, *words: str, **given: object) -> None:
        await self.unwelcome(403, name, *words, **given)

    async def _command(self, name: str, words: Sequence[str], given: Mapping[str, object]) -> Mapping[str, object]:
        options: list[object] = [
            {"type": TYPES[type(value)], "name": key, "value": value} for key, value in given.items()
        ]
        for depth, word in enumerate(reversed(words)):
            options = [{"type": 2 if depth else 1, "name": word, "options": options}]
        return {"id": await self.id_of(name), "name": name, "type": 1, "options": options}

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
        """As it stood when the test last looked: a client that is behind shows old buttons."""
        await self.begin(3, {"component_type": 2, "custom_id": component(message, "label", label)}, message.id)

    async def choose(self, message: Message, placeholder: str, *values: int | str, expect: int = 204) -> None:
        """In one of its menus."""
        custom_id = component(message, "placeholder", placeholder)
        kind = int(component(message, "placeholder", placeholder, "type"))
        data = {"component_type": kind, "custom_id": custom_id, "values": [str(each) for each in values]}
        await self.begin(3, data, message.id, expect=expect)

    async def react(self, message_id: int, emoji: str) -> None:
        channel = self.home.box.state.contents.messages[message_id].channel_id
        path = f"/channels/{channel}/messages/{message_id}/reactions/{quote(emoji)}/@me"
        await self.home.ask(self.who, "PUT", path, expect=204)

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


def component(message: Message, key: str, value: str, wanted: str = "custom_id") -> str:
    rows: Sequence[JsonValue] = [JSON.validate_python(row)["components"] for row in message.components]
    parts = [JSON.validate_python(each) for row in rows if isinstance(row, list) for each in row]
    return str(next(each[wanted] for each in parts if each.get(key) == value))


def forms(home: House) -> list[Mapping[str, JsonValue]]:
    """All that the bot has shown so far."""
    answers = [JSON.validate_python(each.body) for each in home.box.log if each.path.endswith("/callback")]
    return [JSON.validate_python(each["data"]) for each in answers if each["type"] == 9]


async def modal(home: House, *, after: int = 0) -> Mapping[str, JsonValue]:
    """The form that the bot answers with, after so many others."""

    async def there() -> bool:
        return len(forms(home)) > after

    await eventually(there)
    return forms(home)[-1]


def inputs(form: Mapping[str, JsonValue]) -> list[str]:
    rows = form["components"]
    assert isinstance(rows, list)
    fields = [JSON.validate_python(row)["components"] for row in rows]
    return [str(JSON.validate_python(each)["custom_id"]) for row in fields if isinstance(row, list) for each in row]
