"""Owners: by id, by the names of old files, and what others are told."""

import logging

import pytest

from tests.life.house import House
from tests.life.model import Fail


async def told(home: House, who: str) -> str:
    asked = await home.write(who, "general", "!reload")
    return (await home.reply(asked, bool)).content


async def test_a_name_is_resolved_once_and_who_takes_it_later_is_no_owner(
    home: House, caplog: pytest.LogCaptureFixture
) -> None:
    ada = home.box.person("ada")
    async with home.bot(general={"bot_owners": ["ada"]}):
        assert "no configuration to read" in await told(home, "ada")
        assert f"the owner “ada” is taken to be the person with the id {ada.id}; write that id" in caplog.text
    home.box.state.user(ada.id).username, home.box.state.user(home.box.person("mia").id).username = "ada-once", "ada"
    async with home.bot(general={"bot_owners": ["ada"]}):
        assert "no configuration to read" in await told(home, "ada-once")
        assert await told(home, "ada") != await told(home, "ada-once")


async def test_a_name_that_nobody_has_makes_nobody_an_owner(home: House, caplog: pytest.LogCaptureFixture) -> None:
    async with home.bot(general={"bot_owners": ["Ada"]}):  # what she shows is no account name
        assert "no configuration" not in await told(home, "ada")

    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "the owner “Ada” is nobody: nobody the bot sees is called that; write the id instead" in warnings


async def test_without_a_model_a_refusal_is_a_plain_sentence(home: House) -> None:
    home.model.on("reload", Fail(500))
    async with home.bot():
        assert await told(home, "mia") == "Sorry Mia, that is for my owners only."


async def test_the_operator_chooses_how_a_refusal_is_worded(home: House) -> None:
    async with home.bot(llm_permission_denied={"model_name": "chat", "system": "{bot} tells {user}: no {thing}."}):
        assert await told(home, "mia") == "You said: reload"

    assert home.model.asked[-1].prompt.startswith("digm tells Mia: no {thing}.")
    assert home.model.asked[-1].tools == frozenset()
