"""The archive keeps what Discord now shows, whatever order the news comes in."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from chat.ids import ChannelId
from chat.messages import Attachment
from memory.archive import Archive
from memory.queue import IndexQueue
from tests.memory.parts import GENERAL, GUILD, OTHER_GUILD, SECRET, message, open_database


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncGenerator[tuple[Archive, IndexQueue]]:
    async with open_database(tmp_path) as database:
        yield Archive(database), IndexQueue(database)


@pytest.fixture
def archive(rooms: tuple[Archive, IndexQueue]) -> Archive:
    return rooms[0]


async def test_a_message_comes_back_as_it_was(archive: Archive) -> None:
    file = Attachment("plan.pdf", "application/pdf", 12, "https://cdn.example/plan.pdf")
    said = message(1, "the plan\u200b 🙂 عربي", edited=2, attachments=(file,))

    await archive.archive(said)

    assert await archive.get([said.id]) == {said.id: said}


async def test_the_same_message_twice_is_kept_and_indexed_once(rooms: tuple[Archive, IndexQueue]) -> None:
    archive, queue = rooms
    file = Attachment("plan.pdf", "application/pdf", 12, "https://cdn.example/plan.pdf?ex=1")
    said = message(1, "the plan", attachments=(file,))
    signed_anew = replace(said, attachments=(replace(file, url="https://cdn.example/plan.pdf?ex=2"),))

    for again in (said, said, signed_anew):
        await archive.archive(again)

    assert await archive.count() == 1
    assert await queue.length() == 1


async def test_an_older_edit_never_replaces_a_newer_one(archive: Archive) -> None:
    newest = message(1, "third", edited=9)
    for version in (message(1, "second", edited=5), newest, message(1, "second", edited=5), message(1, "first")):
        await archive.archive(version)

    assert await archive.get([newest.id]) == {newest.id: newest}


async def test_out_of_order_edits_in_one_batch_leave_the_newest(archive: Archive) -> None:
    newest = message(1, "third", edited=9)

    await archive.archive_many([message(1, "second", edited=5), newest, message(1, "first")])

    assert await archive.get([newest.id]) == {newest.id: newest}


async def test_embeds_that_unfold_later_are_kept_without_an_edit(archive: Archive) -> None:
    await archive.archive(message(1, "https://example.com"))
    await archive.archive(message(1, "https://example.com [Example: a domain]"))

    assert [m.text for m in await archive.recent(GENERAL, 5)] == ["https://example.com [Example: a domain]"]


async def test_what_was_deleted_is_not_brought_back_by_late_news(archive: Archive) -> None:
    said = message(1, "oops")
    await archive.archive(said)

    assert await archive.erase([said.id]) == 1
    await archive.archive(message(1, "oops, edited", edited=2))

    assert await archive.count() == 0


async def test_a_bulk_delete_of_thousands_answers_how_many_were_kept(archive: Archive) -> None:
    said = [message(n, f"line {n}") for n in range(1_200)]
    await archive.archive_many(said)

    assert await archive.erase([m.id for m in said[:1_100]] + [message(9_999, "never seen").id]) == 1_100
    assert await archive.count() == 100


async def test_a_channel_or_a_server_goes_as_a_whole(archive: Archive) -> None:
    await archive.archive_many(
        [
            *(message(n, "hello") for n in range(600)),
            message(1, "psst", channel=SECRET),
            message(1, "elsewhere", guild=OTHER_GUILD, channel=ChannelId(20)),
            message(1, "between us", guild=None, channel=ChannelId(30)),
        ]
    )

    assert await archive.erase_channel(GENERAL) == 600
    assert await archive.guilds() == {GUILD, OTHER_GUILD}
    assert await archive.erase_guild(GUILD) == 1
    assert await archive.guilds() == {OTHER_GUILD}
    assert await archive.count() == 2


async def test_a_channel_reads_back_in_order(archive: Archive) -> None:
    said = [message(n, f"line {n}") for n in range(10)]
    other = message(5, "elsewhere", channel=SECRET)
    await archive.archive_many([*reversed(said), other])

    assert await archive.recent(GENERAL, 3) == said[7:]
    assert await archive.recent(GENERAL, 3, before=said[4].id) == said[1:4]
    assert await archive.newest_id_by_channel() == {GENERAL: said[-1].id, SECRET: other.id}


async def test_text_that_no_database_can_hold_is_kept_readable(archive: Archive) -> None:
    await archive.archive(message(1, "half a pair \ud83d and a \0 byte"))

    assert [m.text for m in await archive.recent(GENERAL, 1)] == ["half a pair ? and a   byte"]
