"""The link to sign in with reaches one person alone, and so does what became of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from discord import app_commands

from bot.commands.asking import Interaction
from bot.mcp.sign_in import NOT_PRIVATE, DiscordSignIn
from chat.ids import UserId
from mcp_servers.outside.wishes import AuthKind, ServerWish
from sandbox.models import Message
from tests.bot.mcp.stage import Stage, buttons, stage
from tests.mcp_servers.outside.authority import Authority
from tests.mcp_servers.outside.served import served
from tests.mcp_servers.outside.signing_room import SigningRoom, notes, signing_room


@dataclass
class Scene:
    """Mia, a place to sign in, and the bot between them."""

    there: Stage
    room: SigningRoom
    authority: Authority
    port: int
    sign_in: DiscordSignIn
    told: list[tuple[str, UserId | None]] = field(default_factory=list[tuple[str, UserId | None]])

    async def signed_in(self, server: str, person: UserId | None) -> None:
        self.told.append((server, person))

    def direct(self, wanted: str, who: str = "mia") -> Message | None:
        """In the direct messages with somebody."""
        person = self.there.box.person(who).id
        state = self.there.box.state
        mine = (m for m in state.contents.messages.values() if wanted in m.content and m.ephemeral_to is None)
        return next((m for m in mine if person in state.channel(m.channel_id).recipients), None)

    async def came(self, wanted: str) -> Message:
        return await self.there.box.wait_for_message(lambda m: wanted in m.content and self.direct(wanted) is m, 10)


@asynccontextmanager
async def scenery(folder: Path, *, seconds: float = 600.0) -> AsyncGenerator[Scene]:
    authority = Authority(visitor="mia@notes")
    async with (
        stage(folder) as there,
        served(authority.app) as port,
        signing_room(folder, seconds=seconds) as room,
        asyncio.TaskGroup() as tasks,
    ):
        told: list[tuple[str, UserId | None]] = []

        def signed_in(server: str, person: UserId | None) -> None:
            told.append((server, person))

        owners = [there.person("ada").id]
        sign_in = DiscordSignIn(there.client, tasks, sign_ins=room.sign_ins, signed_in=signed_in, owners=owners)
        yield Scene(there, room, authority, port, sign_in, told)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scenery(tmp_path) as made:
        yield made


def url_of(message: Message) -> str:
    found = next((str(each["url"]) for each in buttons(message) if each.get("url")), None)
    return found or message.content.partition("<")[2].partition(">")[0]


async def browse(scene: Scene, message: Message) -> None:
    answer = await scene.room.browser.get(url_of(message))
    page = await scene.room.browser.get(answer.headers["location"])
    assert (await scene.room.confirm(page)).status_code == 200


async def test_a_call_that_needs_it_sends_the_link_privately(scene: Scene) -> None:
    mia = scene.there.person("mia")
    sentence = await scene.sign_in.needed(notes(scene.port), mia)
    assert sentence == "You have to sign in to notes first; I have sent you the link privately."
    link = await scene.came("sign in at")
    assert f"127.0.0.1:{scene.port}" in link.content
    assert "do not pass it on" in link.content
    public = scene.there.box.state.channel_named("general").id
    assert not [m for m in scene.there.box.state.contents.messages.values() if m.channel_id == public]

    await browse(scene, link)
    await scene.came("You are signed in to **notes**")

    assert scene.told == [("notes", mia.id)]
    assert await scene.room.whoami(notes(scene.port), mia.id) == "mia@notes"


async def test_a_second_call_sends_no_second_link(scene: Scene) -> None:
    mia = scene.there.person("mia")
    await scene.sign_in.needed(notes(scene.port), mia)
    assert "the link is in our direct messages" in await scene.sign_in.needed(notes(scene.port), mia)

    texts = [m.content for m in scene.there.box.state.contents.messages.values()]
    assert sum("sign in at" in text for text in texts) == 1
    await browse(scene, await scene.came("sign in at"))
    await scene.came("You are signed in")


async def test_an_address_can_be_pasted_into_a_form(scene: Scene) -> None:
    mia = scene.there.person("mia")
    await scene.sign_in.needed(notes(scene.port), mia)
    link = await scene.came("sign in at")
    answer = await scene.room.browser.get(url_of(link))

    form = await scene.there.open("mia", link, "My browser shows an error")
    await scene.there.send("mia", form, The_address_your_browser_ended_at="https://example.org/?state=1")
    await scene.there.whispered("mia", "copy all of it")
    form = await scene.there.open("mia", link, "My browser shows an error")
    await scene.there.send("mia", form, The_address_your_browser_ended_at=answer.headers["location"])

    await scene.came("You are signed in")
    assert scene.told == [("notes", mia.id)]


async def test_only_an_owner_signs_in_for_everybody(scene: Scene) -> None:
    wish = notes(scene.port, AuthKind.BOT)
    assert "Only an owner of the bot" in await scene.sign_in.needed(wish, scene.there.person("mia"))
    assert scene.direct("sign in at") is None

    await scene.sign_in.needed(wish, scene.there.person("ada"))
    link = await scene.there.box.wait_for_message(lambda m: "sign in at" in m.content, 10)
    await browse(scene, link)
    await scene.there.box.wait_for_message(lambda m: "You are signed in" in m.content, 10)

    assert scene.told == [("notes", None)]


async def test_who_takes_no_direct_messages_is_told_so(scene: Scene) -> None:
    scene.there.box.faults.answer(403, method="POST", path="/messages$", who="digm")
    assert await scene.sign_in.needed(notes(scene.port), scene.there.person("mia")) == NOT_PRIVATE


async def test_a_server_that_is_down_is_told_at_once(scene: Scene) -> None:
    sentence = await scene.sign_in.needed(notes(1), scene.there.person("mia"))
    assert "cannot be reached now" in sentence
    assert scene.direct("cannot be reached now") is None


async def test_a_link_that_ends_is_said_to_have_ended(tmp_path: Path) -> None:
    async with scenery(tmp_path, seconds=0.5) as scene:
        await scene.sign_in.needed(notes(scene.port), scene.there.person("mia"))
        await scene.came("was not used in time")
        assert scene.told == []


async def test_from_a_command_the_link_is_whispered(scene: Scene) -> None:
    wish: ServerWish = notes(scene.port)
    tree = app_commands.CommandTree(scene.there.client)

    @tree.command(name="signin", description="Sign in to notes")
    async def signin(interaction: Interaction) -> None:
        await scene.sign_in.commanded(interaction, wish)

    assert signin.name == "signin"
    await tree.sync()
    await scene.there.command("mia", "signin")
    link = await scene.there.whispered("mia", "sign in at")
    await scene.there.command("mia", "signin")
    again = await scene.there.whispered("mia", "sign in at", after=link.id)
    assert url_of(again) == url_of(link)
    await browse(scene, link)
    await scene.there.whispered("mia", "You are signed in to **notes**")

    assert scene.direct("signed in") is None
    assert scene.told == [("notes", scene.there.person("mia").id)]
