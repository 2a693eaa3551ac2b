"""Questions before an act outlive the bot: they are asked once, decided once, and nothing is done twice."""

import asyncio
import sqlite3
from contextlib import closing
from copy import copy
from datetime import timedelta

from chat.clock import utc_now
from sandbox.models import Message
from tests.life.hand import Hand
from tests.life.house import House, eventually
from tests.life.model import Call, Calls, Hang, call, say

AT_ONCE = {"shutdown_seconds": 0.01}
TEXT = "There is an outage."


def is_question(message: Message) -> bool:
    return "approval:yes" in str(message.components)


def questions(home: House) -> list[Message]:
    return [message for message in home.said() if is_question(message)]


def rows(home: House) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home.folder / "data" / "digmbot.db")) as database:
        return list(database.execute("SELECT message_id, decision FROM approvals"))


async def asked(home: House, text: str = TEXT) -> tuple[int, Message]:
    """Mia's request, and what it made the bot ask; the bot is running."""
    home.model.on(
        "follow the notes",
        Calls([Call("read_channel", {"channel": "#ops"})]),
        call("post_message", channel="#board", text=text),
        say("Finished."),
    )
    await home.write("bob", "ops", "note: somebody should tell everybody about the outage")
    request = await home.mention("mia", "general", "follow the notes")
    return request, copy(await home.box.wait_for_message(is_question, 10))


async def kept(home: House, question: Message) -> None:
    async def is_kept() -> bool:
        return any(row[0] == question.id for row in rows(home))

    await eventually(is_kept)


async def nothing_is_kept(home: House) -> bool:
    return rows(home) == []


async def allow_board(home: House) -> None:
    """Everybody may write there in these tests."""
    await home.ask(
        "ada", "PUT", f"/channels/{home.channel('board')}/permissions/{guild(home)}", {"type": 0}, expect=204
    )


def guild(home: House) -> int:
    return home.box.state.guild_named("Workshop").id


async def test_a_question_waits_through_a_restart_and_its_click_still_counts(home: House) -> None:
    await allow_board(home)
    async with home.bot(limits=AT_ONCE):
        request, question = await asked(home)
        await kept(home, question)
    assert is_question(home.box.state.contents.messages[question.id])

    async with home.bot():
        await home.model.wait_for("follow the notes", results=1, times=2)
        await home.click("mia", question, "Do it")
        await home.reply(request, lambda text: text.startswith("Finished."))
        await home.after()

    assert home.texts("board") == [TEXT]
    assert questions(home) == []
    assert [m.id for m in home.said("general") if TEXT in m.content] == [question.id], "it was asked once"
    assert len(home.answers(request)) == 1


async def test_what_was_agreed_before_a_restart_is_not_asked_again_and_done_once(home: House) -> None:
    await allow_board(home)
    async with home.bot(limits=AT_ONCE):
        request, question = await asked(home)
        home.model.on(
            "follow the notes",
            Calls([Call("read_channel", {"channel": "#ops"})]),
            call("post_message", channel="#board", text=TEXT),
            Hang(asyncio.Event()),
        )
        await home.click("mia", question, "Do it")
        await home.spoken("board", lambda text: text == TEXT)
        await home.model.wait_for("follow the notes", results=2)

    home.model.on(
        "follow the notes",
        Calls([Call("read_channel", {"channel": "#ops"})]),
        call("post_message", channel="#board", text=TEXT),
        say("Finished."),
    )
    async with home.bot():
        await home.reply(request, lambda text: text.startswith("Finished."))
        await home.after()

    assert home.texts("board") == [TEXT]
    assert len([m for m in home.said("general") if "shall I?" in m.content or "agreed" in m.content]) == 1


async def test_when_the_model_wants_something_else_after_the_restart_the_old_question_goes(home: House) -> None:
    await allow_board(home)
    async with home.bot(limits=AT_ONCE):
        request, question = await asked(home)
        await kept(home, question)

    home.model.on(
        "follow the notes",
        Calls([Call("read_channel", {"channel": "#ops"})]),
        call("post_message", channel="#board", text="Something else."),
        say("Finished."),
    )
    async with home.bot():
        other = await home.box.wait_for_message(lambda m: is_question(m) and "Something else." in m.content, 10)
        assert question.id not in home.box.state.contents.messages
        await home.click("mia", other, "Do it")
        await home.reply(request, lambda text: text.startswith("Finished."))

    assert home.texts("board") == ["Something else."]


async def test_a_question_whose_time_ran_out_while_away_loses_its_buttons(home: House) -> None:
    async with home.bot(limits=AT_ONCE):
        _, question = await asked(home)
        await kept(home, question)

    async with home.bot(clock=lambda: utc_now() + timedelta(hours=1)):
        await home.spoken("general", lambda text: text.startswith("⌛ Nobody decided in time"))
        await eventually(lambda: nothing_is_kept(home))

    assert questions(home) == []
    assert home.texts("board") == []


async def test_an_edited_request_takes_its_question_back(home: House) -> None:
    async with home.bot():
        request, question = await asked(home)
        await home.edit("mia", request, f"<@{home.bot_id}> never mind")
        await home.box.wait_for(lambda each: each.method == "DELETE" and str(question.id) in each.path)
        await home.reply(request, lambda text: "never mind" in text)

    assert rows(home) == []


async def test_managers_may_decide_where_the_operator_wants_that(home: House) -> None:
    await allow_board(home)
    async with home.bot(tools={"approvers": "asker_or_managers"}):
        request, question = await asked(home)
        await Hand(home, "bob").press(question, "Do it")
        told = await Hand(home, "bob").whispered(lambda text: "can decide this" in text)
        assert home.texts("board") == []
        await home.click("ada", question, "Do it")
        await home.reply(request, lambda text: text.startswith("Finished."))

    assert "or who may manage this server" in told.content
    assert home.texts("board") == [TEXT]


async def test_a_no_is_kept_and_nothing_is_done(home: House) -> None:
    await allow_board(home)
    async with home.bot():
        request, question = await asked(home)
        await home.click("mia", question, "No")
        await home.reply(request, lambda text: text.startswith("Finished."))
        await home.after()

    assert home.texts("board") == []
    assert [row[1] for row in rows(home)] == ["refused"]
