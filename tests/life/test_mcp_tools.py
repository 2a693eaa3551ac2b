"""Tools of an outside MCP server in the running bot: called in a channel, within what the operator allows."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.life.house import House
from tests.life.model import call, say

ROOT = Path(__file__).parent.parent.parent


def one_greeter(**more: object) -> Mapping[str, object]:
    server = {"command": sys.executable, "args": ["-m", "tests.life.greeter"], "cwd": str(ROOT)}
    return {**server, "tools": {"read": ["greet"]}, **more}


def greeter(**more: object) -> Mapping[str, object]:
    return {"servers": {"greeter": one_greeter(**more)}}


async def offered_to(home: House, who: str) -> frozenset[str]:
    """The tools of a request of theirs now."""
    number = len(home.model.asked)
    asked = await home.mention(who, "general", f"what have you got, {number}?")
    await home.reply(asked, bool)
    return (await home.model.wait_for(f"what have you got, {number}?")).tools


async def ready(home: House) -> None:
    """Once the server is up, in the eyes of somebody who may use it."""
    while "greeter__greet" not in await offered_to(home, "bob"):
        continue


async def test_a_tool_of_an_outside_server_is_called_and_its_answer_told(home: House) -> None:
    home.model.on("greet Mia", call("greeter__greet", name="Mia"), say("It says: Good day, Mia!"))
    async with home.bot(mcp=greeter()):
        await ready(home)

        asked = await home.mention("mia", "general", "please greet Mia")

        await home.answer(asked, "It says: Good day, Mia!")
        assert "Good day, Mia!" in (await home.model.wait_for("greet Mia", results=1)).results[0]


async def test_what_is_not_vouched_for_needs_a_click_after_reading_its_answer(home: House) -> None:
    steps = call("greeter__greet", name="Mia"), call("greeter__paint", wall="north"), say("Done.")
    home.model.on("greet Mia and paint", *steps)
    async with home.bot(mcp=greeter()):
        await ready(home)
        asked = await home.mention("mia", "general", "greet Mia and paint")
        question = await home.spoken("general", lambda text: "shall I?" in text)
        assert "greeter__paint" in question.content
        assert "north" in question.content

        await home.click("mia", question, "Do it")

        await home.answer(asked, "Done.")
        assert "The north wall is painted." in (await home.model.wait_for("greet Mia and paint", results=2)).results[1]


async def test_a_server_for_one_role_is_there_for_nobody_else(home: House) -> None:
    role = next(role.id for role in home.box.state.guild_named("Workshop").roles.values() if role.name == "crew")
    async with home.bot(mcp=greeter(roles=[role])):
        await ready(home)  # bob is crew

        assert "greeter__greet" not in await offered_to(home, "mia")


async def test_a_server_for_another_discord_server_is_not_there(home: House) -> None:
    home.model.on("greet Mia", call("greeter__greet", name="Mia"), say("There is no such tool."))
    async with home.bot(mcp=greeter(guilds=[5])):
        asked = await home.mention("mia", "general", "please greet Mia")

        await home.answer(asked, "There is no such tool.")
        assert "There is no tool called" in (await home.model.wait_for("greet Mia", results=1)).results[0]


@pytest.mark.parametrize(
    ("policy", "has_native"), [({"deny": ["greeter__p*"]}, True), ({"allow": ["greeter__greet"]}, False)]
)
async def test_the_patterns_of_the_operator_count_for_outside_tools_too(
    home: House, policy: Mapping[str, object], has_native: bool
) -> None:
    async with home.bot(mcp=greeter(), tools=policy):
        await ready(home)

        offered = home.model.asked[-1].tools
        assert "greeter__paint" not in offered
        assert ("list_channels" in offered) is has_native


async def test_above_the_limit_tools_are_found_first(home: House) -> None:
    steps = call("find_tools", query="greet somebody"), call("greeter__greet", name="Mia"), say("It says good day.")
    home.model.on("find", *steps)
    async with home.bot(mcp={**greeter(), "tool_tokens": 0}):
        while "find_tools" not in (await offered_to(home, "bob")):
            continue
        asked = await home.mention("mia", "general", "find out how to be polite to Mia")

        await home.answer(asked, "It says good day.")
        assert "greeter__greet" not in (await home.model.wait_for("find out", results=0)).tools
        assert "greeter__greet" in (await home.model.wait_for("find out", results=1)).tools
        assert "Good day, Mia!" in (await home.model.wait_for("find out", results=2)).results[1]


async def test_a_dead_server_delays_neither_the_start_nor_an_answer(home: House) -> None:
    dead = {"command": sys.executable, "args": ["-c", "import time; time.sleep(60)"]}
    async with home.bot(mcp={"servers": {"dead": dead, "gone": {"command": "no-such-program"}}}):
        asked = await home.mention("mia", "general", "hello")

        await home.answer(asked, "You said: hello")
