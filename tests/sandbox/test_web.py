"""What the page asks for, and who may ask."""

import json

import aiohttp
import pytest

from sandbox import Sandbox
from sandbox.description import describe
from sandbox.world_file import World
from tests.sandbox.clients import Visit


async def test_the_page_learns_who_can_be_played_and_where_the_gateway_is(visit: Visit) -> None:
    async with visit.http.get(f"{visit.box.page_url}sandbox/people") as response:
        people = {one["username"]: one for one in await response.json()}
    assert people["mia"]["token"] == "mia-token"
    assert people["digm"]["token"] is None
    assert len(people["mia"]["guild_ids"]) == 1
    async with visit.http.get(f"{visit.box.page_url}sandbox/info") as response:
        info = await response.json()
    assert (info["gateway"], info["api"]) == (visit.box.gateway_url, visit.box.api_url)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_a_page_from_elsewhere_is_turned_away(visit: Visit, headers: dict[str, str]) -> None:
    for path in ("sandbox/people", "api/v10/users/@me", ""):
        async with visit.http.get(visit.box.page_url + path, headers=headers) as response:
            assert response.status == 403


async def test_a_socket_from_elsewhere_is_turned_away(visit: Visit) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await visit.http.ws_connect(visit.box.gateway_url, origin="https://evil.example")


async def test_an_uploaded_page_does_not_run_here(visit: Visit) -> None:
    mia = visit.rest("mia")
    form = aiohttp.FormData()
    form.add_field("files[0]", b"<script>alert(1)</script>", filename="x.html", content_type="text/html")
    sent = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", data=form)
    async with visit.http.get(sent.data["attachments"][0]["url"]) as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_the_page_is_never_an_old_one(visit: Visit) -> None:
    for path in ("", "static/js/main.js", "static/css/base.css"):
        async with visit.http.get(visit.box.page_url + path) as response:
            assert response.headers["Cache-Control"] == "no-cache", path


async def test_a_script_is_told_which_channels_are_private() -> None:
    world = World.model_validate(
        {
            "people": [{"name": "mia"}],
            "guilds": [
                {
                    "name": "Town",
                    "owner": "mia",
                    "members": [{"name": "mia"}],
                    "channels": [
                        {"name": "open"},
                        {"name": "closed", "overwrites": [{"role": "@everyone", "deny": ["VIEW_CHANNEL"]}]},
                    ],
                }
            ],
        }
    )
    async with Sandbox(world) as box:
        told = json.loads(json.dumps(describe(box)))
    private = {channel["name"]: channel["private"] for channel in told["guilds"][0]["channels"]}
    assert private == {"open": False, "closed": True}
    assert told["bot"] is None
