"""What a newcomer says to the demo's script, and what they read: through socket, client, loop, prompt and tools."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.demo.talk import Talk, talking
from tests.tools.world import NOW


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncGenerator[Talk]:
    async with talking(tmp_path) as talk:
        yield talk


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


async def test_a_reminder_is_promised_in_a_sentence(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "@digmbot remind me in 2 minutes to stretch")
    asked = NOW - timedelta(seconds=1)
    assert said == f"I'll remind you <t:{unix(asked) + 120}:R> to stretch."


async def test_a_reminder_at_a_time_says_the_time_in_the_askers_zone(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "remind me tomorrow at 9 to water my plants")
    due = unix(datetime(2030, 2, 1, 8, tzinfo=UTC))  # Mia is in Berlin
    assert said == f"I'll remind you <t:{due}:R>, <t:{due}:F>, to water your plants."


async def test_channels_are_listed_by_category_with_threads_and_notes_and_no_data(talk: Talk) -> None:
    said = await talk.ask(talk.town.ada, "which channels are there?")
    assert "📣-ops" in said
    assert "  - 🧵" in said
    assert "release talk" in said
    assert "**Work**" in said
    assert "leads" not in said
    assert said.endswith("they are told in a direct message.")
    assert not {"{", "}", "'"} & set(said)


async def test_posting_says_where(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "tell #ops that the deploy is done")
    assert said == f"Posted in <#{talk.town.ops.id}>."
    assert [each.text for each in talk.town.places[talk.town.ops.id].messages] == ["The deploy is done"]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("tell #news that I am here", "Mia lacks the right Send Messages in #news."),
        ("tell #leads that I am here", "There is no channel “#leads” that Mia can see."),
        ("what did Bob say about tea?", "There is nobody called “Bob” here."),
        ("cancel reminder x1", "Mia has no reminder 'x1'; “my reminders” tells the ids."),
    ],
)
async def test_a_refusal_is_a_sentence(talk: Talk, request_: str, told: str) -> None:
    assert await talk.ask(talk.town.mia, request_) == told


async def test_a_near_miss_links_what_may_be_meant(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "tell #newss that I am here")
    assert said.endswith(f"Close to it: <#{talk.town.news.id}>.")


async def test_memories_are_short_quotes_with_author_time_and_link(talk: Talk) -> None:
    town = talk.town
    long = town.say(town.ops, town.mia, "**migration** plan:\n```sql\nSELECT 1;\n```\n" + "many words " * 40)
    town.say(town.leads, town.ada, "the migration costs 184,000")
    town.say(town.general, town.mia, "@digmbot what did Mia say about the migration?")

    said = await talk.ask(town.mia, "what did Mia say about the migration?")

    first, row = said.splitlines()
    assert first == "The closest that I remember:"
    assert row.startswith(f"- **Mia**, <t:{unix(NOW)}:R>, [#📣-ops]({long.link}): migration plan: SELECT 1; many words")
    assert row.endswith("words…")
    assert len(row) < 400


async def test_what_was_said_around_a_message_is_told_by_its_link_or_in_a_reply_to_it(talk: Talk) -> None:
    town = talk.town
    before, middle, after, _, _ = [town.say(town.ops, town.tom, f"line {number}") for number in range(5)]

    by_link = await talk.ask(town.mia, f"what was said around {middle.link}?")
    in_reply = await talk.ask(town.mia, "what was said around this?", reply_to=middle)

    rows = by_link.splitlines()
    assert rows[0] == "Said around it in #📣-ops:"
    assert [row.rpartition(": ")[2] for row in rows[1:]] == ["line 0", "line 1", "line 2", "line 3"]
    assert all(said.link in by_link for said in (before, middle, after))
    assert in_reply == by_link


async def test_reading_around_nothing_asks_around_what(talk: Talk) -> None:
    assert "Around what?" in await talk.ask(talk.town.mia, "what was said around this?")


async def test_nothing_found_is_said_with_the_reason(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "what did Mia say about whales?")
    assert said == "I remember nothing about that which everybody here may read."


async def test_the_newest_lines_of_a_channel_link_to_their_messages(talk: Talk) -> None:
    town = talk.town
    *_, last = [town.say(town.ops, town.tom, f"line {number}") for number in range(6)]
    rows = (await talk.ask(town.mia, "what was said in #ops?")).splitlines()
    assert rows[0] == f"The newest in <#{town.ops.id}>:"
    assert [row.rpartition(": ")[2] for row in rows[1:]] == ["line 2", "line 3", "line 4", "line 5"]
    assert f"[message]({last.link})" in rows[-1]


async def test_people_are_named_without_a_ping_with_their_roles(talk: Talk) -> None:
    said = await talk.ask(talk.town.mia, "who is here?")
    assert said.startswith("4 people:\n")
    assert f"- <@{talk.town.ada.id}>: lead" in said
    assert f"- <@{talk.town.mia.id}>\n" in said


async def test_reminders_are_listed_and_called_off(talk: Talk) -> None:
    await talk.ask(talk.town.mia, "remind me in half an hour to call Sam")
    listed = await talk.ask(talk.town.mia, "my reminders")
    assert "call Sam ([asked here](https://discord.com/channels/" in listed
    number = listed.rpartition("cancel reminder ")[2].removesuffix("”.")

    assert "Called off: “call Sam”" in await talk.ask(talk.town.mia, f"cancel reminder {number}")
    assert await talk.ask(talk.town.mia, "my reminders") == "There is no reminder waiting for you."


async def test_a_reaction_goes_to_the_message_that_is_answered(talk: Talk) -> None:
    town = talk.town
    earlier = town.say(town.general, town.tom, "it works")
    assert await talk.ask(town.mia, "react with 🎉", reply_to=earlier) == "Reacted with 🎉."
    assert town.places[town.general.id].reactions == [(earlier.id, "🎉")]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("hello", "Hello!"),
        ("thanks!", "You're welcome."),
        ("help", "I am only a script standing in for a language model"),
        ("", "I am only a script standing in for a language model"),
        ("sing a song", "I am only a script standing in for a language model"),
        ("remind me to stretch", "When?"),
        ("remind me at 25:00 to stretch", "When?"),
        ("remind me in 5 minutes", "What of?"),
    ],
)
async def test_what_needs_no_tool_is_said_at_once(talk: Talk, request_: str, told: str) -> None:
    assert (await talk.ask(talk.town.mia, request_)).startswith(told)
