"""Answers checked against Discord's own schemas, where DIGMBOT_DISCORD_SCHEMAS names the file with them."""

import json
import os
from functools import cache
from pathlib import Path

import aiohttp
import jsonschema
import pytest

from tests.sandbox.clients import Json, Visit

FILE = os.environ.get("DIGMBOT_DISCORD_SCHEMAS", "")
pytestmark = pytest.mark.skipif(not FILE, reason="DIGMBOT_DISCORD_SCHEMAS names no file")


@cache
def schemas() -> Json:
    return json.loads(Path(FILE).read_text(encoding="utf-8"))["$defs"]


def conforms(data: Json, name: str) -> None:
    # Not jsonschema.validate, which would check all of Discord's schemas against the meta-schema each time.
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas()}).validate(data)  # pyright: ignore[reportUnknownMemberType]


async def test_accounts_servers_and_channels_look_as_discord_says(visit: Visit) -> None:
    bot, mia, state = visit.rest("digm"), visit.rest("mia"), visit.box.state
    guild, general = state.guild_named("Workshop").id, state.channel_named("general").id
    for path, name in [
        ("/users/@me", "UserPIIResponse"),
        (f"/users/{visit.box.person('mia').id}", "UserResponse"),
        ("/oauth2/applications/@me", "PrivateApplicationResponse"),
        ("/applications/@me", "PrivateApplicationResponse"),
        ("/gateway", "GatewayResponse"),
        ("/gateway/bot", "GatewayBotResponse"),
        (f"/guilds/{guild}", "GuildResponse"),
        (f"/guilds/{guild}?with_counts=true", "GuildWithCountsResponse"),
        (f"/guilds/{guild}/members/{visit.box.person('bob').id}", "GuildMemberResponse"),
        (f"/channels/{general}", "GuildChannelResponse"),
    ]:
        conforms((await bot.ask("GET", path)).data, name)
    for path, name in [
        (f"/guilds/{guild}/channels", "GuildChannelResponse"),
        (f"/guilds/{guild}/roles", "GuildRoleResponse"),
        (f"/guilds/{guild}/members?limit=10", "GuildMemberResponse"),
        ("/users/@me/guilds", "MyGuildResponse"),
        (f"/channels/{general}/messages", "MessageResponse"),
    ]:
        listed = (await mia.ask("GET", path)).data
        assert listed
        for one in listed:
            conforms(one, name)
    direct = await mia.ask("POST", "/users/@me/channels", {"recipient_id": str(visit.box.person("digm").id)})
    conforms(direct.data, "PrivateChannelResponse")


async def test_every_kind_of_message_looks_as_discord_says(visit: Visit) -> None:
    bot, mia = visit.rest("digm"), visit.rest("mia")
    asked = await mia.say("general", f"<@{visit.box.person('digm').id}> hm?")
    conforms(asked, "MessageResponse")
    rows = [
        {
            "type": 1,
            "components": [{"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"}],
        },
        {"type": 1, "components": [{"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]}]},
    ]
    embed = {"title": "T", "description": "D", "color": 255, "fields": [{"name": "n", "value": "v"}]}
    said = await bot.say(
        "general", "well", message_reference={"message_id": asked["id"]}, embeds=[embed], components=rows, nonce="1"
    )
    conforms(said, "MessageResponse")
    container = {"type": 17, "components": [{"type": 10, "content": "# hi"}]}
    conforms(await bot.say("general", "", components=[container], flags=1 << 15), "MessageResponse")
    form = aiohttp.FormData()
    form.add_field("files[0]", b"x", filename="a.txt")
    path = f"/channels/{asked['channel_id']}/messages"
    conforms((await mia.ask("POST", path, data=form)).data, "MessageResponse")
    await mia.ask("PUT", f"{path}/{asked['id']}/reactions/%F0%9F%91%80/@me")
    conforms((await bot.ask("GET", f"{path}/{asked['id']}")).data, "MessageResponse")
    await visit.rest("bob").ask("PUT", f"{path}/pins/{asked['id']}")
    conforms((await bot.ask("GET", f"{path}/pins")).data, "PinnedMessagesResponse")


async def test_threads_commands_and_errors_look_as_discord_says(visit: Visit) -> None:
    bot, mia = visit.rest("digm"), visit.rest("mia")
    said = await mia.say("general", "a topic of its own")
    path = f"/channels/{said['channel_id']}"
    thread = (await mia.ask("POST", f"{path}/messages/{said['id']}/threads", {"name": "topic"})).data
    conforms(thread, "ThreadResponse")
    conforms((await mia.ask("GET", f"{path}/messages/{said['id']}")).data, "MessageResponse")
    conforms((await mia.ask("GET", f"/channels/{thread['id']}/messages")).data[-1], "MessageResponse")
    guild = visit.box.state.guild_named("Workshop").id
    conforms((await mia.ask("GET", f"/guilds/{guild}/threads/active")).data, "ThreadsResponse")
    for member in (await mia.ask("GET", f"/channels/{thread['id']}/thread-members?with_member=true")).data:
        conforms(member, "ThreadMemberResponse")
    command = {"name": "ask", "description": "Ask", "options": [{"type": 3, "name": "q", "description": "What"}]}
    commands = await bot.ask("PUT", f"/applications/{visit.box.person('digm').id}/commands", [command])
    conforms(commands.data[0], "ApplicationCommandResponse")
    conforms((await mia.ask("GET", "/channels/77")).data, "ErrorResponse")
