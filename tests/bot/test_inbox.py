"""The queue of each channel: order, side-by-side channels, edits, deletes, shutting down."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.inbox import Inbox
from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import IncomingMessage, Message
from chat.people import Person

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ADA = Person(UserId(7), "Ada")
BOT = Person(UserId(1), "digmbot", is_bot=True)


def mention(number: int, text: str = "hello", channel: int = 5) -> IncomingMessage:
    place = Channel(ChannelId(channel), GuildId(3), "general", ChannelKind.TEXT)
    message = Message(MessageId(number), place.id, place.guild_id, ADA, text, NOW)
    return IncomingMessage(message, place, Guild(GuildId(3), "Riverbend"), BOT)


class Clerk:
    """Answers when the test lets it, and writes down what happened."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.answered: list[str] = []
        self.withdrawn: asyncio.Queue[str] = asyncio.Queue()
        self.go = asyncio.Event()

    async def answer(self, mention: IncomingMessage) -> None:
        await self.begun.put(mention.message.text)
        await self.go.wait()
        if mention.message.text == "boom":
            raise ValueError("a bug in the turn")
        self.answered.append(mention.message.text)

    async def withdraw(self, mention: IncomingMessage) -> None:
        await self.withdrawn.put(mention.message.text)


@asynccontextmanager
async def inbox_of(clerk: Clerk, queue_length: int = 10) -> AsyncGenerator[Inbox]:
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        inbox = Inbox(tasks, answer=clerk.answer, withdraw=clerk.withdraw, queue_length=queue_length)
        yield inbox
        clerk.go.set()
        await inbox.close(5)


async def test_one_channel_is_answered_in_order_and_another_does_not_wait_for_it() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        for text, channel in (("first", 5), ("second", 5), ("elsewhere", 6)):
            assert inbox.put(mention(len(text), text, channel))

        assert {await clerk.begun.get(), await clerk.begun.get()} == {"first", "elsewhere"}
        assert clerk.begun.empty()
        clerk.go.set()
        assert await clerk.begun.get() == "second"


async def test_a_full_queue_takes_no_more() -> None:
    clerk = Clerk()
    async with inbox_of(clerk, queue_length=2) as inbox:
        assert [inbox.put(mention(n)) for n in (1, 2, 3)] == [True, True, False]
        assert inbox.put(mention(4, channel=6))


async def test_an_edit_starts_the_running_answer_again_with_the_new_text() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1, "frist"))
        assert await clerk.begun.get() == "frist"

        assert inbox.edited(mention(1, "first"))

        assert await clerk.begun.get() == "first"
        clerk.go.set()
    assert clerk.answered == ["first"]


async def test_an_edit_that_changes_no_text_disturbs_nothing() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1))
        await clerk.begun.get()
        assert inbox.edited(mention(1))
        clerk.go.set()
    assert clerk.answered == ["hello"]
    assert clerk.begun.empty()


async def test_a_waiting_mention_is_answered_as_last_edited() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1, "one"))
        inbox.put(mention(2, "tow"))
        assert inbox.edited(mention(2, "two"))
        assert not inbox.edited(mention(99, "unknown"))
        await clerk.begun.get()
        clerk.go.set()
        await clerk.begun.get()
    assert clerk.answered == ["one", "two"]


async def test_a_deleted_mention_is_withdrawn_running_or_waiting() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        for number, text in enumerate(("running", "waiting", "last")):
            inbox.put(mention(number, text))
        await clerk.begun.get()

        inbox.deleted(ChannelId(5), MessageId(1))
        inbox.deleted(ChannelId(5), MessageId(0))

        assert {await clerk.withdrawn.get(), await clerk.withdrawn.get()} == {"running", "waiting"}
        clerk.go.set()
        assert await clerk.begun.get() == "last"
    assert clerk.answered == ["last"]


async def test_a_bug_in_one_turn_does_not_silence_the_channel() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1, "boom"))
        inbox.put(mention(2, "fine"))
        clerk.go.set()
        await clerk.begun.get()
        await clerk.begun.get()
    assert clerk.answered == ["fine"]


async def test_closing_lets_a_running_answer_finish_and_names_what_it_dropped() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1, "running"))
        inbox.put(mention(2, "waiting"))
        await clerk.begun.get()
        clerk.go.set()

        assert [m.message.text for m in await inbox.close(5)] == ["waiting"]
        assert not inbox.put(mention(3, "too late"))
    assert clerk.answered == ["running"]


async def test_closing_stops_what_takes_longer_than_its_grace() -> None:
    clerk = Clerk()
    async with inbox_of(clerk) as inbox:
        inbox.put(mention(1, "endless"))
        await clerk.begun.get()

        assert [m.message.text for m in await inbox.close(0)] == ["endless"]
    assert clerk.answered == []


async def test_what_waited_for_the_bots_return_is_not_turned_away_by_a_full_queue() -> None:
    clerk = Clerk()
    async with inbox_of(clerk, queue_length=1) as inbox:
        assert inbox.put(mention(1))
        assert not inbox.put(mention(2))
        assert inbox.put(replace(mention(3), late_by=timedelta(minutes=2)))
