"""What commands of plugins do, beyond the table in `test_command_table.py`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.life.hand import Hand
from tests.life.house import House, house
from tests.life.model import call, say

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "plugins"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staffed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Ada owns the bot, Bob may use puppet, and the examples are there."""
    async with house(tmp_path_factory.mktemp("plugins")) as built:
        ada, bob = built.box.person("ada").id, built.box.person("bob").id
        plugins = {"folder": str(EXAMPLES), "music": {"url": "https://example.org/tune"}}
        async with built.bot(general={"bot_owners": [ada]}, puppet={"accounts": [bob]}, plugins=plugins):
            yield built


async def told(home: House, who: str, where: str | int, text: str) -> str:
    """What the bot replies to a command with the prefix."""
    message = await home.write(who, where, text)
    return (await home.reply(message, bool)).content


# help


async def test_help_lists_what_the_person_may_use_both_ways(staffed: House) -> None:
    mia = Hand(staffed, "mia", "room-1")
    await mia.command("help")
    whispered = await mia.whispered(lambda text: text.startswith("Commands"))
    said = await told(staffed, "mia", "room-1", "!help")

    assert said == whispered.content
    assert "`!vc-notify <follow|unfollow>` - " in said
    assert "`!xkcd` - Show a random xkcd comic" in said
    assert "`/remind` - " in said
    assert "!reload" not in said
    assert "!puppet" not in said
    assert "/memory retention" not in said
    ada = await told(staffed, "ada", "room-1", "!help")
    assert "`!reload` - " in ada
    assert "`/memory retention` - " in ada


async def test_the_names_of_commands_are_suggested(staffed: House) -> None:
    mia = Hand(staffed, "mia", "room-1")
    rows = [{"type": 3, "name": "command", "value": "xk", "focused": True}]
    await mia.begin(4, {"id": await mia.id_of("help"), "name": "help", "type": 1, "options": rows})

    await staffed.box.wait_for(lambda each: each.path.endswith("/callback") and "'xkcd'" in str(each.body))


# Where a command begins


async def test_a_command_ends_at_a_word_boundary_and_needs_its_prefix(staffed: House) -> None:
    for text in ("!helpless", "help", "! help", "say !help"):
        await staffed.write("mia", "room-2", text)
    await staffed.after()

    assert staffed.texts("room-2") == []
    assert (await told(staffed, "mia", "room-2", "!HELP")).startswith("Commands")


async def test_in_a_direct_message_a_command_is_no_question_to_the_model(staffed: House) -> None:
    direct = await staffed.direct("mia")
    asked = len(staffed.model.asked)

    assert await told(staffed, "mia", direct, "!xkcd") == "https://xkcd.com/221/"
    assert len(staffed.model.asked) == asked


async def test_a_command_that_is_edited_is_not_answered_again(staffed: House) -> None:
    direct = await staffed.direct("bob")
    message = await staffed.write("bob", direct, "!xkcd")
    await staffed.reply(message, bool)
    await staffed.edit("bob", message, "!xkcd please")
    await staffed.after()

    assert len(staffed.answers(message)) == 1


# reload


async def test_reload_is_for_owners_and_refused_in_the_bots_own_words(staffed: House) -> None:
    staffed.model.on("reload", say("I am afraid I may not, friend."))

    assert await told(staffed, "mia", "room-3", "!reload") == "I am afraid I may not, friend."
    prompt = (await staffed.model.wait_for("reload")).prompt
    assert "Mia just requested an operation to which they do not have permissions" in prompt
    assert await told(staffed, "mia", "room-3", "!reload") == "Sorry Mia, that is for my owners only."


# puppet


async def test_an_owner_speaks_through_the_bot_from_a_direct_message(staffed: House) -> None:
    direct = await staffed.direct("ada")
    answer = await told(staffed, "ada", direct, "!puppet #ops @everyone the kiln is  hot")

    [said] = [each for each in staffed.said("ops") if "kiln" in each.content]
    assert said.content == "@everyone the kiln is  hot"
    assert not said.mention_everyone
    assert answer.endswith(f"/{said.channel_id}/{said.id}")


