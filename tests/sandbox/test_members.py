"""Members and roles: nicknames, time-outs, bans, order, and who may change whom."""

from datetime import UTC, datetime, timedelta

from tests.sandbox.clients import Json, Visit
from tests.sandbox.test_servers import guild_path


async def roles_of(visit: Visit) -> dict[str, Json]:
    return {one["name"]: one for one in (await visit.rest("ada").ask("GET", f"{guild_path(visit)}/roles")).data}


async def test_people_name_themselves_but_not_each_other(visit: Visit) -> None:
    mia, ada, guild = visit.rest("mia"), visit.rest("ada"), guild_path(visit)
    named = await mia.ask("PATCH", f"{guild}/members/@me", {"nick": "Mimi"})
    assert named.data["nick"] == "Mimi"
    bob = visit.box.person("bob").id
    assert (await mia.ask("PATCH", f"{guild}/members/{bob}", {"nick": "Bobby"})).data["code"] == 50013
    assert (await ada.ask("PATCH", f"{guild}/members/{bob}", {"nick": "Bobby"})).data["nick"] == "Bobby"
    assert (await ada.ask("PATCH", f"{guild}/members/{bob}", {"nick": "x" * 33})).data["code"] == 50035
    assert (await ada.ask("PATCH", f"{guild}/members/77", {"nick": "x"})).data["code"] == 10007


async def test_a_time_out_silences(visit: Visit) -> None:
    ada, mia = visit.rest("ada"), visit.rest("mia")
    until = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    path = f"{guild_path(visit)}/members/{visit.box.person('mia').id}"
    assert (await ada.ask("PATCH", path, {"communication_disabled_until": until})).status == 200
    speak = f"/channels/{mia.channel('general')}/messages"
    assert (await mia.ask("POST", speak, {"content": "mmh"})).data["code"] == 50013
    assert (await mia.ask("GET", speak)).status == 200
    assert (await ada.ask("PATCH", path, {"communication_disabled_until": None})).status == 200
    assert (await mia.ask("POST", speak, {"content": "free"})).status == 200


async def test_a_ban_throws_out_until_it_is_lifted(visit: Visit) -> None:
    ada, mia, socket = visit.rest("ada"), visit.rest("mia"), await visit.socket("bob")
    path = f"{guild_path(visit)}/bans/{visit.box.person('mia').id}"
    assert (await visit.rest("bob").ask("PUT", path)).data["code"] == 50013
    assert (await ada.ask("PUT", path)).status == 204
    assert await socket.quiet_until("GUILD_BAN_ADD")
    assert "GUILD_MEMBER_REMOVE" in [event["t"] for event in socket.events]
    assert (await mia.ask("GET", guild_path(visit))).data["code"] == 50001
    assert (await ada.ask("DELETE", path)).status == 204
    assert (await ada.ask("DELETE", path)).data["code"] == 10026
    owner = f"{guild_path(visit)}/members/{visit.box.person('ada').id}"
    assert (await visit.rest("bob").ask("DELETE", owner)).data["code"] == 50013


async def test_roles_are_changed_moved_and_deleted(visit: Visit) -> None:
    ada, guild, bot = visit.rest("ada"), guild_path(visit), await visit.socket("digm")
    crew = (await roles_of(visit))["crew"]
    changed = await ada.ask("PATCH", f"{guild}/roles/{crew['id']}", {"name": "team", "color": 255, "hoist": True})
    assert (changed.data["name"], changed.data["color"], changed.data["hoist"]) == ("team", 255, True)
    assert (await bot.event("GUILD_ROLE_UPDATE"))["role"]["name"] == "team"
    moved = await ada.ask("PATCH", f"{guild}/roles", [{"id": crew["id"], "position": 9}])
    assert next(one for one in moved.data if one["id"] == crew["id"])["position"] == 9
    assert (await ada.ask("DELETE", f"{guild}/roles/{crew['id']}")).status == 204
    assert (await bot.event("GUILD_ROLE_DELETE"))["role_id"] == crew["id"]
    assert (await ada.ask("GET", f"{guild}/roles/{crew['id']}")).data["code"] == 10011
    everyone = (await roles_of(visit))["@everyone"]["id"]
    assert (await ada.ask("DELETE", f"{guild}/roles/{everyone}")).data["code"] == 50013
    assert (await ada.ask("PATCH", f"{guild}/roles", [{"position": 1}])).data["code"] == 50035


async def test_somebody_who_leaves_is_gone(visit: Visit) -> None:
    mia, guild = visit.rest("mia"), guild_path(visit)
    assert (await mia.ask("DELETE", f"/users/@me/guilds{guild.removeprefix('/guilds')}")).status == 204
    assert (await mia.ask("GET", "/users/@me/guilds")).data == []
    kept = await visit.rest("ada").ask("DELETE", f"/users/@me/guilds{guild.removeprefix('/guilds')}")
    assert kept.data["code"] == 50013  # the owner stays
