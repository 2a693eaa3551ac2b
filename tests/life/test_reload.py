"""`reload` while the bot works: the next answer goes by the new file, those that run are not disturbed."""

import asyncio
from pathlib import Path

from bot.reloading import Source
from bot.settings.secrets import Redactor
from sandbox.world import World
from tests.life.hand import Hand
from tests.life.house import House, house
from tests.life.model import Hang

MANY = 50
OLD, NEW = (
    '[llm_reply]\nsystem = "You are {bot}, the old one."\n',
    '[llm_reply]\nsystem = "You are {bot}, the new one."\ntemperature = 0.25\n',
)


def roomy_world() -> World:
    return World.model_validate(
        {
            "bots": [{"name": "digm", "token": "bot-token", "display_name": "digm"}],
            "guilds": [
                {
                    "name": "Workshop",
                    "owner": "ada",
                    "members": [
                        {"name": "ada", "display_name": "Ada", "token": "ada-token"},
                        {"name": "bob", "display_name": "Bob", "token": "bob-token"},
                        {"name": "digm"},
                    ],
                    "channels": [{"name": "general"}, *({"name": f"room-{number}"} for number in range(MANY))],
                }
            ],
        }
    )


def source_of(home: House, path: Path, text: str) -> Source:
    path.write_text(text, encoding="utf-8")
    owners = {"bot_owners": [home.box.person("ada").id]}
    return Source(path, lambda: home.loaded(path, general=owners), Redactor([]))


async def reload(home: House) -> str:
    asked = await home.write("ada", "general", "!reload")
    return (await home.reply(asked, bool)).content


async def test_fifty_running_answers_survive_and_the_next_one_is_new(tmp_path: Path) -> None:
    async with house(tmp_path, roomy_world()) as home:
        source, gate = source_of(home, tmp_path / "config.toml", OLD), asyncio.Event()
        home.model.on("hold on", Hang(gate))
        async with home.bot(source=source):
            asked = [await home.mention("bob", f"room-{number}", f"hold on {number}") for number in range(MANY)]
            await home.model.wait_for("hold on", times=MANY)
            source.path.write_text(NEW, encoding="utf-8")
            told = await reload(home)
            gate.set()
            for number, message in enumerate(asked):
                await home.answer(message, f"You said: hold on {number}")
            last = await home.mention("bob", "general", "who are you?")
            await home.answer(last, "You said: who are you?")

            assert told in {
                "The configuration is read again:\nanswers: llm_reply.system, the model",
                "Nothing has changed in the configuration.",  # it was noticed before it was asked for
            }
            assert "the new one" in home.model.asked[-1].prompt
            assert home.model.asked[-1].temperature == 0.25
            assert [len(home.answers(message)) for message in asked] == [1] * MANY


async def test_a_wrong_file_changes_nothing_and_its_mistakes_are_told_without_paths(tmp_path: Path) -> None:
    async with house(tmp_path, roomy_world()) as home:
        source = source_of(home, tmp_path / "config.toml", OLD)
        async with home.bot(source=source):
            source.path.write_text('[llm_reply]\nsystem = "You are another."\ntemperature = 7.0\n', encoding="utf-8")
            ada = Hand(home, "ada")
            await ada.command("reload")
            told = await ada.whispered(lambda text: "has mistakes" in text)
            asked = await home.mention("bob", "general", "who are you?")
            await home.answer(asked, "You said: who are you?")

            assert "config.toml:3: llm_reply.temperature: " in told.content
            assert str(tmp_path) not in told.content
            assert "the old one" in home.model.asked[-1].prompt


async def test_what_takes_a_restart_is_said(tmp_path: Path) -> None:
    async with house(tmp_path, roomy_world()) as home:
        source = source_of(home, tmp_path / "config.toml", OLD)
        async with home.bot(source=source):
            source.path.write_text(OLD + "[history]\nchannel_max_message_count = 7\n", encoding="utf-8")

            assert "with the next start: [history]" in await reload(home)
            assert "with the next start: [history]" in await reload(home)
