"""The life of a mention, seen from the channel: who is answered, how often, and as a reply to what."""

import asyncio

import pytest

from tests.life.house import BOT, House
from tests.life.model import Say, echo, say

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_mention_gets_one_answer_that_replies_to_it_after_typing(inhabited: House) -> None:
    before = len(inhabited.box.log)
    asked = await inhabited.mention("mia", "room-0", "hello")

    answer = await inhabited.answer(asked, echo("hello"))
    await inhabited.after()

    assert inhabited.answers(asked) == [answer]
    room = inhabited.channel("room-0")
    calls = [(each.method, each.path) for each in list(inhabited.box.log)[before:] if each.who == BOT]
    assert ("POST", f"/channels/{room}/typing") in calls
    assert calls.count(("POST", f"/channels/{room}/messages")) == 1
    assert not [path for method, path in calls if method == "PATCH" and f"/channels/{room}/" in path]


@pytest.mark.parametrize("ping", [True, False])
async def test_a_reply_to_the_bot_is_answered_whether_it_pings_or_not(inhabited: House, ping: bool) -> None:
    first = await inhabited.mention("mia", "room-1", f"start {ping}")
    answer = await inhabited.answer(first, echo(f"start {ping}"))

    reference = {"message_id": str(answer.id), "channel_id": str(answer.channel_id)}
    allowed = {"parse": ["users"], "replied_user": ping}
    asked = await inhabited.write("mia", "room-1", "and then?", message_reference=reference, allowed_mentions=allowed)

    await inhabited.answer(asked, echo("and then?"))
    prompt = (await inhabited.model.wait_for("and then?", times=1 if ping else 2)).prompt
    assert "replied_to" in prompt.rpartition("context {")[0]


async def test_a_reply_to_somebody_else_is_not_for_the_bot(inhabited: House) -> None:
    said = await inhabited.write("bob", "room-1", "tea anyone?")
    reply = await inhabited.write("mia", "room-1", "yes please", message_reference={"message_id": str(said)})
    await inhabited.after()

    assert not inhabited.answers(reply)


async def test_a_role_that_the_bot_holds_reaches_it(inhabited: House) -> None:
    role = next(r.id for r in inhabited.box.state.guild_named("Workshop").roles.values() if r.name == "helpers")
    asked = await inhabited.write("mia", "room-1", f"<@&{role}> anybody?")

    await inhabited.reply(asked, lambda text: "anybody?" in text)


async def test_a_direct_message_needs_no_mention(inhabited: House) -> None:
    asked = await inhabited.write("mia", await inhabited.direct("mia"), "between us")

    await inhabited.answer(asked, echo("between us"))


async def test_being_named_without_a_mention_gets_a_glance_and_no_answer(inhabited: House) -> None:
    said = await inhabited.write("mia", "room-1", "I think digm knows that")
    await inhabited.box.wait_for(lambda each: each.method == "PUT" and f"/messages/{said}/reactions/" in each.path)
    await inhabited.after()

    assert list(inhabited.box.state.contents.messages[said].reactions) == ["👀"]
    assert not inhabited.answers(said)


async def test_other_bots_are_not_answered_whatever_they_say(inhabited: House) -> None:
    asked = await inhabited.mention("rival", "room-1", "let us talk for ever")
    await inhabited.after()

    assert not inhabited.answers(asked)
    assert not inhabited.box.state.contents.messages[asked].reactions


async def test_a_mention_without_words_is_answered_too(inhabited: House) -> None:
    inhabited.model.default = say("I can list channels and remind you.")
    asked = await inhabited.mention("mia", "room-2", "")
    try:
        await inhabited.answer(asked, "I can list channels and remind you.")
    finally:
        inhabited.model.default = None


async def test_nobody_is_pinged_by_what_a_model_says(inhabited: House) -> None:
    role = next(r.id for r in inhabited.box.state.guild_named("Workshop").roles.values() if r.name == "helpers")
    mia, bob = inhabited.box.person("mia").id, inhabited.box.person("bob").id
    text = f"@everyone @here <@&{role}> <@{mia}> <@{bob}> https://example.com/preview"
    inhabited.model.on("wake them all", say(text))
    asked = await inhabited.mention("mia", "room-2", "wake them all, and show https://example.com/preview")

    answer = await inhabited.answer(asked, text)

    assert (answer.mentions, answer.mention_roles, answer.mention_everyone) == ([], [], False)
    sent = next(each for each in inhabited.sends(answer.channel_id) if each["content"] == text)
    assert sent["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert sent["flags"] == 4  # SUPPRESS_EMBEDS


async def test_an_answer_appears_while_it_is_written_and_is_whole_as_soon_as_the_model_is(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("long story", Say(["Once upon a time there was a ship", " that sailed."], [gate]))
    asked = await inhabited.mention("mia", "room-3", "a long story please")

    first = await inhabited.reply(asked, lambda text: text.startswith("Once upon a time"))
    assert first.content == "Once upon a time there was a ship"
    gate.set()
    whole = await inhabited.answer(asked, "Once upon a time there was a ship that sailed.")

    assert whole.id == first.id
    assert len(inhabited.answers(asked)) == 1


async def test_a_long_answer_is_split_with_its_fence_whole_and_only_the_first_part_replies(inhabited: House) -> None:
    code = "\n".join(f"print({number})  # a line of code" for number in range(150))
    inhabited.model.on("print numbers", say(f"Here:\n```python\n{code}\n```\nDone with the numbers."))
    asked = await inhabited.mention("mia", "room-4", "print numbers")

    await inhabited.spoken("room-4", lambda text: text.endswith("Done with the numbers."))

    parts = inhabited.texts("room-4")
    assert len(parts) > 1
    assert all(part.count("```") % 2 == 0 and len(part) <= 2000 for part in parts)
    assert parts[1].startswith("```python")
    assert len(inhabited.answers(asked)) == 1


async def test_channels_do_not_wait_for_each_other_and_one_channel_keeps_its_order(inhabited: House) -> None:
    gate = asyncio.Event()
    inhabited.model.on("slow one", Say(["It took a while", "."], [gate]))
    slow = await inhabited.mention("mia", "room-5", "slow one")
    await inhabited.model.wait_for("slow one")
    second = await inhabited.mention("bob", "room-5", "second in line")
    elsewhere = await inhabited.mention("bob", "room-6", "elsewhere")

    await inhabited.answer(elsewhere, echo("elsewhere"))
    assert not inhabited.answers(second)
    gate.set()
    await inhabited.answer(slow, "It took a while.")
    await inhabited.answer(second, echo("second in line"))
