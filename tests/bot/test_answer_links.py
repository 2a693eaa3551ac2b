"""While an answer streams its links show once they are known to be good; at the end each is judged, in time."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from bot.links import AnswerLinks, Links
from bot.places import Places
from chat.ids import MessageId
from chat.messages import Message
from chat.people import Person
from tests.bot.discord_objects import Wire
from tests.tools.world import Town
from tools.permission import Permissions
from tools.reading import Reading


@dataclass
class Shelf:
    """The archive of the town, which also verifies; slow, or broken, if told so."""

    town: Town
    asked: list[MessageId] = field(default_factory=list[MessageId])
    is_stuck: bool = False
    is_broken: bool = False

    async def get(self, ids: Collection[MessageId]) -> Mapping[MessageId, Message]:
        self.asked += ids
        if self.is_broken:
            raise OSError("disk on fire")
        return {said.id: said for place in self.town.places.values() for said in place.messages if said.id in ids}

    async def caught_up(self) -> None:
        pass

    async def verify(self, messages: Sequence[Message]) -> Sequence[Message]:
        if self.is_stuck:
            await asyncio.get_running_loop().create_future()
        return messages


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(Town())


def judge(shelf: Shelf, asker: Person | None = None, *, seconds: float = 5) -> AnswerLinks:
    town = shelf.town
    links = Links(
        kept=shelf,
        verifier=shelf,
        permissions=Permissions(surface=town),
        surface=town,
        places=Places(Wire()),
        seconds=seconds,
    )
    return links.of(town.ask(asker or town.ada), Reading())


async def test_a_known_link_streams_and_a_half_written_one_waits(shelf: Shelf) -> None:
    link = shelf.town.say(shelf.town.ops, shelf.town.mia, "tonight").link
    links = judge(shelf)
    whole = f"Mia said [tonight]({link}) so."

    shown = [await links.preview(whole[:end]) for end in range(len(whole) + 1)]

    assert shown[-1] == whole
    assert all("discord" not in each or link in each for each in shown)
    assert all(each in {"Mia said [tonight](", whole[: len(each)]} for each in shown)


async def test_a_link_is_looked_up_once_while_it_streams(shelf: Shelf) -> None:
    link = shelf.town.say(shelf.town.ops, shelf.town.mia, "tonight").link
    links = judge(shelf)

    for end in range(50):
        await links.preview(f"{link} and more"[: len(link) + end])

    assert len(shelf.asked) == 1


async def test_a_hidden_link_does_not_even_stream(shelf: Shelf) -> None:
    secret = shelf.town.say(shelf.town.leads, shelf.town.ada, "the budget").link
    links = judge(shelf)

    assert await links.preview(f"see {secret} ok") == "see ok"
    assert await links.settled(f"see {secret} ok") == "see ok"


async def test_trouble_with_the_archive_costs_links_and_no_answer(shelf: Shelf) -> None:
    link = shelf.town.say(shelf.town.ops, shelf.town.mia, "tonight").link
    shelf.is_broken = True

    assert await judge(shelf).preview(f"see {link} ok") == "see ok"
    assert await judge(shelf).settled(f"see {link} ok") == "see ok"


async def test_an_answer_does_not_wait_for_its_links_for_ever(shelf: Shelf) -> None:
    link = shelf.town.say(shelf.town.ops, shelf.town.mia, "tonight").link
    shelf.is_stuck = True

    async with asyncio.timeout(5):
        assert await judge(shelf, seconds=0.05).settled(f"see {link} ok") == "see ok"


@pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 25])
async def test_ids_that_no_message_can_have_are_dropped(shelf: Shelf, number: str) -> None:
    town = shelf.town
    start = town.say(town.ops, town.mia, "x").link.rpartition("/")[0]

    assert await judge(shelf).preview(f"see {start}/{number} ok") == "see ok"


async def test_a_link_that_names_the_wrong_channel_is_dropped(shelf: Shelf) -> None:
    town = shelf.town
    said = town.say(town.ops, town.mia, "x")
    wrong = said.link.replace(str(said.channel_id), str(town.news.id))

    assert await judge(shelf).preview(f"see {wrong} ok") == "see ok"
