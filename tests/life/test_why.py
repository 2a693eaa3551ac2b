"""`/why`: how an answer came about, to who asked and to managers; and how it goes away."""

import sqlite3
from contextlib import closing

from sandbox.models import Message
from tests.life.hand import Hand
from tests.life.house import House, eventually
from tests.life.model import call, say
from tests.life.test_commands import has

SAID = "the crew meets in the old lighthouse"


def words(home: House) -> list[str | None]:
    """Of the traces in the database, the newest last."""
    with closing(sqlite3.connect(home.folder / "data" / "digmbot.db")) as connection:
        return [row[0] for row in connection.execute("SELECT words FROM traces ORDER BY at")]


async def empty(home: House) -> bool:
    return words(home) == []


async def asked(home: House) -> tuple[int, int, Message]:
    """A line, a request whose run finds it, and the answer."""
    line = await home.write("bob", "ops", SAID)
    await eventually(lambda: has(home, SAID))
    home.model.on("where", call("search_memory", query="where does the crew meet"), say("In the lighthouse."))
    request = await home.mention("mia", "general", "where does the crew meet?")
    return line, request, await home.answer(request, "In the lighthouse.")


async def test_who_asked_sees_context_tools_hits_and_tokens(home: House) -> None:
    async with home.bot():
        line, _, answer = await asked(home)
        mia = Hand(home, "mia")
        await mia.command("why")
        told = (await mia.whispered(lambda text: text.startswith("**How it came about**"))).content
        await mia.menu("Why?", answer.id)

        assert "**Context used:**" in told
        assert f"/{line} " in told
        assert SAID in told
        assert "Search memory (`search_memory`): done" in told
        assert '`{"query": "where does the crew meet"}`' in told
        assert "**Step 2:** scripted" in told
        assert "tokens (" in told
        assert "**Limits:** none was reached" in told


async def test_a_manager_sees_figures_and_links_and_others_nothing(home: House) -> None:
    async with home.bot():
        line, _, answer = await asked(home)
        ada, bob = Hand(home, "ada"), Hand(home, "bob")
        await ada.menu("Why?", answer.id)
        told = (await ada.whispered(lambda text: text.startswith("**How it came about**"))).content
        await bob.menu("Why?", answer.id)
        await bob.whispered(lambda text: text.startswith("Only who asked for it"))
        await bob.command("why")
        await bob.whispered(lambda text: text.startswith("I have answered nothing of yours in this channel"))
        await bob.menu("Why?", line)
        await bob.whispered(lambda text: text.startswith("I know nothing (any more)"))

    assert f"/{line}" in told
    assert SAID not in told
    assert "where does the crew meet" not in told
    assert "`search_memory`" in told


async def test_a_deleted_message_takes_the_words_along_and_a_deleted_answer_all_of_it(home: House) -> None:
    async with home.bot():
        line, _, answer = await asked(home)
        mia = Hand(home, "mia")
        await mia.command("why")
        await mia.whispered(lambda text: '{"query"' in text)
        await home.delete("bob", line)

        async def silent() -> bool:
            return words(home) == [None]

        await eventually(silent)
        await mia.command("why")
        told = (await mia.whispered(lambda text: "so its words are not kept either" in text)).content
        assert SAID not in told
        assert "deleted since or not for you to read" in told
        assert "lighthouse" not in told
        await mia.react(answer.id, "🗑️")

        await eventually(lambda: empty(home))
        await mia.command("why")
        await mia.whispered(lambda text: text.startswith("I have answered nothing of yours"))


async def test_what_was_deleted_while_the_bot_was_away_is_not_quoted(home: House) -> None:
    async with home.bot():
        line, _, _ = await asked(home)
    assert words(home) != [None]
    await home.delete("bob", line)
    async with home.bot():
        mia = Hand(home, "mia")
        await mia.command("why")
        told = (await mia.whispered(lambda text: text.startswith("**How it came about**"))).content

    assert SAID not in told
    assert '{"query"' not in told
    assert words(home) == [None]


async def test_secrets_are_in_no_trace_and_forget_me_takes_traces_along(home: House) -> None:
    home.model.on("repeat", call("post_message", channel="#ops", text="repeat bot-token"), say("Done."))
    async with home.bot():
        request = await home.mention("mia", "general", "repeat bot-token in #ops")
        await home.answer(request, "Done.")
        mia = Hand(home, "mia")
        await mia.command("why")
        told = (await mia.whispered(lambda text: text.startswith("**How it came about**"))).content
        assert "bot-token" not in told
        assert [each for each in words(home) if each and "bot-token" in each] == []
        await mia.command("privacy")
        view = await mia.whispered(lambda text: "1 traces of how" in text)
        await mia.press(view, "Forget me")
        await mia.press(await mia.whispered(lambda text: "cannot be undone" in text), "Yes, forget me")
        await eventually(lambda: empty(home))


async def test_nothing_is_kept_when_the_operator_wants_none_and_of_who_has_opted_out(home: House) -> None:
    async with home.bot(traces={"retention_days": 0}):
        await asked(home)
        await Hand(home, "mia").command("why")
        await Hand(home, "mia").whispered(lambda text: text.startswith("My operator has set that I keep nothing"))
    assert words(home) == []
    async with home.bot():
        bob = Hand(home, "bob")
        await bob.command("privacy")
        await bob.press(await bob.whispered(lambda text: "What I keep" in text), "Opt out")
        await bob.whispered(lambda text: "I store nothing that you write" in text)
        request = await home.mention("bob", "general", "hello")
        await home.reply(request, lambda text: "hello" in text)
        await home.after("mia")

    assert len(words(home)) == 1  # of the test's own question


async def test_in_a_channel_that_is_not_remembered_no_words_are_kept(home: House) -> None:
    async with home.bot(memory={"never_archive": [home.channel("ops")]}):
        home.model.on("where", call("search_memory", query="where is it"), say("Nowhere."))
        request = await home.mention("mia", "ops", "where is it?")
        await home.answer(request, "Nowhere.")
        mia = Hand(home, "mia", "ops")
        await mia.command("why")
        await mia.whispered(lambda text: "`search_memory`" in text and '{"query"' not in text)

    assert words(home) == [None]


async def test_a_long_trace_is_a_file(home: House) -> None:
    long = "x" * 450
    home.model.on("dig", *(call("search_memory", query=f"{number} {long}") for number in range(6)), say("Nothing."))
    async with home.bot():
        request = await home.mention("mia", "general", "dig deep")
        await home.answer(request, "Nothing.")
        mia = Hand(home, "mia")
        await mia.command("why")
        told = await mia.whispered(lambda text: text.endswith("the file has all."))

    assert [each.filename for each in told.attachments] == ["why.md"]
