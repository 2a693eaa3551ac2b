"""What an answer rests on: links that lead somewhere, and the asker's own hits behind a button."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.links import NOTHING_LEFT
from bot.private_hits import FORGOTTEN, LABEL, NOTHING
from sandbox.models import Message
from tests.life.house import JSON, House, eventually, house
from tests.life.model import call, say
from tests.life.test_commands import Hand

pytestmark = pytest.mark.asyncio(loop_scope="module")


def link(home: House, where: str, message_id: int) -> str:
    channel = home.box.state.channel_named(where)
    return f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{message_id}"


def labels(message: Message) -> list[JsonValue]:
    rows = [JSON.validate_python(row)["components"] for row in message.components]
    return [JSON.validate_python(each).get("label") for row in rows if isinstance(row, list) for each in row]


async def with_button(home: House, mention: int) -> Message:
    """The answer, once the button stands under it."""

    async def there() -> bool:
        return any(LABEL in labels(message) for message in home.answers(mention))

    await eventually(there)
    (answer,) = home.answers(mention)
    return answer


async def test_a_link_that_leads_somewhere_stays_and_an_invented_one_goes(inhabited: House) -> None:
    said = await inhabited.write("mia", "ops", "the new logo is a teapot")
    good, invented = link(inhabited, "ops", said), link(inhabited, "ops", 987654321098765432)
    inhabited.model.on("who drew it", say(f"[Mia]({good}) did, says [Tom]({invented}), see {invented}.\n{good}"))

    asked = await inhabited.mention("bob", "general", "who drew it?")

    await inhabited.answer(asked, f"[Mia]({good}) did, says Tom, see.\n{good}")


async def test_a_link_to_what_was_deleted_goes(inhabited: House) -> None:
    said = await inhabited.write("mia", "ops", "nobody shall see this for long")
    gone = link(inhabited, "ops", said)
    await inhabited.delete("mia", said)
    inhabited.model.on("what was it", say(f"It is gone ({gone})."))

    asked = await inhabited.mention("bob", "general", "what was it?")

    await inhabited.answer(asked, "It is gone.")


async def test_a_link_to_where_some_reader_may_not_read_goes_and_among_its_readers_it_stays(inhabited: House) -> None:
    secret = link(inhabited, "crew-only", await inhabited.write("bob", "crew-only", "the crew eats at noon"))
    inhabited.model.on("when is lunch", say(f"At noon: {secret}"))

    public = await inhabited.mention("bob", "general", "when is lunch?")
    private = await inhabited.mention("bob", "crew-only", "when is lunch?")

    await inhabited.answer(public, "At noon:")
    await inhabited.answer(private, f"At noon: {secret}")


async def test_an_answer_that_was_nothing_but_a_dead_link_says_so(inhabited: House) -> None:
    inhabited.model.on("just the link", say(link(inhabited, "ops", 1234)))

    asked = await inhabited.mention("bob", "general", "just the link")

    await inhabited.answer(asked, NOTHING_LEFT)


async def test_links_to_other_places_and_in_code_are_none_of_our_business(inhabited: House) -> None:
    foreign, other = "https://discord.com/channels/1/2/3", "https://example.org/channels/1/2/3"
    code = f"`{link(inhabited, 'ops', 1234)}`"
    inhabited.model.on("elsewhere", say(f"{foreign} {other} {code}"))

    asked = await inhabited.mention("bob", "general", f"elsewhere, and {other}")

    await inhabited.answer(asked, f"{foreign} {other} {code}")


async def test_only_the_asker_reads_what_only_they_may_see(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", "the vault opens with a parsnip")
    await inhabited.write("bob", "ops", "a parsnip soup is on the stove")
    inhabited.model.on("parsnip", call("search_memory", query="parsnip"), say("There is soup."))
    asked = await inhabited.mention("bob", "room-1", "what about the parsnip?")
    answer, bob, mia = await with_button(inhabited, asked), Hand(inhabited, "bob"), Hand(inhabited, "mia")
    bob.where = mia.where = "room-1"

    await mia.press(answer, LABEL)
    await mia.whispered(lambda text: "Only Bob" in text)
    await bob.press(answer, LABEL)
    told = await bob.whispered(lambda text: "parsnip" in text)

    assert "vault" in told.content
    assert "soup" not in told.content
    assert "/crew-only" not in answer.content
    assert answer.content == "There is soup."


async def test_where_there_is_nothing_more_the_button_stands_all_the_same(inhabited: House) -> None:
    inhabited.model.on("zeppelin", call("search_memory", query="zeppelin"), say("Nothing."))
    asked = await inhabited.mention("mia", "room-2", "where is the zeppelin?")
    mia = Hand(inhabited, "mia", "room-2")

    await mia.press(await with_button(inhabited, asked), LABEL)

    await mia.whispered(lambda text: text == NOTHING)


async def test_a_channel_that_cannot_be_told_here_is_told_privately(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", "the anchor is under the stairs")
    search = call("search_memory", query="anchor", channel="crew-only")
    inhabited.model.on("anchor", search, say("I cannot tell that here."))
    asked = await inhabited.mention("bob", "room-3", "what did the crew say of the anchor?")
    bob = Hand(inhabited, "bob", "room-3")

    await bob.press(await with_button(inhabited, asked), LABEL)

    await bob.whispered(lambda text: "under the stairs" in text)


async def test_no_button_stands_where_nothing_was_searched_nor_in_a_direct_message(inhabited: House) -> None:
    inhabited.model.on("my zither", call("search_memory", query="zither"), say("None."))
    direct = await inhabited.direct("mia")
    await inhabited.write("mia", direct, "where is my zither?")
    plain = await inhabited.mention("mia", "room-4", "good morning")

    await inhabited.spoken(direct, lambda text: text == "None.")
    await inhabited.reply(plain, lambda text: "good morning" in text)
    await inhabited.after()

    assert [labels(message) for message in (*inhabited.said(direct), *inhabited.answers(plain))] == [[], []]


async def test_the_button_is_no_part_of_what_the_bot_remembers_saying(inhabited: House) -> None:
    inhabited.model.on("ukulele", call("search_memory", query="ukulele"), say("No ukulele."))
    await with_button(inhabited, await inhabited.mention("mia", "room-5", "any ukulele?"))

    asked = await inhabited.mention("mia", "room-5", "and now?")
    await inhabited.reply(asked, lambda text: "and now?" in text)

    prompt = (await inhabited.model.wait_for("and now?")).prompt
    assert "No ukulele." in prompt
    assert LABEL not in prompt


async def test_who_lost_the_right_to_read_meanwhile_sees_nothing_more(inhabited: House) -> None:
    await inhabited.write("bob", "crew-only", "the trombone is in the cellar")
    inhabited.model.on("trombone", call("search_memory", query="trombone"), say("I cannot say."))
    answer = await with_button(inhabited, await inhabited.mention("bob", "room-6", "where is the trombone?"))
    crew, bob = inhabited.channel("crew-only"), Hand(inhabited, "bob", "room-6")
    me = inhabited.box.person("bob").id

    deny = {"id": str(me), "type": 1, "allow": "0", "deny": str(1 << 10)}
    await inhabited.ask("ada", "PUT", f"/channels/{crew}/permissions/{me}", deny, expect=204)
    await inhabited.after()
    await bob.press(answer, LABEL)

    await bob.whispered(lambda text: text == NOTHING)


async def test_who_is_forgotten_is_forgotten_behind_the_button_too(inhabited: House) -> None:
    inhabited.model.on("harpsichord", call("search_memory", query="harpsichord"), say("None."))
    answer = await with_button(inhabited, await inhabited.mention("ada", "room-7", "where is my harpsichord?"))
    ada = Hand(inhabited, "ada", "room-7")

    await ada.command("privacy")
    await ada.press(await ada.whispered(lambda text: "What I keep" in text), "Forget me")
    await ada.press(await ada.whispered(lambda text: "cannot be undone" in text), "Yes, forget me")
    await ada.whispered(lambda text: text.startswith("Erased:"))
    await ada.press(answer, LABEL)

    await ada.whispered(lambda text: text == FORGOTTEN)


@pytest.mark.parametrize(("share", "recalls"), [(0.2, True), (0.0, False)])
async def test_memories_come_into_a_prompt_within_their_share(tmp_path: Path, share: float, recalls: bool) -> None:
    async with house(tmp_path) as home:
        said = await home.write("mia", "ops", "the new logo is a teapot")
        async with home.bot(memory={"recall_share": share, "embedder": "minilm"}):
            asked = await home.mention("bob", "general", "what is the new logo?")
            await home.reply(asked, lambda text: "new logo" in text)

        (prompt,) = [each.prompt for each in home.model.asked]
        lines = [line for line in prompt.splitlines() if line.startswith("memory ")]
        assert [link(home, "ops", said) in line and '"channel":"ops"' in line for line in lines] == [True] * recalls


async def test_after_a_restart_the_button_says_what_to_do(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.model.on("parsnip", call("search_memory", query="parsnip"), say("None."))
        async with home.bot():
            answer = await with_button(home, await home.mention("bob", "general", "any parsnip?"))
        async with home.bot():
            bob = Hand(home, "bob")
            await bob.press(answer, LABEL)
            await bob.whispered(lambda text: text == FORGOTTEN)
