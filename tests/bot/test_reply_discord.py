"""A streamed answer through discord.py: what really goes over the wire."""

from collections.abc import AsyncGenerator

import discord
import pytest

from bot.outlet import ChannelOutlet
from bot.reply import NotShown, Shown, StreamedReply
from chat.ids import MessageId
from tests.bot.channel_rest import ChannelRest, connected
from tests.bot.discord_objects import GENERAL, Wire
from tests.bot.reply_room import Room

MENTION = MessageId(99)


@pytest.fixture
async def discord_side() -> AsyncGenerator[tuple[ChannelRest, Wire]]:
    async with connected() as both:
        yield both


def reply_to(client: Wire, *, mention_author: bool = False) -> StreamedReply:
    place = client.get_channel(GENERAL)
    assert isinstance(place, discord.TextChannel)
    outlet = ChannelOutlet(place, MENTION, mention_author=mention_author)
    return StreamedReply(outlet, mention_id=MENTION, note=Room().note)


async def test_an_answer_is_a_quiet_reply_without_previews(discord_side: tuple[ChannelRest, Wire]) -> None:
    rest, client = discord_side
    async with reply_to(client) as reply:
        assert await reply.finish("See https://example.com, @everyone") == Shown((MessageId(1),))
    (body,) = rest.sent
    assert body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert body["flags"] == discord.MessageFlags(suppress_embeds=True).value
    reference = body["message_reference"]
    assert isinstance(reference, dict)
    assert reference["message_id"] == MENTION
    assert reference["fail_if_not_exists"] is False
    assert body["enforce_nonce"] is True
    assert len(str(body["nonce"])) <= 25


async def test_only_whoever_asked_is_pinged_when_configured(discord_side: tuple[ChannelRest, Wire]) -> None:
    rest, client = discord_side
    async with reply_to(client, mention_author=True) as reply:
        await reply.finish("Done.")
    assert rest.sent[0]["allowed_mentions"] == {"parse": [], "replied_user": True}


async def test_the_second_attempt_after_a_crash_edits_the_first_ones_message(
    discord_side: tuple[ChannelRest, Wire],
) -> None:
    rest, client = discord_side
    async with reply_to(client) as reply:
        await reply.finish("The first try.")
    async with reply_to(client) as reply:
        assert await reply.finish("The second try.") == Shown((MessageId(1),))
    assert rest.messages == {"1": "The second try."}


async def test_a_message_deleted_by_a_moderator_is_sent_anew(discord_side: tuple[ChannelRest, Wire]) -> None:
    rest, client = discord_side
    async with reply_to(client) as reply:
        await reply.finish("The first try.")
        rest.messages.clear()
        assert await reply.finish("The second try.") == Shown((MessageId(2),))
    assert rest.messages == {"2": "The second try."}


async def test_a_long_answer_comes_as_five_messages_and_a_file(discord_side: tuple[ChannelRest, Wire]) -> None:
    rest, client = discord_side
    async with reply_to(client) as reply:
        assert isinstance(await reply.finish("Wörter über Wörter. " * 700), Shown)
        assert len(rest.messages) == 5
        assert rest.files[0].endswith("Wörter über Wörter.")
        assert await reply.withdraw()
    assert rest.messages == {}


@pytest.mark.parametrize(
    ("fault", "reason", "again"),
    [
        ((403, 50013), "I lack the right to write there", False),
        ((404, 10003), "the channel does not exist any more", False),
        ((400, 50035), "Discord refused it: as told", False),
    ],
)
async def test_a_refusal_is_told_in_words(
    discord_side: tuple[ChannelRest, Wire], fault: tuple[int, int], reason: str, *, again: bool
) -> None:
    rest, client = discord_side
    rest.faults = [fault]
    async with reply_to(client) as reply:
        assert await reply.finish("Hello") == NotShown(reason, (), again=again)


async def test_an_answer_goes_on_after_a_503_which_discord_py_does_not_retry(
    discord_side: tuple[ChannelRest, Wire],
) -> None:
    rest, client = discord_side
    rest.faults = [(503, 0)]
    async with reply_to(client) as reply:
        assert await reply.finish("Hello") == Shown((MessageId(1),))
