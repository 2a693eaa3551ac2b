"""The gateway: who may identify, what they hear, what a resume brings back."""

import pytest

from sandbox import Sandbox
from tests.sandbox.clients import Socket, Visit
from tests.sandbox.world import little_world

GUILDS, MESSAGES, DIRECT, CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15


async def test_a_bot_hears_ready_and_then_its_server(visit: Visit) -> None:
    bot = await visit.socket("digm")
    guild = await bot.event("GUILD_CREATE")
    assert guild["name"] == "Workshop"
    assert {channel["name"] for channel in guild["channels"]} == {"general", "crew-only", "lounge"}
    assert {member["user"]["username"] for member in guild["members"]} == {"ada", "bob", "mia", "digm"}


async def test_without_the_members_intent_a_bot_is_told_of_itself_only(visit: Visit) -> None:
    bot = await visit.socket("digm", intents=GUILDS)
    guild = await bot.event("GUILD_CREATE")
    assert [member["user"]["username"] for member in guild["members"]] == ["digm"]
    assert guild["member_count"] == 4


@pytest.mark.parametrize(
    ("identify", "code"),
    [
        ({"token": "nonsense"}, 4004),
        ({"token": "bot-token", "shard": [2, 2]}, 4010),
        ({"token": "bot-token", "intents": 1 << 40}, 4013),
        ({"intents": 0}, 4002),
        ("hello", 4002),
    ],
)
async def test_a_bad_identify_closes_with_discords_code(visit: Visit, identify: object, code: int) -> None:
    socket = await Socket(visit.http, visit.box, "").open()
    await socket.send(2, identify)
    assert await socket.closed() == code


async def test_other_nonsense_closes_too(visit: Visit) -> None:
    early = await Socket(visit.http, visit.box, "").open()
    await early.send(8, {"guild_id": "1"})
    assert await early.closed() == 4003
    garbled = await Socket(visit.http, visit.box, "").open()
    await garbled.ws.send_str("{oops")
    assert await garbled.closed() == 4002
    twice = await visit.socket("digm")
    await twice.send(2, {"token": "bot-token", "intents": 0})
    assert await twice.closed() == 4005


async def test_a_privileged_intent_that_was_not_granted_is_refused() -> None:
    async with Visit(Sandbox(little_world(intents=["members"]))) as visit:
        socket = await Socket(visit.http, visit.box, "bot-token").open()
        await socket.send(2, {"token": "bot-token", "intents": CONTENT, "properties": {}})
        assert await socket.closed() == 4014


async def test_heartbeats_are_acknowledged(visit: Visit) -> None:
    bot = await visit.socket("digm", intents=0)
    await bot.send(1, bot.sequence)
    assert (await bot.frame())["op"] == 11


async def test_only_who_sees_a_channel_hears_of_its_messages(visit: Visit) -> None:
    mia, bob = await visit.socket("mia"), await visit.socket("bob")
    guild = await mia.event("GUILD_CREATE")
    assert "crew-only" not in {channel["name"] for channel in guild["channels"]}
    await visit.rest("bob").say("crew-only", "secret")
    await visit.rest("bob").say("general", "public")
    assert (await bob.event("MESSAGE_CREATE"))["content"] == "secret"
    assert (await mia.event("MESSAGE_CREATE"))["content"] == "public"


async def test_without_message_content_a_bot_reads_only_what_concerns_it(visit: Visit) -> None:
    bot = await visit.socket("digm", intents=GUILDS | MESSAGES | DIRECT)
    mia, me = visit.rest("mia"), visit.box.person("digm").id
    await mia.say("general", "idle talk")
    assert (await bot.event("MESSAGE_CREATE"))["content"] == ""
    await mia.say("general", f"<@{me}> you there?")
    assert "you there?" in (await bot.event("MESSAGE_CREATE"))["content"]
    direct = await mia.ask("POST", "/users/@me/channels", {"recipient_id": str(me)})
    await mia.ask("POST", f"/channels/{direct.data['id']}/messages", {"content": "just us"})
    event = await bot.event("MESSAGE_CREATE")
    assert event["content"] == "just us"
    assert "guild_id" not in event


async def test_a_resume_brings_back_what_was_missed_in_order(visit: Visit) -> None:
    bot, mia = await visit.socket("digm"), visit.rest("mia")
    await bot.event("GUILD_CREATE")
    assert visit.box.faults.drop_sockets(4000) == 1
    assert await bot.closed() == 4000
    for number in range(3):
        await mia.say("general", f"missed {number}")
    await bot.resume()
    assert [(await bot.event("MESSAGE_CREATE"))["content"] for _ in range(3)] == ["missed 0", "missed 1", "missed 2"]
    await bot.event("RESUMED")


