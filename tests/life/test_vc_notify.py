"""`vc-notify`: who is told of whom, and who is not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.world import World
from tests.life.hand import Hand
from tests.life.house import House, house
from tests.life.speaking import headset


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def voice_world() -> World:
    hidden = [
        {"role": "@everyone", "deny": ["VIEW_CHANNEL"]},
        {"role": "crew", "allow": ["VIEW_CHANNEL"]},
        {"member": "digm", "allow": ["VIEW_CHANNEL"]},
    ]
    return World.model_validate(
        {
            "bots": [{"name": "digm", "token": "bot-token", "display_name": "digm"}],
            "people": [{"name": "jukebox", "token": "jukebox-token", "bot": True}],
            "guilds": [
                {
                    "name": "Workshop",
                    "owner": "ada",
                    "roles": [{"name": "crew"}],
                    "members": [
                        {"name": "ada", "display_name": "Ada", "token": "ada-token"},
                        {"name": "bob", "display_name": "Bob", "token": "bob-token", "roles": ["crew"]},
                        {"name": "mia", "display_name": "Mia", "token": "mia-token"},
                        {"name": "jukebox", "bot": True},
                        {"name": "digm"},
                    ],
                    "channels": [
                        {"name": "general"},
                        {"name": "room-9"},
                        {"name": "lounge", "kind": "voice"},
                        {"name": "stage", "kind": "voice"},
                        {"name": "away", "kind": "voice"},
                        {"name": "den", "kind": "voice", "overwrites": hidden},
                    ],
                    "afk_channel": "away",
                }
            ],
        }
    )


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, voice_world()) as built:
        yield built


async def follow(home: House, who: str, what: str = "follow", where: str | int = "general") -> str:
    asked = await home.write(who, where, f"!vc-notify {what}")
    return (await home.reply(asked, bool)).content


async def heard(home: House, who: str) -> list[str]:
    """What the bot has told somebody privately by now."""
    direct = await home.direct(who)
    await home.after("ada")
    return home.texts(direct)


async def test_who_follows_is_told_when_a_talk_begins_and_can_opt_out_after_a_restart(home: House) -> None:
    async with home.bot(), headset(home, "bob") as bob:
        assert "I will tell you" in await follow(home, "mia")
        assert "already" in await follow(home, "mia")
        await bob.join("lounge")
        told = await home.spoken(await home.direct("mia"), lambda text: text.startswith("Bob is in <#"))
        assert told.content.endswith(" on Workshop.")
        await bob.leave()
    async with home.bot(general={"notification_limit_seconds": 0}), headset(home, "bob") as bob:
        mia = Hand(home, "mia", told.channel_id)
        await mia.press(told, "Stop telling me")
        await mia.whispered(lambda text: "no more notifications" in text)
        await bob.join("lounge")

        assert len([text for text in await heard(home, "mia") if "is in" in text]) == 1


async def test_nobody_is_told_of_channels_they_cannot_see(home: House) -> None:
    async with home.bot(), headset(home, "bob") as bob:
        await follow(home, "mia")
        await bob.join("den")
        assert await heard(home, "mia") == []
        await bob.leave()
        await bob.join("lounge")
        await home.spoken(await home.direct("mia"), lambda text: text.startswith("Bob is in"))


async def test_nobody_is_told_twice_within_the_limit_nor_after_a_restart(home: House) -> None:
    watch = Watch()
    async with home.bot(clock=watch), headset(home, "bob") as bob:
        await follow(home, "mia")
        for _ in range(2):
            await bob.join("lounge")
            await bob.leave()
        await home.spoken(await home.direct("mia"), bool)
        assert len(await heard(home, "mia")) == 1
    async with home.bot(clock=watch), headset(home, "bob") as bob:
        await bob.join("lounge")
        await bob.leave()
        assert len(await heard(home, "mia")) == 1
        watch.forward(901)
        await bob.join("lounge")
        await home.box.wait_for_message(lambda m: m.id > home.said(m.channel_id)[0].id and "is in <#" in m.content, 5)


async def test_neither_those_in_voice_nor_the_one_who_joined_are_told(home: House) -> None:
    async with home.bot(), headset(home, "bob") as bob, headset(home, "mia") as mia:
        await follow(home, "mia")
        await follow(home, "bob")
        await mia.join("stage")
        await home.spoken(await home.direct("bob"), lambda text: text.startswith("Mia is in"))
        await bob.join("lounge")

        assert await heard(home, "mia") == []
        assert len(await heard(home, "bob")) == 1


async def test_whoever_joins_a_talk_or_changes_channels_begins_none(home: House) -> None:
    async with (
        home.bot(general={"notification_limit_seconds": 0}),
        headset(home, "bob") as bob,
        headset(home, "ada") as ada,
    ):
        await ada.join("lounge")
        await follow(home, "mia")
        await bob.join("lounge")
        await ada.join("stage")

        assert await heard(home, "mia") == []


async def test_being_away_is_no_arrival_and_coming_back_is_one_after_a_while_only(home: House) -> None:
    watch = Watch()
    async with home.bot(clock=watch, general={"notification_limit_seconds": 60}), headset(home, "bob") as bob:
        await follow(home, "mia")
        await bob.join("away")
        await bob.leave()
        assert await heard(home, "mia") == []
        await bob.join("lounge")
        await home.spoken(await home.direct("mia"), bool)
        watch.forward(61)
        await bob.join("away")
        await bob.join("lounge")
        assert len(await heard(home, "mia")) == 1
        await bob.join("away")
        await home.after("ada")
        watch.forward(61)
        await bob.join("lounge")
        await home.box.wait_for_message(lambda m: m.id > home.said(m.channel_id)[0].id and "is in <#" in m.content, 5)


async def test_a_bot_in_voice_is_nobody(home: House) -> None:
    async with home.bot(), headset(home, "jukebox") as jukebox, headset(home, "bob") as bob:
        await follow(home, "mia")
        await jukebox.join("lounge")
        assert await heard(home, "mia") == []
        await bob.join("lounge")
        await home.spoken(await home.direct("mia"), lambda text: text.startswith("Bob is in"))
