"""Commands as an application registers them, and the richer things a person can put into one."""

import json

import aiohttp

from tests.sandbox.clients import Json, Visit
from tests.sandbox.test_servers import guild_path

PING = {"name": "ping", "description": "Ping"}


def base(visit: Visit) -> Json:
    return {
        "application_id": str(visit.box.person("digm").id),
        "guild_id": guild_path(visit).removeprefix("/guilds/"),
        "channel_id": str(visit.box.state.channel_named("general").id),
    }


async def test_commands_are_made_changed_and_deleted_for_one_server(visit: Visit) -> None:
    bot = visit.rest("digm")
    everywhere = f"/applications/{visit.box.person('digm').id}/commands"
    here = f"/applications/{visit.box.person('digm').id}{guild_path(visit)}/commands"
    made = await bot.ask("POST", here, PING)
    again = await bot.ask("POST", here, {**PING, "description": "Pong"})
    assert (made.status, again.status, again.data["id"]) == (201, 200, made.data["id"])
    changed = await bot.ask("PATCH", f"{here}/{made.data['id']}", {"description": "Poing"})
    assert changed.data["description"] == "Poing"
    assert changed.data["version"] != again.data["version"]
    assert [one["name"] for one in (await bot.ask("GET", here)).data] == ["ping"]
    assert (await bot.ask("GET", everywhere)).data == []
    assert (await bot.ask("DELETE", f"{here}/{made.data['id']}")).status == 204
    assert (await bot.ask("GET", f"{here}/{made.data['id']}")).data["code"] == 10063
    assert (await visit.rest("mia").ask("GET", here)).data["code"] == 20012
    assert (await bot.ask("PUT", here, [PING, PING])).data["code"] == 50035
    assert (await bot.ask("PUT", here, {"name": "no list"})).data["code"] == 50035


async def test_a_message_command_brings_its_message(visit: Visit) -> None:
    bot, mia, socket = visit.rest("digm"), visit.rest("mia"), await visit.socket("digm")
    path = f"/applications/{visit.box.person('digm').id}/commands"
    (command,) = (await bot.ask("PUT", path, [{"name": "Remember This", "type": 3}])).data
    said = await mia.say("general", "worth keeping")
    data = {"id": command["id"], "name": "Remember This", "type": 3, "target_id": said["id"]}
    assert (await mia.ask("POST", "/interactions", {**base(visit), "type": 2, "data": data})).status == 204
    event = await socket.event("INTERACTION_CREATE")
    assert event["data"]["resolved"]["messages"][said["id"]]["content"] == "worth keeping"


async def test_a_file_can_be_handed_to_a_command(visit: Visit) -> None:
    bot, mia, socket = visit.rest("digm"), visit.rest("mia"), await visit.socket("digm")
    options = [{"type": 11, "name": "file", "description": "Which", "required": True}]
    path = f"/applications/{visit.box.person('digm').id}/commands"
    (command,) = (await bot.ask("PUT", path, [{**PING, "options": options}])).data
    given = [{"type": 11, "name": "file", "value": "0"}]
    data = {"id": command["id"], "name": "ping", "type": 1, "options": given, "attachments": [{"id": "0"}]}
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({**base(visit), "type": 2, "data": data}))
    form.add_field("files[0]", b"inside", filename="in.txt")
    assert (await mia.ask("POST", "/interactions", data=form)).status == 204
    event = await socket.event("INTERACTION_CREATE")
    async with visit.http.get(event["data"]["resolved"]["attachments"]["0"]["url"]) as response:
        assert await response.read() == b"inside"


async def test_a_menu_offers_people_and_refuses_what_it_did_not_offer(visit: Visit) -> None:
    bot, mia, socket = visit.rest("digm"), visit.rest("mia"), await visit.socket("digm")
    rows = [
        {"type": 1, "components": [{"type": 5, "custom_id": "who"}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "what", "options": [{"label": "A", "value": "a"}]}]},
    ]
    said = await bot.say("general", "choose", components=rows)

    async def pick(custom_id: str, *values: str) -> int:
        data = {"component_type": 5, "custom_id": custom_id, "values": list(values)}
        body = {**base(visit), "type": 3, "message_id": said["id"], "data": data}
        return (await mia.ask("POST", "/interactions", body)).status

    bob = str(visit.box.person("bob").id)
    assert await pick("who", bob) == 204
    assert (await socket.event("INTERACTION_CREATE"))["data"]["resolved"]["members"][bob]
    assert await pick("what", "a") == 204
    chosen = (await socket.event("INTERACTION_CREATE"))["data"]
    assert chosen["values"] == ["a"]
    assert "resolved" not in chosen, "discord.py takes its items for the values, and loses these"
    assert await pick("what", "z") == 400
    assert await pick("what") == 400
    assert await pick("nothing", "a") == 400
    assert (await bot.ask("POST", "/interactions", {**base(visit), "type": 3})).data["code"] == 20001
    assert (await mia.ask("POST", "/interactions", {**base(visit), "type": 99})).data["code"] == 50035