async def test_a_session_that_ended_cannot_be_resumed(visit: Visit) -> None:
    bot = await visit.socket("digm")
    await bot.ws.close(code=1000)
    await bot.resume()
    assert await bot.frame() == {"op": 9, "d": False, "s": None, "t": None}


async def test_the_switches_reconnect_invalidate_duplicate_and_reorder(visit: Visit) -> None:
    bot, mia, faults = await visit.socket("digm"), visit.rest("mia"), visit.box.faults
    await bot.event("GUILD_CREATE")
    faults.duplicate_events(name="MESSAGE_CREATE")
    await mia.say("general", "twice")
    assert [(await bot.event("MESSAGE_CREATE"))["content"] for _ in range(2)] == ["twice", "twice"]
    faults.reorder_events(name="MESSAGE_CREATE")
    await mia.say("general", "first")
    await mia.say("general", "second")
    assert [(await bot.event("MESSAGE_CREATE"))["content"] for _ in range(2)] == ["second", "first"]
    faults.ask_to_reconnect()
    assert (await bot.frame())["op"] == 7
    faults.invalidate_sessions()
    assert (await bot.frame())["op"] == 9
    faults.refuse_resumes()
    again = await visit.socket("digm")
    await again.resume()
    assert (await again.frame())["op"] == 9


async def test_each_shard_hears_of_its_own_servers_and_shard_0_of_direct_messages(visit: Visit) -> None:
    guild = visit.box.state.guild_named("Workshop")
    own = (guild.id >> 22) % 2
    shards = [await visit.socket("digm", shard=(number, 2)) for number in range(2)]
    await shards[own].event("GUILD_CREATE")
    await visit.rest("mia").say("general", "to one shard")
    assert (await shards[own].event("MESSAGE_CREATE"))["content"] == "to one shard"
    direct = await visit.rest("mia").ask(
        "POST", "/users/@me/channels", {"recipient_id": str(visit.box.person("digm").id)}
    )
    await visit.rest("mia").ask("POST", f"/channels/{direct.data['id']}/messages", {"content": "psst"})
    assert (await shards[0].event("MESSAGE_CREATE"))["content"] == "psst"


async def test_members_can_be_asked_for_by_prefix_and_by_id(visit: Visit) -> None:
    bot, guild = await visit.socket("digm"), visit.box.state.guild_named("Workshop")
    await bot.send(8, {"guild_id": str(guild.id), "query": "a", "limit": 5, "nonce": "n"})
    chunk = await bot.event("GUILD_MEMBERS_CHUNK")
    assert ([one["user"]["username"] for one in chunk["members"]], chunk["nonce"]) == (["ada"], "n")
    await bot.send(8, {"guild_id": str(guild.id), "user_ids": [str(visit.box.person("bob").id), "77"]})
    chunk = await bot.event("GUILD_MEMBERS_CHUNK")
    assert ([one["user"]["username"] for one in chunk["members"]], chunk["not_found"]) == (["bob"], ["77"])


async def test_joining_a_voice_channel_is_heard(visit: Visit) -> None:
    bot, mia = await visit.socket("digm"), await visit.socket("mia")
    guild, lounge = visit.box.state.guild_named("Workshop"), visit.box.state.channel_named("lounge")
    await mia.send(4, {"guild_id": str(guild.id), "channel_id": str(lounge.id)})
    assert (await bot.event("VOICE_STATE_UPDATE"))["channel_id"] == str(lounge.id)
    await mia.send(4, {"guild_id": str(guild.id), "channel_id": None})
    assert (await bot.event("VOICE_STATE_UPDATE"))["channel_id"] is None


async def test_edits_deletes_reactions_and_typing_are_heard(visit: Visit) -> None:
    bot, mia, bob = await visit.socket("digm"), visit.rest("mia"), visit.rest("bob")
    first, second = [(await mia.say("general", text))["id"] for text in ("one", "two")]
    path = f"/channels/{mia.channel('general')}"
    await mia.ask("PATCH", f"{path}/messages/{first}", {"content": "uno"})
    assert (await bot.event("MESSAGE_UPDATE"))["content"] == "uno"
    await mia.ask("PUT", f"{path}/messages/{first}/reactions/%F0%9F%91%80/@me")
    assert (await bot.event("MESSAGE_REACTION_ADD"))["emoji"] == {"id": None, "name": "👀"}
    await mia.ask("POST", f"{path}/typing")
    assert (await bot.event("TYPING_START"))["user_id"] == str(visit.box.person("mia").id)
    third = (await mia.say("general", "three"))["id"]
    await mia.ask("DELETE", f"{path}/messages/{third}")
    assert (await bot.event("MESSAGE_DELETE"))["id"] == third
    gone = await bob.ask("POST", f"{path}/messages/bulk-delete", {"messages": [first, second]})
    assert gone.status == 204
    assert (await bot.event("MESSAGE_DELETE_BULK"))["ids"] == [first, second]
