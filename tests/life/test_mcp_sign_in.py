"""Signing in to an outside server with one's own account, in the running bot: asked for, done in a browser, used."""

import re
import socket
from html import unescape

import httpx2

from sandbox.models import Message
from tests.bot.mcp.test_sign_in import url_of
from tests.life.hand import Hand
from tests.life.house import House, eventually
from tests.life.model import call, say
from tests.mcp_servers.outside.authority import Authority
from tests.mcp_servers.outside.served import served


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def notes(port: int, endpoint: int, **more: object) -> dict[str, object]:
    server = {"url": f"http://127.0.0.1:{port}/mcp", "auth": "user", "allow_private": True, "approval": "never"}
    return {"servers": {"notes": {**server, **more}}, "serve": {"enabled": True, "port": endpoint}}


async def browse(link: Message) -> None:
    """As a person does: open it, agree there, come back, confirm."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        away = await browser.get(url_of(link))
        page = await browser.get(away.headers["location"])
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        done = await browser.post(page.url, data={name: unescape(value) for name, value in fields.items()})
        assert done.status_code == 200, done.text


async def test_a_call_asks_for_a_sign_in_privately_and_the_next_one_is_made_with_that_account(home: House) -> None:
    authority = Authority(visitor="mia@notes")
    home.model.on("who am I", call("notes__sign_in"), say("Sign in first."))
    home.model.on("and now", call("notes__whoami"), say("You are known."))
    async with served(authority.app) as port, home.bot(mcp=notes(port, free_port())):
        asked = await home.mention("mia", "general", "who am I there?")
        await home.answer(asked, "Sign in first.")
        link = await home.spoken(await home.direct("mia"), lambda text: "sign in at" in text)
        assert "sent you the link privately" in (await home.model.wait_for("who am I", results=1)).results[0]
        await browse(link)
        await home.spoken(await home.direct("mia"), lambda text: "You are signed in to **notes**" in text)

        asked = await home.mention("mia", "general", "and now, who?")
        await home.answer(asked, "You are known.")

    assert authority.calls == ["mia@notes"]
    assert [text for text in home.texts("general") if "sign in at" in text] == []


async def test_commands_sign_in_and_out_and_only_owners_do_it_for_everybody(home: House) -> None:
    authority = Authority(visitor="ada@notes")
    owner = {"bot_owners": [home.box.person("ada").id]}
    async with (
        served(authority.app) as port,
        home.bot(mcp=notes(port, free_port(), auth="bot"), general=owner),
    ):
        ada, mia = Hand(home, "ada"), Hand(home, "mia")
        await mia.command("mcp", "sign-in", server="notes")
        await mia.whispered(lambda text: text == "Only an owner of the bot signs in to notes, for everybody.")
        await mia.command("mcp", "sign-out", server="elsewhere")
        await mia.whispered(lambda text: text.startswith("There is no such server that you can sign in to here"))
        await ada.command("mcp", "sign-in", server="notes")
        await browse(await ada.whispered(lambda text: "sign in at" in text))
        await ada.whispered(lambda text: "You are signed in to **notes**" in text)
        await eventually(lambda: uses(home, authority))
        await mia.command("mcp", "sign-out", server="notes")
        await mia.whispered(lambda text: text == "Only an owner of the bot signs in to notes, for everybody.")
        await ada.command("mcp", "sign-out", server="notes")
        await ada.whispered(lambda text: text == "You are signed out of notes.")


async def uses(home: House, authority: Authority) -> bool:
    """Anybody's call goes by the shared account."""
    home.model.on("try it", call("notes__whoami"), say("Tried."))
    asked = await home.mention("mia", "general", "try it")
    await home.answer(asked, "Tried.")
    return authority.calls[-1:] == ["ada@notes"]
