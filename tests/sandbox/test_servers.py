"""Changing a server: channels, threads, roles, members; and what a bot hears of it."""

from tests.sandbox.clients import Rest, Visit

VIEW = 1 << 10


def guild_path(visit: Visit) -> str:
    return f"/guilds/{visit.box.state.guild_named('Workshop').id}"


async def test_a_channel_is_made_renamed_and_deleted(visit: Visit) -> None:
    ada, bot = visit.rest("ada"), await visit.socket("digm")
    made = await ada.ask("POST", f"{guild_path(visit)}/channels", {"name": "plans", "type": 0, "topic": "t"})
    assert made.status == 201
    assert (await bot.event("CHANNEL_CREATE"))["name"] == "plans"
    path = f"/channels/{made.data['id']}"
    assert (await ada.ask("PATCH", path, {"name": "old plans", "topic": None})).data["topic"] is None
    assert (await bot.event("CHANNEL_UPDATE"))["name"] == "old plans"
    assert (await ada.ask("DELETE", path)).status == 200
    assert (await bot.event("CHANNEL_DELETE"))["id"] == made.data["id"]
    assert (await ada.ask("GET", path)).data["code"] == 10003
    refused = await visit.rest("mia").ask("POST", f"{guild_path(visit)}/channels", {"name": "mine"})
    assert refused.data["code"] == 50013


async def test_a_thread_from_a_message_is_heard_and_written_in(visit: Visit) -> None:
    mia, bot = visit.rest("mia"), await visit.socket("digm")
    said = await mia.say("general", "let us go deeper")
    path = f"/channels/{said['channel_id']}/messages/{said['id']}/threads"
    thread = await mia.ask("POST", path, {"name": "deeper"})
    assert thread.data["id"] == said["id"]
    assert (await bot.event("THREAD_CREATE"))["name"] == "deeper"
    inside = f"/channels/{thread.data['id']}"
    assert (await mia.ask("POST", f"{inside}/messages", {"content": "here"})).status == 200
    assert (await mia.ask("POST", path, {"name": "again"})).data["code"] == 160004
    assert (await visit.rest("digm").ask("PUT", f"{inside}/thread-members/@me")).status == 204
    assert (await bot.event("THREAD_MEMBERS_UPDATE"))["added_members"][0]["user_id"] == str(bot_id(visit))
    assert (await mia.ask("PATCH", inside, {"archived": True})).data["thread_metadata"]["archived"]
    active = await mia.ask("GET", f"{guild_path(visit)}/threads/active")
    assert active.data["threads"] == []
    listed = await mia.ask("GET", f"/channels/{said['channel_id']}/threads/archived/public")
    assert [one["name"] for one in listed.data["threads"]] == ["deeper"]
    await mia.ask("POST", f"{inside}/messages", {"content": "and open again"})
    assert not (await mia.ask("GET", inside)).data["thread_metadata"]["archived"]


async def test_a_private_thread_is_for_its_members(visit: Visit) -> None:
    mia, bob = visit.rest("mia"), visit.rest("bob")
    made = await mia.ask("POST", f"/channels/{mia.channel('general')}/threads", {"name": "secret", "type": 12})
    inside = f"/channels/{made.data['id']}"
    assert (await bob.ask("GET", inside)).data["code"] == 50001
    assert (await mia.ask("PUT", f"{inside}/thread-members/{visit.box.person('bob').id}")).status == 204
    assert (await bob.ask("GET", f"{inside}/messages")).status == 200
    assert (await bob.ask("DELETE", f"{inside}/thread-members/@me")).status == 204
    assert (await bob.ask("GET", inside)).data["code"] == 50001


