"""Channels and people, listed and looked up through the tools."""

from chat.channels import ChannelKind
from chat.rights import Right
from tests.tools.calling import ask, refused, rows, use
from tests.tools.world import BASE, EVERYONE, Town
from tools.native import NativeTools


async def test_channels_are_listed_as_far_as_everybody_here_may_see_them(town: Town, tools: NativeTools) -> None:
    public = await ask(tools, town.ask(town.ada), "list_channels")
    private = await ask(tools, town.ask(town.ada, at=town.add_dm(town.ada)), "list_channels")

    assert [row["name"] for row in rows(public["channels"])] == ["general", "📣-ops", "news", "release talk"]
    assert public["note"] == "1 more that not everybody here may see; they are told in a direct message"
    assert "leads" in [row["name"] for row in rows(private["channels"])]
    assert all(row["server"] == "Town" for row in rows(private["channels"]))
    assert "note" not in private


async def test_what_the_asker_cannot_see_is_not_even_counted(town: Town, tools: NativeTools) -> None:
    assert "note" not in await ask(tools, town.ask(town.mia), "list_channels")


async def test_a_channel_is_told_with_all_that_helps_to_use_it(town: Town, tools: NativeTools) -> None:
    listed = await ask(tools, town.ask(town.mia), "list_channels", name="work")

    assert rows(listed["channels"])[-1] == {
        "id": str(town.thread.id),
        "name": "release talk",
        "kind": "thread",
        "category": "Work",
        "thread_of": str(town.ops.id),
    }


async def test_names_that_others_chose_taint_the_run(town: Town, tools: NativeTools) -> None:
    assert (await use(tools, town.ask(town.mia), "list_channels")).untrusted
    assert (await use(tools, town.ask(town.mia), "list_members")).untrusted


async def test_very_many_channels_are_cut_with_a_note(town: Town, tools: NativeTools) -> None:
    for number in range(250):
        town.add_channel(town.here, f"room-{number}")
    result = await use(tools, town.ask(town.mia), "list_channels")
    listed = await ask(tools, town.ask(town.mia), "list_channels")
    count = len(rows(listed["channels"]))

    assert 80 < count < 254
    assert listed["note"] == f"{254 - count} more are not listed; ask by name"
    assert len(result.content) < 6500


async def test_an_ambiguous_name_comes_back_with_the_candidates(town: Town, tools: NativeTools) -> None:
    other = town.add_channel(town.here, "ops", category="Old")
    told = await use(tools, town.ask(town.mia), "read_channel", channel="OPS")

    assert told.content == (
        f"“OPS” could be #📣-ops (id {town.ops.id}, in Town / Work, text); "
        f"or #ops (id {other.id}, in Town / Old, text); which one is meant?"
    )
    assert told.untrusted


async def test_candidates_that_not_everybody_may_see_are_not_named(town: Town, tools: NativeTools) -> None:
    town.add_channel(town.here, "Leads", category="Club")
    told = await refused(tools, town.ask(town.ada), "read_channel", channel="LEADS")

    assert "#Leads" in told
    assert "#leads" not in told
    assert "1 more" in told


async def test_a_hidden_channel_and_one_that_is_not_there_sound_alike(town: Town, tools: NativeTools) -> None:
    context = town.ask(town.mia)

    for name in ("read_channel", "post_message"):
        more = {"text": "hi"} if name == "post_message" else {}
        hidden = await refused(tools, context, name, channel="leads", **more)
        absent = await refused(tools, context, name, channel="heads", **more)
        by_id = await refused(tools, context, name, channel=f"<#{town.leads.id}>", **more)
        by_no_id = await refused(tools, context, name, channel="<#77>", **more)
        assert hidden == "There is no channel “leads” that Mia can see."
        assert hidden == absent.replace("heads", "leads")
        assert by_id == by_no_id.replace("77", str(town.leads.id))


async def test_a_slip_is_answered_with_the_nearest_names(town: Town, tools: NativeTools) -> None:
    told = await refused(tools, town.ask(town.mia), "read_channel", channel="genrel")

    assert told.startswith("There is no channel “genrel” that Mia can see. Close to it: #general (id ")


async def test_a_forum_is_told_apart_from_a_channel(town: Town, tools: NativeTools) -> None:
    town.add_channel(town.here, "ideas", kind=ChannelKind.FORUM)

    assert "forum" in await refused(tools, town.ask(town.mia), "read_channel", channel="ideas")
    assert "forum" in await refused(tools, town.ask(town.mia), "post_message", channel="ideas", text="x")


async def test_members_are_found_by_name_and_role(town: Town, tools: NativeTools) -> None:
    context = town.ask(town.tom)
    by_name = await ask(tools, context, "list_members", name="@mia")
    by_role = await ask(tools, context, "list_members", role="Lead")
    everybody = await ask(tools, context, "list_members", limit=2)

    assert rows(by_name["members"]) == [{"id": str(town.mia.id), "name": "Mia", "username": "mia.k"}]
    assert [row["name"] for row in rows(by_role["members"])] == ["Ada"]
    assert (everybody["found"], everybody["note"]) == (4, "2 more; narrow it down by name or role")
    assert "roles: bot, lead" in await refused(tools, context, "list_members", role="king")


async def test_who_sees_a_private_channel_is_not_told_in_public(town: Town, tools: NativeTools) -> None:
    assert "direct message" in await refused(tools, town.ask(town.ada), "list_members", channel="leads")
    assert "no channel" in await refused(tools, town.ask(town.mia), "list_members", channel="leads")
    listed = await ask(tools, town.ask(town.ada, at=town.leads), "list_members", channel="leads")
    assert [row["name"] for row in rows(listed["members"])] == ["Ada", "digmbot"]


async def test_in_a_direct_message_the_members_of_a_shared_server_are_listed(town: Town, tools: NativeTools) -> None:
    context = town.ask(town.mia, at=town.add_dm(town.mia))
    alone = await ask(tools, context, "list_members", name="mia")
    village, foreign = town.add_guild("Village"), town.add_guild("Elsewhere")
    for guild, person in ((village, town.mia), (foreign, town.ada)):
        town.add_member(guild, person.name, person=person)

    asked = await refused(tools, context, "list_members")
    unknown = await refused(tools, context, "list_members", server="Elsewhere")
    named = await ask(tools, context, "list_members", server="village")
    by_id = await ask(tools, context, "list_members", server=str(village.id))

    assert [row["name"] for row in rows(alone["members"])] == ["Mia"]
    assert "Village" in asked
    assert "Town" in asked
    assert "Elsewhere" not in asked
    assert "There is no server" in unknown
    assert [row["name"] for row in rows(named["members"])] == ["Mia"] == [row["name"] for row in rows(by_id["members"])]


async def test_on_a_server_no_other_can_be_meant(town: Town, tools: NativeTools) -> None:
    village = town.add_guild("Village")
    town.add_member(village, "Mia", person=town.mia)

    assert "There is no server" in await refused(tools, town.ask(town.mia), "list_members", server="Village")


async def test_a_read_only_channel_is_visible_but_cannot_be_read_without_history(
    town: Town, tools: NativeTools
) -> None:
    town.add_channel(town.here, "live", {EVERYONE: BASE - {Right.READ_HISTORY}, "bot": BASE})

    told = await refused(tools, town.ask(town.mia), "read_channel", channel="live")
    assert "Mia lacks the right Read Message History" in told