async def test_puppet_as_a_slash_command_suggests_channels_and_speaks(staffed: House) -> None:
    ada = Hand(staffed, "ada", await staffed.direct("ada"))
    rows = [{"type": 3, "name": "channel", "value": "op", "focused": True}]
    await ada.begin(4, {"id": await ada.id_of("puppet"), "name": "puppet", "type": 1, "options": rows})
    await staffed.box.wait_for(lambda each: each.path.endswith("/callback") and "'#ops'" in str(each.body))
    await ada.command("puppet", channel="#ops", text="slashed")

    await ada.whispered(lambda text: text.startswith("Said: https://"))
    await staffed.spoken("ops", lambda text: text == "slashed")


async def test_a_configured_account_speaks_only_where_it_may_write(staffed: House) -> None:
    direct = await staffed.direct("bob")

    assert (await told(staffed, "bob", direct, "!puppet #room-4 hello")).startswith("Said: ")
    assert "no such channel" in await told(staffed, "bob", direct, "!puppet #board hello")
    assert (await told(staffed, "ada", await staffed.direct("ada"), "!puppet #board hello")).startswith("Said: ")


# act


async def test_act_is_a_run_that_chooses_its_channel(staffed: House) -> None:
    steps = call("post_message", channel="#ops", text="Deploy at four."), say("I told them.")
    staffed.model.on("tell #ops “Deploy at four.”", *steps)
    asked = await staffed.write("mia", "room-6", "!act tell #ops “Deploy at four.”")

    await staffed.answer(asked, "I told them.")
    await staffed.spoken("ops", lambda text: text == "Deploy at four.")
    assert "in whichever channels it belongs" in staffed.model.asked[-1].words


async def test_act_as_a_slash_command_shows_what_was_asked_and_answers_it(staffed: House) -> None:
    staffed.model.on("count the ferns", say("There are nine."))
    mia = Hand(staffed, "mia", "room-6")
    await mia.command("act", instruction="count the ferns")

    shown = await staffed.spoken("room-6", lambda text: "> count the ferns" in text)
    await staffed.answer(shown.id, "There are nine.")
    assert shown.content.startswith("Mia asks me to act:")


async def test_act_cannot_do_more_than_the_person_may(staffed: House) -> None:
    steps = call("post_message", channel="#board", text="psst"), say("They would not let me.")
    staffed.model.on("tell #board “psst”", *steps)
    asked = await staffed.write("mia", "room-6", "!act tell #board “psst”")

    await staffed.answer(asked, "They would not let me.")
    assert "psst" not in staffed.texts("board")
    assert "lacks the right Send Messages" in staffed.model.asked[-1].results[0]


async def test_an_edited_act_is_done_again_in_its_place(staffed: House) -> None:
    asked = await staffed.write("mia", "room-7", "!act water the ferns")
    await staffed.reply(asked, lambda text: text.endswith("water the ferns"))
    await staffed.edit("mia", asked, "!act water the ferns ")
    await staffed.after()

    assert len(staffed.answers(asked)) == 1


# The examples


async def test_rivals_are_created_reported_and_previewed(staffed: House) -> None:
    assert await told(staffed, "mia", "room-8", "!rivals create 1200 fox") == (
        "Player `fox` created with initial rating 1200%."
    )
    bob = Hand(staffed, "bob", "room-8")
    await bob.command("rivals", "create", rating=1000, player="marth")
    await staffed.spoken("room-8", lambda text: text.startswith("Player `marth` created"))

    assert "2 stock(s)" not in await told(staffed, "mia", "room-8", "!rivals preview fox marth")
    report = await told(staffed, "mia", "room-8", "!rivals report marth beat fox")
    assert report == "Match reported:\n• Winner `marth`: 1000% → 1009%\n• Loser `fox`: 1200% → 1191%"
    ranked = await told(staffed, "mia", "room-8", "!rivals list")
    assert ranked.splitlines()[1].startswith("• `fox`: 1191% (owner: <@")
    assert staffed.said("room-8")[-1].mentions == []
