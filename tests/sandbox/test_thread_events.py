"""What a bot is told of threads: those that it comes to see, and who is in them if it may know of members."""

from tests.sandbox.clients import Json, Visit

ALL_INTENTS, MEMBERS = (1 << 26) - 1, 1 << 1


async def private_thread(visit: Visit) -> Json:
    ada = visit.rest("ada")
    answer = await ada.ask("POST", f"/channels/{ada.channel('general')}/threads", {"name": "whispers", "type": 12})
    assert answer.status == 201, answer.data
    return answer.data


async def hold(visit: Visit, verb: str, role: str) -> None:
    guild = visit.box.state.guild_named("Workshop")
    role_id = next(each.id for each in guild.roles.values() if each.name == role)
    path = f"/guilds/{guild.id}/members/{visit.box.person('digm').id}/roles/{role_id}"
    assert (await visit.rest("ada").ask(verb, path)).status == 204


async def test_a_bot_that_comes_to_manage_threads_is_told_of_the_private_ones(visit: Visit) -> None:
    thread, bot = await private_thread(visit), await visit.socket("digm")
    assert (await bot.event("GUILD_CREATE"))["threads"] == []
    await hold(visit, "PUT", "bots")

    synced = await bot.event("THREAD_LIST_SYNC")
    assert [each["id"] for each in synced["threads"]] == [thread["id"]]
    assert synced["channel_ids"] == [thread["parent_id"]]
    assert synced["members"] == []


async def test_who_enters_and_leaves_a_thread_is_told_to_bots_that_may_know_of_members(visit: Visit) -> None:
    await hold(visit, "PUT", "bots")
    thread, knowing = await private_thread(visit), await visit.socket("digm")
    other = await visit.socket("digm", intents=ALL_INTENTS & ~MEMBERS)
    mia, digm = visit.box.person("mia").id, visit.box.person("digm").id
    path = f"/channels/{thread['id']}/thread-members"
    for person in (mia, digm):
        assert (await visit.rest("ada").ask("PUT", f"{path}/{person}")).status == 204

    assert (await knowing.event("THREAD_MEMBERS_UPDATE"))["added_members"][0]["user_id"] == str(mia)
    assert (await other.event("THREAD_MEMBERS_UPDATE"))["added_members"][0]["user_id"] == str(digm)
