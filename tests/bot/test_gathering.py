"""What a mention is read in the light of: memory adds what is not already there, and nobody waits for it for long."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from bot.attachments import AttachmentLoader
from bot.gathering import Gatherer
from bot.history import History
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import IncomingMessage, Message
from memory.facts import Facts
from reminders.service import Reminders
from reminders.store import ReminderStore
from tests.memory.parts import open_database
from tests.tools.test_recall import Found, Standing
from tests.tools.world import NOW, Town
from tools.permission import Permissions
from tools.searching import Has, MayShow

Times = tuple[datetime, datetime]


@dataclass
class Shelf:
    """Recalls what it is told to, best first."""

    best: Sequence[Message] = ()
    is_stuck: bool = False
    is_broken: bool = False
    asked: list[tuple[str, Times | None]] = field(default_factory=list[tuple[str, Times | None]])

    async def recall(
        self,
        question: str,
        *,
        guild_id: GuildId | None,  # noqa: ARG002
        may_show: MayShow,
        limit: int = 8,
        author: UserId | None = None,  # noqa: ARG002
        channel: ChannelId | None = None,  # noqa: ARG002
        after: datetime | None = None,  # noqa: ARG002
        before: datetime | None = None,  # noqa: ARG002
        has: Collection[Has] = (),  # noqa: ARG002
        prefer: Times | None = None,
    ) -> Sequence[Found]:
        self.asked.append((question, prefer))
        if self.is_stuck:
            await asyncio.get_running_loop().create_future()
        if self.is_broken:
            raise RuntimeError("no such table")
        shown = await may_show({message.channel_id for message in self.best})
        return [Found(message) for message in self.best if message.channel_id in shown][:limit]

    async def around(self, message_id: MessageId, *, before: int, after: int) -> Sequence[Message]:
        raise NotImplementedError


@dataclass
class Stage:
    """A town, its memory, and a mention in it."""

    town: Town
    shelf: Shelf
    standing: Standing
    gatherer: Gatherer

    async def recalled(self, question: str, replied_to: Message | None = None) -> list[str]:
        context = self.town.ask(self.town.tom, question)
        mention = IncomingMessage(context.request, context.channel, context.guild, context.bot, replied_to)
        async with asyncio.timeout(5):
            gathered = await self.gatherer.gather(mention, context)
        return [message.text for message in gathered.recalled]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncGenerator[Stage]:
    town, shelf, standing = Town(), Shelf(), Standing()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(tmp_path))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        zones = Reminders(ReminderStore(database), lambda: NOW)
        gatherer = Gatherer(
            history=History(lambda channel, limit: town.history(channel, limit=limit), backfill=50, maximum=50),
            memory=shelf,
            permissions=Permissions(surface=town),
            attachments=AttachmentLoader(http, vision=False),
            facts=Facts(database, lambda: NOW),
            verifier=standing,
            zone_of=zones.zone_of,
            recall_messages=2,
            recall_seconds=0.3,
        )
        yield Stage(town, shelf, standing, gatherer)


async def test_what_stands_among_the_recent_lines_takes_nobodys_place(stage: Stage) -> None:
    town = stage.town
    recent = [town.say(town.general, town.mia, f"recent {number}") for number in range(4)]
    older = [town.say(town.ops, town.mia, f"older {number}") for number in range(3)]
    stage.shelf.best = [*recent, *older]

    assert await stage.recalled("what about the logo?", replied_to=older[0]) == ["older 1", "older 2"]


async def test_hidden_and_deleted_lines_and_earlier_questions_stay_out(stage: Stage) -> None:
    town = stage.town
    question = town.say(town.ops, town.mia, f"@{town.bot.name} what about the logo?")
    hidden = town.say(town.leads, town.ada, "the logo costs us Tom")
    deleted, good, fine = (town.say(town.ops, town.mia, text) for text in ("never mind", "a fox", "a teapot"))
    stage.shelf.best = [question, hidden, good, fine, deleted]
    stage.standing.gone = {deleted.id}

    assert await stage.recalled("what about the logo?") == ["a fox", "a teapot"]


async def test_the_question_is_asked_without_the_bots_mention_and_with_its_time(stage: Stage) -> None:
    await stage.recalled(f"<@{stage.town.bot.id}> what did we say <@!{stage.town.bot.id}> yesterday?")

    ((question, prefer),) = stage.shelf.asked
    assert question.split() == ["what", "did", "we", "say", "yesterday?"]
    assert prefer is not None
    assert (prefer[1] - prefer[0]).days == 1


@pytest.mark.parametrize("trouble", ["is_stuck", "is_broken"])
async def test_without_a_working_memory_there_is_an_answer_all_the_same(stage: Stage, trouble: str) -> None:
    stage.shelf.best = [stage.town.say(stage.town.ops, stage.town.mia, "a fox")]
    stage.shelf.is_stuck, stage.shelf.is_broken = trouble == "is_stuck", trouble == "is_broken"

    assert await stage.recalled("what about the logo?") == []


async def test_a_mention_without_words_asks_memory_nothing(stage: Stage) -> None:
    assert await stage.recalled(f"<@{stage.town.bot.id}> ") == []
    assert stage.shelf.asked == []