async def test_nobody_manages_roles_at_or_above_their_own(visit: Visit) -> None:
    ada, bot = visit.rest("ada"), visit.rest("digm")
    guild, me = guild_path(visit), bot_id(visit)
    roles = {one["name"]: one["id"] for one in (await ada.ask("GET", f"{guild}/roles")).data}
    assert (await bot.ask("POST", f"{guild}/roles", {"name": "mine"})).data["code"] == 50013
    assert (await ada.ask("PUT", f"{guild}/members/{me}/roles/{roles['bots']}")).status == 204
    mia = visit.box.person("mia").id
    # "bots" stands below "crew", so the bot may not hand out "crew" or itself, but roles below.
    assert (await bot.ask("PUT", f"{guild}/members/{mia}/roles/{roles['crew']}")).data["code"] == 50013
    assert (await bot.ask("PUT", f"{guild}/members/{mia}/roles/{roles['bots']}")).data["code"] == 50013
    made = (await bot.ask("POST", f"{guild}/roles", {"name": "guest", "permissions": "0"})).data
    assert (await bot.ask("PUT", f"{guild}/members/{mia}/roles/{made['id']}")).status == 204
    assert (await ada.ask("GET", f"{guild}/members/{mia}")).data["roles"] == [made["id"]]
    admin = {"name": "king", "permissions": "8"}
    assert (await bot.ask("POST", f"{guild}/roles", admin)).data["code"] == 50013
    assert (await ada.ask("DELETE", f"{guild}/roles/{made['id']}")).status == 204
    assert (await ada.ask("GET", f"{guild}/members/{mia}")).data["roles"] == []


async def test_a_new_role_opens_a_channel_to_its_member_at_once(visit: Visit) -> None:
    ada, mia = visit.rest("ada"), await visit.socket("mia")
    await mia.event("GUILD_CREATE")
    crew = next(one for one in visit.box.state.guild_named("Workshop").roles.values() if one.name == "crew")
    person = visit.box.person("mia").id
    await ada.ask("PUT", f"{guild_path(visit)}/members/{person}/roles/{crew.id}")
    assert (await mia.event("CHANNEL_CREATE"))["name"] == "crew-only"
    assert (await mia.event("GUILD_MEMBER_UPDATE"))["roles"] == [str(crew.id)]


async def test_a_bot_that_is_thrown_out_hears_it_and_loses_everything(visit: Visit) -> None:
    ada, bot, socket = visit.rest("ada"), visit.rest("digm"), await visit.socket("digm")
    assert (await ada.ask("DELETE", f"{guild_path(visit)}/members/{bot_id(visit)}")).status == 204
    assert (await socket.event("GUILD_DELETE"))["id"] in guild_path(visit)
    assert (await bot.ask("GET", guild_path(visit))).data["code"] == 50001
    assert (await bot.ask("GET", f"/channels/{bot.channel('general')}")).data["code"] == 50001


async def test_a_bot_hears_when_it_joins_and_leaves_a_server(visit: Visit) -> None:
    bot, mia = await visit.socket("digm"), await visit.socket("mia")
    await bot.event("GUILD_CREATE")
    visit.box.leave("Workshop", "digm")
    await bot.event("GUILD_DELETE")
    visit.box.join("Workshop", "digm")
    assert (await bot.event("GUILD_CREATE"))["member_count"] == 4
    visit.box.join("Workshop", "loner")
    names = [(await mia.event("GUILD_MEMBER_ADD"))["user"]["username"] for _ in range(2)]
    assert names == ["digm", "loner"]
    await visit.rest("ada").ask("PATCH", guild_path(visit), {"name": "Atelier"})
    assert (await mia.event("GUILD_UPDATE"))["name"] == "Atelier"


async def test_members_are_searched_by_the_start_of_any_name(visit: Visit) -> None:
    found = await visit.rest("digm").ask("GET", f"{guild_path(visit)}/members/search?query=A&limit=10")
    assert [one["user"]["username"] for one in found.data] == ["ada"]


async def test_a_bot_reaches_only_people_it_shares_a_server_with(visit: Visit) -> None:
    bot = visit.rest("digm")

    async def write_to(name: str) -> int:
        channel = await bot.ask("POST", "/users/@me/channels", {"recipient_id": str(visit.box.person(name).id)})
        answer = await bot.ask("POST", f"/channels/{channel.data['id']}/messages", {"content": "hello"})
        return 0 if answer.status == 200 else int(answer.data["code"])

    assert await write_to("mia") == 0
    assert await write_to("loner") == 50007


async def test_slow_mode_holds_people_back_but_not_moderators(visit: Visit) -> None:
    ada, mia, bob = (visit.rest(name) for name in ("ada", "mia", "bob"))
    path = f"/channels/{ada.channel('general')}"
    await ada.ask("PATCH", path, {"rate_limit_per_user": 30})

    async def twice(who: Rest) -> list[int]:
        return [(await who.ask("POST", f"{path}/messages", {"content": "x"})).status for _ in range(2)]

    assert await twice(mia) == [200, 429]
    assert await twice(bob) == [200, 200]


def bot_id(visit: Visit) -> int:
    return visit.box.person("digm").id
