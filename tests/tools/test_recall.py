"""Searching the memory shows nobody what some reader may not read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from tests.tools.calling import ask, refused, rows, use
from tests.tools.world import NOW, Town
from tools.directory import Directory
from tools.native import NativeTools
from tools.permission import Permissions
from tools.recall import RecallTools
from tools.searching import Has, MayShow, Times


@dataclass(frozen=True)
class Found:
    """A hit."""

    message: Message


@dataclass
class Shelf:
    """A memory of what was said in the town, found by a word; forgetful of rights if told so."""

    town: Town
    careless: bool = False
    asked: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    preferred: list[Times | None] = field(default_factory=list["Times | None"])

    async def recall(
        self,
        question: str,
        *,
        guild_id: GuildId | None,
        may_show: MayShow,
        limit: int = 8,
        author: UserId | None = None,
        channel: ChannelId | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
        has: Collection[Has] = (),
        prefer: Times | None = None,
    ) -> Sequence[Found]:
        self.asked.append((guild_id, channel, author, after, before, *has))
        self.preferred.append(prefer)
        said = [message for place in self.town.places.values() for message in place.messages]
        fits = [
            message
            for message in said
            if question in message.text and message.guild_id == guild_id and channel in {None, message.channel_id}
        ]
        shown = await may_show({message.channel_id for message in fits})
        kept = [message for message in fits if self.careless or message.channel_id in shown]
        return [Found(message) for message in kept][:limit]

    async def around(self, message_id: MessageId, *, before: int, after: int) -> Sequence[Message]:
        for place in self.town.places.values():
            ids = [message.id for message in place.messages]
            if message_id in ids:
                middle = ids.index(message_id)
                return place.messages[max(0, middle - before) : middle + after + 1]
        return []


@dataclass
class Standing:
    """Everything stands as it was archived, but for what is said to be gone."""

    gone: set[MessageId] = field(default_factory=set[MessageId])

    async def caught_up(self) -> None:
        pass

    async def verify(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [message for message in messages if message.id not in self.gone]


@pytest.fixture
def shelf(town: Town) -> Shelf:
    town.say(town.ops, town.mia, "the migration runs tonight")
    town.say(town.leads, town.ada, "the migration costs us Tom")
    return Shelf(town)


@pytest.fixture
def standing() -> Standing:
    return Standing()


@pytest.fixture
def memory(town: Town, shelf: Shelf, standing: Standing, directory: Directory, permissions: Permissions) -> NativeTools:
    return NativeTools(
        RecallTools(memory=shelf, verifier=standing, surface=town, directory=directory, permissions=permissions)
    )


async def test_a_hit_comes_with_author_time_channel_and_link(town: Town, memory: NativeTools) -> None:
    result = await use(memory, town.ask(town.tom), "search_memory", query="migration")
    found = await ask(memory, town.ask(town.tom), "search_memory", query="migration")
    said = town.places[town.ops.id].messages[0]

    assert result.untrusted
    assert rows(found["hits"]) == [
        {
            "id": str(said.id),
            "author": "Mia",
            "author_id": str(town.mia.id),
            "at": "2030-01-31T13:00:00+01:00",
            "text": "the migration runs tonight",
            "link": said.link,
            "channel": "#📣-ops",
        }
    ]


@pytest.mark.parametrize("careless", [False, True])
async def test_what_some_reader_may_not_read_is_not_recalled(
    town: Town, memory: NativeTools, shelf: Shelf, careless: bool
) -> None:
    shelf.careless = careless
    public = await use(memory, town.ask(town.ada), "search_memory", query="migration")
    among_leads = await use(memory, town.ask(town.ada, at=town.leads), "search_memory", query="migration")
    hers = await use(memory, town.ask(town.ada, at=town.add_dm(town.ada)), "search_memory", query="migration")
    his = await use(memory, town.ask(town.tom, at=town.add_dm(town.tom)), "search_memory", query="migration")

    assert ["costs us Tom" in each.content for each in (public, among_leads, hers, his)] == [False, True, True, False]


async def test_a_search_is_narrowed_by_person_channel_and_time(town: Town, memory: NativeTools, shelf: Shelf) -> None:
    await ask(
        memory,
        town.ask(town.tom),
        "search_memory",
        query="migration",
        person="mia",
        channel="ops",
        after="2030-01-30",
        before="2030-02-01T10:00+00:00",
    )

    start, end = datetime(2030, 1, 29, 23, tzinfo=UTC), datetime(2030, 2, 1, 10, tzinfo=UTC)
    assert shelf.asked == [(town.here.id, town.ops.id, town.mia.id, start, end)]
    assert start < NOW < end


async def test_a_direct_message_searches_every_shared_server_and_itself(
    town: Town, memory: NativeTools, shelf: Shelf
) -> None:
    context = town.ask(town.tom, at=town.add_dm(town.tom))
    await ask(memory, context, "search_memory", query="x", person="<@77777>")

    assert [scope[:3] for scope in shelf.asked] == [
        (town.here.id, None, 77777),
        (None, context.channel.id, 77777),
    ]


async def test_what_cannot_be_searched_says_why(town: Town, memory: NativeTools, shelf: Shelf) -> None:
    context = town.ask(town.ada)

    assert "nobody called “Bob”" in await refused(memory, context, "search_memory", query="x", person="Bob")
    assert "direct message" in await refused(memory, context, "search_memory", query="x", channel="leads")
    assert "no time I can read" in await refused(memory, context, "search_memory", query="x", after="yesterday")
    told = await refused(memory, context, "search_memory", query="x", after="2030-01-02", before="2030-01-01")
    assert "earlier" in told
    assert shelf.asked == []


async def test_two_people_of_one_name_are_told_apart_first(town: Town, memory: NativeTools) -> None:
    other = town.add_member(town.here, "mia.b", nick="Mia")
    told = await use(memory, town.ask(town.tom), "search_memory", query="x", person="Mia")

    assert told.content == (f"“Mia” could be: Mia (mia.k, id {town.mia.id}); Mia (mia.b, id {other.id}); who is meant?")
    assert told.untrusted


async def test_the_question_itself_is_no_answer(town: Town, memory: NativeTools) -> None:
    found = await ask(memory, town.ask(town.tom, "what about brunch?"), "search_memory", query="brunch")

    assert found == {"hits": [], "note": "Nothing was found that may be shown here."}


async def test_a_hit_comes_with_the_line_before_it_and_the_one_after(town: Town, memory: NativeTools) -> None:
    town.say(town.ops, town.tom, "and who is on call?")

    found = await ask(memory, town.ask(town.tom), "search_memory", query="migration")

    assert rows(found["hits"])[0]["after"] == f"{town.tom.name}: and who is on call?"
    assert "before" not in rows(found["hits"])[0]


async def test_what_was_deleted_meanwhile_is_shown_neither_as_a_hit_nor_beside_one(
    town: Town, memory: NativeTools, standing: Standing
) -> None:
    deleted = town.say(town.ops, town.tom, "I should not have said that")
    standing.gone = {deleted.id}

    found = await use(memory, town.ask(town.tom), "search_memory", query="migration")
    nothing = await use(memory, town.ask(town.tom), "search_memory", query="should not have")

    assert "should not have" not in found.content
    assert "Nothing was found" in nothing.content


async def test_earlier_questions_to_the_bot_come_after_what_may_answer_them(town: Town, memory: NativeTools) -> None:
    context = town.ask(town.tom)
    town.places[town.ops.id].messages.insert(
        0, town.say(town.ops, town.tom, f"@{context.bot.name} when is the migration?")
    )

    found = await ask(memory, context, "search_memory", query="migration", limit=1)

    assert rows(found["hits"])[0]["text"] == "the migration runs tonight"


async def test_what_surrounds_a_hit_can_be_read_by_its_link(town: Town, memory: NativeTools) -> None:
    for word in ("one", "two", "three"):
        town.say(town.ops, town.tom, word)
    link = town.places[town.ops.id].messages[1].link

    found = await ask(memory, town.ask(town.tom), "read_around", message=link, before=1, after=1)

    assert [row["text"] for row in rows(found["messages"])] == ["the migration runs tonight", "one", "two"]
    assert found["channel"] == "#📣-ops"


async def test_of_long_surroundings_the_nearest_are_read(town: Town, memory: NativeTools) -> None:
    said = [town.say(town.ops, town.tom, f"{number} " + "word " * 190) for number in range(30)]

    found = await ask(memory, town.ask(town.tom), "read_around", message=said[15].link, before=25, after=25)

    texts = [int(str(row["text"]).split()[0]) for row in rows(found["messages"])]
    assert texts == sorted(texts)
    assert 13 <= min(texts) < 15 < max(texts) <= 17
    assert "left out" in str(found["note"])


async def test_reading_around_does_not_tell_what_is_hidden_from_what_is_not_there(
    town: Town, memory: NativeTools
) -> None:
    hidden = town.places[town.leads.id].messages[0]
    context = town.ask(town.ada)

    refusals = {
        await refused(memory, context, "read_around", message=message)
        for message in (hidden.link, str(hidden.id), "123456789012345678", "99999999999999999999")[:3]
    }

    assert refusals == {"That message does not exist (any more), or may not be shown here."}
    assert "must be a link" in await refused(memory, context, "read_around", message="the one about cats")
    assert "must be a link" in await refused(memory, context, "read_around", message="99999999999999999999")


async def test_a_search_can_ask_for_images_links_or_files(town: Town, memory: NativeTools, shelf: Shelf) -> None:
    await ask(memory, town.ask(town.tom), "search_memory", query="migration", has=["image", "link"])

    assert shelf.asked[-1][-2:] == ("image", "link")
    assert "has" in await refused(memory, town.ask(town.tom), "search_memory", query="migration", has=["gold"])


async def test_the_time_that_a_question_speaks_of_is_preferred_unless_the_search_names_one(
    town: Town, memory: NativeTools, shelf: Shelf
) -> None:
    asked = town.ask(town.tom, "what did we say yesterday about the migration?")
    await ask(memory, asked, "search_memory", query="migration")
    await ask(memory, asked, "search_memory", query="migration in 2029")
    await ask(memory, asked, "search_memory", query="migration", after="2030-01-01")
    await ask(memory, town.ask(town.tom), "search_memory", query="migration")

    yesterday, year, *others = shelf.preferred
    assert yesterday == (datetime(2030, 1, 29, 23, tzinfo=UTC), datetime(2030, 1, 30, 23, tzinfo=UTC))
    assert year is not None
    assert year[0] == datetime(2028, 12, 31, 23, tzinfo=UTC)
    assert others == [None, None]
