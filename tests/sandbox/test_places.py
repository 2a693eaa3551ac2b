"""Channels, forums and threads: order, categories, overwrites, posts."""

from tests.sandbox.clients import Json, Visit
from tests.sandbox.test_servers import guild_path


async def made(visit: Visit, **body: Json) -> Json:
    answer = await visit.rest("ada").ask("POST", f"{guild_path(visit)}/channels", body)
    assert answer.status == 201, answer.data
    return answer.data


async def test_a_channel_in_a_category_takes_its_overwrites(visit: Visit) -> None:
    guild = visit.box.state.guild_named("Workshop").id
    hidden = [{"id": str(guild), "type": 0, "allow": "0", "deny": str(1 << 10)}]
    category = await made(visit, name="Backstage", type=4, permission_overwrites=hidden)
    channel = await made(visit, name="stage", type=0, parent_id=category["id"])
    assert channel["permission_overwrites"] == hidden
    assert (await visit.rest("mia").ask("GET", f"/channels/{channel['id']}")).data["code"] == 50001
    assert (await visit.rest("ada").ask("DELETE", f"/channels/{category['id']}")).status == 200
    assert (await visit.rest("ada").ask("GET", f"/channels/{channel['id']}")).data["parent_id"] is None
    refused = await visit.rest("ada").ask("POST", f"{guild_path(visit)}/channels", {"name": "x", "parent_id": "77"})
    assert refused.data["code"] == 50035


async def test_channels_are_moved_together(visit: Visit) -> None:
    ada, general = visit.rest("ada"), visit.rest("ada").channel("general")
    answer = await ada.ask("PATCH", f"{guild_path(visit)}/channels", [{"id": str(general), "position": 7}])
    assert answer.status == 204
    assert (await ada.ask("GET", f"/channels/{general}")).data["position"] == 7


async def test_overwrites_need_a_known_target_and_held_permissions(visit: Visit) -> None:
    ada, mia = visit.rest("ada"), visit.rest("mia")
    path = f"/channels/{ada.channel('general')}/permissions"
    body = {"type": 1, "allow": "0", "deny": "2048"}
    assert (await ada.ask("PUT", f"{path}/77", body)).data["code"] == 10009
    assert (await ada.ask("DELETE", f"{path}/77")).data["code"] == 10009
    me = visit.box.person("mia").id
    assert (await mia.ask("PUT", f"{path}/{me}", body)).data["code"] == 50013
    assert (await ada.ask("PUT", f"{path}/{me}", body)).status == 204
    refused = await mia.ask("POST", f"/channels/{ada.channel('general')}/messages", {"content": "hi"})
    assert refused.data["code"] == 50013


async def test_a_forum_takes_posts_and_no_messages(visit: Visit) -> None:
    forum, mia = await made(visit, name="questions", type=15), visit.rest("mia")
    path = f"/channels/{forum['id']}"
    assert (await mia.ask("POST", f"{path}/messages", {"content": "hm"})).data["code"] == 50008
    post = await mia.ask("POST", f"{path}/threads", {"name": "How?", "message": {"content": "Like this?"}})
    assert (post.status, post.data["message"]["content"]) == (201, "Like this?")
    assert post.data["message"]["id"] == post.data["id"]
    empty = await mia.ask("POST", f"{path}/threads", {"name": "Empty", "message": {"content": ""}})
    assert empty.data["code"] == 50006
    active = await mia.ask("GET", f"{guild_path(visit)}/threads/active")
    assert [one["name"] for one in active.data["threads"]] == ["How?"]


async def test_a_locked_thread_is_for_who_manages_threads(visit: Visit) -> None:
    mia, ada = visit.rest("mia"), visit.rest("ada")
    thread = await mia.ask("POST", f"/channels/{mia.channel('general')}/threads", {"name": "open", "type": 11})
    path = f"/channels/{thread.data['id']}"
    assert (await visit.rest("bob").ask("PATCH", path, {"name": "bob's"})).data["code"] == 50013
    assert (await mia.ask("PATCH", path, {"locked": True})).data["code"] == 50013
    assert (await ada.ask("PATCH", path, {"locked": True, "archived": True})).status == 200
    assert (await mia.ask("POST", f"{path}/messages", {"content": "hi"})).data["code"] == 50083
    assert (await mia.ask("DELETE", path)).data["code"] == 50013
    bot = await visit.socket("digm")
    assert (await ada.ask("DELETE", path)).status == 200
    assert (await bot.event("THREAD_DELETE"))["id"] == thread.data["id"]
    assert (await mia.ask("POST", f"/channels/{mia.channel('general')}/threads", {"type": 11})).data["code"] == 50035


async def test_reactions_are_cleared_by_moderators(visit: Visit) -> None:
    mia, bob, bot = visit.rest("mia"), visit.rest("bob"), await visit.socket("digm")
    said = await mia.say("general", "vote")
    path = f"/channels/{said['channel_id']}/messages/{said['id']}/reactions"
    for emoji in ("%F0%9F%91%8D", "%F0%9F%91%8E", "party:77"):
        assert (await mia.ask("PUT", f"{path}/{emoji}/@me")).status == 204
    assert (await mia.ask("DELETE", path)).data["code"] == 50013
    assert (await bob.ask("DELETE", f"{path}/party:77")).status == 204
    assert (await bot.event("MESSAGE_REACTION_REMOVE_EMOJI"))["emoji"] == {"id": "77", "name": "party"}
    someone = visit.box.person("mia").id
    assert (await bob.ask("DELETE", f"{path}/%F0%9F%91%8D/{someone}")).status == 204
    assert (await bot.event("MESSAGE_REACTION_REMOVE"))["user_id"] == str(someone)
    assert (await bob.ask("DELETE", path)).status == 204
    assert await bot.event("MESSAGE_REACTION_REMOVE_ALL")
