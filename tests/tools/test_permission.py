"""What a run may do is what the bot, the asker and the policy all allow, now."""

from itertools import product

import pytest

from chat.channels import Channel, ChannelKind
from chat.people import Person
from chat.rights import READ, Right
from tests.tools.world import BASE, EVERYONE, Town
from tools.calls import ToolError
from tools.permission import Permissions

SETS = (BASE, READ, frozenset[Right]())
ALL = (Right.VIEW_CHANNEL, Right.READ_HISTORY, Right.SEND_MESSAGES, Right.ADD_REACTIONS)


class QuietHours:
    """A policy: nothing is written."""

    async def refusal(
        self, asker: Person, channel: Channel, rights: frozenset[Right], *, at: Channel | None = None
    ) -> str | None:
        del at
        return f"{asker.name} may not write in {channel.name} at night." if rights - READ else None


@pytest.mark.parametrize(("asker_has", "bot_has", "right"), list(product(SETS, SETS, ALL)))
async def test_only_what_both_may_do_is_done(
    asker_has: frozenset[Right], bot_has: frozenset[Right], right: Right
) -> None:
    town = Town()
    town.add_member(town.here, "tom", "asking", person=town.tom)
    place = town.add_channel(town.here, "place", {"asking": asker_has, "bot": bot_has})
    refusal = await Permissions(surface=town).refusal(place, [right], asker=town.tom, bot=town.bot)

    assert (refusal is None) == (right in asker_has and right in bot_has)


async def test_the_sentence_says_who_lacks_which_right_where(town: Town, permissions: Permissions) -> None:
    with pytest.raises(ToolError, match=r"^Mia lacks the right Send Messages in #news\.$"):
        await permissions.require(town.ask(town.mia), town.news, Right.SEND_MESSAGES)
    quiet = town.add_channel(town.here, "quiet", {"lead": BASE, "bot": READ})
    refusal = await permissions.refusal(quiet, [Right.SEND_MESSAGES, Right.ADD_REACTIONS], asker=town.ada, bot=town.bot)
    assert refusal == "digmbot lacks the rights Add Reactions and Send Messages in #quiet."


async def test_a_channel_that_not_everybody_may_know_of_is_not_named_in_public(
    town: Town, permissions: Permissions
) -> None:
    read_only = town.add_channel(town.here, "payroll", {"lead": READ, "bot": BASE})

    with pytest.raises(ToolError, match=rf"Ada lacks the right Send Messages in <#{read_only.id}>"):
        await permissions.require(town.ask(town.ada), read_only, Right.SEND_MESSAGES)
    with pytest.raises(ToolError, match="Ada lacks the right Send Messages in #payroll"):
        await permissions.require(town.ask(town.ada, at=town.add_dm(town.ada)), read_only, Right.SEND_MESSAGES)


async def test_what_the_asker_cannot_see_does_not_exist(town: Town, permissions: Permissions) -> None:
    gone = Channel(town.leads.id, town.here.id, "gone", ChannelKind.TEXT)
    told: list[str] = []
    for channel in (town.leads, gone):
        with pytest.raises(ToolError) as refused:
            await permissions.require(town.ask(town.mia), channel, Right.SEND_MESSAGES)
        told.append(str(refused.value))

    assert told == ["There is no such channel that Mia can see."] * 2


async def test_in_a_thread_the_right_to_write_in_threads_counts(town: Town, permissions: Permissions) -> None:
    town.places[town.thread.id].rights = {EVERYONE: BASE - {Right.SEND_IN_THREADS}, "bot": BASE}
    town.places[town.ops.id].rights = {EVERYONE: BASE - {Right.SEND_MESSAGES}, "bot": BASE}
    context = town.ask(town.mia)

    with pytest.raises(ToolError, match="Send Messages in Threads"):
        await permissions.require(context, town.thread, Right.SEND_MESSAGES)
    town.places[town.thread.id].rights = {EVERYONE: BASE - {Right.SEND_MESSAGES}, "bot": BASE}
    await permissions.require(context, town.thread, Right.SEND_MESSAGES)


async def test_the_policy_narrows_what_discord_allows(town: Town) -> None:
    permissions = Permissions(surface=town, policy=QuietHours())

    await permissions.require(town.ask(town.mia), town.ops, *READ)
    with pytest.raises(ToolError, match="at night"):
        await permissions.require(town.ask(town.mia), town.ops, Right.SEND_MESSAGES)
    with pytest.raises(ToolError, match="no such channel"):
        await permissions.require(town.ask(town.mia), town.leads, Right.SEND_MESSAGES)


async def test_a_changed_overwrite_counts_at_once(town: Town, permissions: Permissions) -> None:
    context = town.ask(town.mia)
    await permissions.require(context, town.ops, Right.SEND_MESSAGES)
    town.places[town.ops.id].rights[EVERYONE] = READ

    with pytest.raises(ToolError, match="Send Messages"):
        await permissions.require(context, town.ops, Right.SEND_MESSAGES)


async def test_a_stranger_may_do_nothing(town: Town, permissions: Permissions) -> None:
    stranger = Person(town.ada.id, "Eve")
    del town.people[town.here.id][town.ada.id]

    assert await permissions.visible_channels(town.ask(stranger)) == []


async def test_each_sees_the_channels_that_they_and_the_bot_see(town: Town, permissions: Permissions) -> None:
    town.add_channel(town.here, "no bots", {"lead": BASE})
    names = {channel.name for channel in await permissions.visible_channels(town.ask(town.mia))}
    more = {channel.name for channel in await permissions.visible_channels(town.ask(town.ada))}

    assert names == {"general", "📣-ops", "news", "release talk"}
    assert more == names | {"leads"}


async def test_another_server_is_out_of_reach_but_not_from_a_direct_message(
    town: Town, permissions: Permissions
) -> None:
    other = town.add_guild("Club")
    town.add_member(other, "digmbot", "bot", person=town.bot)
    town.add_member(other, "ada", person=town.ada)
    bar = town.add_channel(other, "bar")

    assert await permissions.visible(town.ask(town.ada), bar.id) is None
    private = town.ask(town.ada, at=town.add_dm(town.ada))
    assert await permissions.visible(private, bar.id) == bar
    assert await permissions.visible(town.ask(town.mia, at=town.add_dm(town.mia)), bar.id) is None


async def test_only_what_every_reader_may_read_is_quoted(town: Town, permissions: Permissions) -> None:
    sources = [town.general.id, town.ops.id, town.leads.id]

    assert await permissions.showable(town.ask(town.ada), sources) == {town.general.id, town.ops.id}
    assert await permissions.showable(town.ask(town.ada, at=town.leads), sources) == set(sources)
    assert await permissions.showable(town.ask(town.ada, at=town.add_dm(town.ada)), sources) == set(sources)
    assert await permissions.showable(town.ask(town.mia, at=town.add_dm(town.mia)), sources) == set(sources[:2])


async def test_nothing_is_quoted_that_the_asker_may_not_read_although_the_readers_may(
    town: Town, permissions: Permissions
) -> None:
    del town.people[town.here.id][town.tom.id]

    assert await permissions.showable(town.ask(town.tom), [town.general.id, town.ops.id]) == set()
